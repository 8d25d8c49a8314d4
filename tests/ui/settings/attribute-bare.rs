// The attribute has no settings.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager]
impl Accounts {}

fn main() {}
