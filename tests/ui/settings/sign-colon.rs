// The sign between a setting and its value is a colon.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret: "0123456789abcdef0123456789abcdef")]
impl Accounts {}

fn main() {}
