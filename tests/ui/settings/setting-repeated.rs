// A setting is repeated.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", reset_secret = "fedcba9876543210fedcba9876543210")]
impl Accounts {}

fn main() {}
