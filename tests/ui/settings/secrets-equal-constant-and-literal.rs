// A constant secret has the value of a literal one.
use usermgr::prelude::*;

const VERIFY: &str = "0123456789abcdef0123456789abcdef";

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", verify_secret = VERIFY)]
impl Accounts {}

fn main() {}
