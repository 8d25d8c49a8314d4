// A lifetime is a `Duration` of zero.
use std::time::Duration;
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", reset_lifetime = Duration::from_secs(0))]
impl Accounts {}

fn main() {}
