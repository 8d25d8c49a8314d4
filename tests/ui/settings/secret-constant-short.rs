// A constant secret is too short.
use usermgr::prelude::*;

const SECRET: &str = "hunter2";

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = SECRET)]
impl Accounts {}

fn main() {}
