// A constant secret is empty.
// Remedy: use at least 32 random bytes
use usermgr::prelude::*;

const SECRET: &str = "";

struct Accounts {
    engine: Engine,
}

#[user_manager(secret = SECRET)]
impl Accounts {}

fn main() {}
