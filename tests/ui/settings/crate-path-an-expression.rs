// The path of the crate is an expression.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", crate = 5)]
impl Accounts {}

fn main() {}
