// A lifetime is too long.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", reset_lifetime = 99999999999999999999)]
impl Accounts {}

fn main() {}
