// A constant lifetime is zero.
// Remedy: write a number of seconds, such as `3600`
use usermgr::prelude::*;

const LIFETIME: u64 = 0;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", reset_lifetime = LIFETIME)]
impl Accounts {}

fn main() {}
