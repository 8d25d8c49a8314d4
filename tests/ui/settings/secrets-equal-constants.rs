// Two constant secrets have the same value.
use usermgr::prelude::*;

const RESET: &str = "0123456789abcdef0123456789abcdef";
const VERIFY: &str = "0123456789abcdef0123456789abcdef";

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = RESET, verify_secret = VERIFY)]
impl Accounts {}

fn main() {}
