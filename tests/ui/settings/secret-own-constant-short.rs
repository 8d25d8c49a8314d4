// A constant of the manager is too short.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = Self::SECRET)]
impl Accounts {
    const SECRET: &'static str = "too short";
}

fn main() {}
