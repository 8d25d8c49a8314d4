// The path of the crate is relative.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", crate = vendored::usermgr)]
impl Accounts {}

fn main() {}
