// A constant audience is the default of another.
use usermgr::prelude::*;

const AUDIENCE: &str = "usermgr:verify";

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", reset_audience = AUDIENCE)]
impl Accounts {}

fn main() {}
