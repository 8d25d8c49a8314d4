// A setting is misspelled.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secrt = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

fn main() {}
