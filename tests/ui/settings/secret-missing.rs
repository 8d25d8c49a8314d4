// No secret is set.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(verify_audience = "shop:verify")]
impl Accounts {}

fn main() {}
