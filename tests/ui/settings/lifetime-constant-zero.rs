// A constant lifetime is zero.
use usermgr::prelude::*;

const LIFETIME: u64 = 0;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", reset_lifetime = LIFETIME)]
impl Accounts {}

fn main() {}
