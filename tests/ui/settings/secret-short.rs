// A secret is too short.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "hunter2")]
impl Accounts {}

fn main() {}
