// A constant lifetime has the wrong type.
// Remedy: make it a `u64` of seconds or a `Duration`
use usermgr::prelude::*;

const LIFETIME: u32 = 3600;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", reset_lifetime = LIFETIME)]
impl Accounts {}

fn main() {}
