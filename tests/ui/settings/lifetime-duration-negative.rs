// A lifetime is a negative `Duration`.
// Remedy: write a positive number
use std::time::Duration;
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", reset_lifetime = Duration::from_secs(-1))]
impl Accounts {}

fn main() {}
