// There is no value after the equals sign.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret =)]
impl Accounts {}

fn main() {}
