// The manager has no engine.
// Remedy: add the field `engine: Engine`
use usermgr::prelude::*;

struct Accounts {
    name: String,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

fn main() {}
