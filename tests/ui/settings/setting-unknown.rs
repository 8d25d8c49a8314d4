// A setting does not exist.
// Remedy: use one of the [settings]
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", colour = 1)]
impl Accounts {}

fn main() {}
