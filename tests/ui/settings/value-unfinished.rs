// The value is not an expression.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = if)]
impl Accounts {}

fn main() {}
