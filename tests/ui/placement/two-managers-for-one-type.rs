// One type is made a manager twice.
// Remedy: merge the two blocks, or leave the attribute off the second
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

fn main() {}
