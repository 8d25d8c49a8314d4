// A setting is written as a raw identifier.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(r#reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

fn main() {}
