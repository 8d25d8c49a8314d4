// A computed lifetime is zero.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", reset_lifetime = 60 * 0)]
impl Accounts {}

fn main() {}
