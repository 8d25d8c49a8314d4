// The engine is not an `Engine`.
// Remedy: make the field an `Engine`
use usermgr::prelude::*;

struct Accounts {
    engine: String,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

fn main() {}
