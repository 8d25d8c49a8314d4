// The attribute is on a struct.
use usermgr::prelude::*;

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
pub struct Accounts {
    engine: Engine,
}

fn main() {}
