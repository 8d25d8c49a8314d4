// There is a path instead of a setting.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", config::verify_audience = "shop:verify")]
impl Accounts {}

fn main() {}
