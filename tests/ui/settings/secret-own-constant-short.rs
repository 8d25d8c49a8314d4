// A constant secret of the manager itself is too short.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = Self::SECRET)]
impl Accounts {
    const SECRET: &'static str = "too short";
}

fn main() {}
