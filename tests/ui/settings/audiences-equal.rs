// Two audiences are the same.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", reset_audience = "shop", verify_audience = "shop")]
impl Accounts {}

fn main() {}
