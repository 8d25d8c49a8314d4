// An audience is the fixed one of other tokens.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", verify_audience = "usermgr:invitation")]
impl Accounts {}

fn main() {}
