// A constant audience is empty.
use usermgr::prelude::*;

const AUDIENCE: &str = "";

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", verify_audience = AUDIENCE)]
impl Accounts {}

fn main() {}
