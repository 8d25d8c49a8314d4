// An audience is empty.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", verify_audience = "")]
impl Accounts {}

fn main() {}
