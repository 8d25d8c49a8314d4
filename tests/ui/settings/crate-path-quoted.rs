// The path of the crate is quoted.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", crate = "::usermgr")]
impl Accounts {}

fn main() {}
