// A constant secret is empty.
use usermgr::prelude::*;

const SECRET: &str = "";

struct Accounts {
    engine: Engine,
}

#[user_manager(secret = SECRET)]
impl Accounts {}

fn main() {}
