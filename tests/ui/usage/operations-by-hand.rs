// The operations are implemented by hand.
// Remedy: use a hook to change what an operation does
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

impl Operations for Accounts {}

fn main() {}
