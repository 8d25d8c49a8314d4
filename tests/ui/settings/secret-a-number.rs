// A secret is a number.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = 42)]
impl Accounts {}

fn main() {}
