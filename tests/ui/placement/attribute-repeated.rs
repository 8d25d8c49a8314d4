// The block has the attribute twice.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
#[user_manager(verify_audience = "shop:verify")]
impl Accounts {}

fn main() {}
