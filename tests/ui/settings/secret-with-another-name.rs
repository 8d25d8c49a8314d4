// The secret has another name.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(secret_key = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

fn main() {}
