// There is a literal instead of a setting.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager("0123456789abcdef0123456789abcdef")]
impl Accounts {}

fn main() {}
