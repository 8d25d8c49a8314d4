// A constant of the manager does not exist.
// Remedy: declare it in the block
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = Self::SECRET)]
impl Accounts {}

fn main() {}
