// Two constant audiences have the same value.
use usermgr::prelude::*;

const RESET: &str = "shop";
const VERIFY: &str = "shop";

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", reset_audience = RESET, verify_audience = VERIFY)]
impl Accounts {}

fn main() {}
