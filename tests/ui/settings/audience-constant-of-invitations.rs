// A constant audience is the fixed one of other tokens.
use usermgr::prelude::*;

const AUDIENCE: &str = "usermgr:invitation";

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", verify_audience = AUDIENCE)]
impl Accounts {}

fn main() {}
