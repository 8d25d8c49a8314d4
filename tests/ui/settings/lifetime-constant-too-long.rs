// A constant lifetime is too long.
use std::time::Duration;
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", verify_lifetime = Duration::MAX)]
impl Accounts {}

fn main() {}
