// A secret is a byte string.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = b"0123456789abcdef0123456789abcdef")]
impl Accounts {}

fn main() {}
