// A secret is empty.
// Remedy: use at least 32 random bytes
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "")]
impl Accounts {}

fn main() {}
