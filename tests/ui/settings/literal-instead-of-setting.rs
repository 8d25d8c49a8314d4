// A literal stands where a setting should.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager("0123456789abcdef0123456789abcdef")]
impl Accounts {}

fn main() {}
