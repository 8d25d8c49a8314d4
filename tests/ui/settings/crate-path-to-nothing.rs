// The path of the crate does not exist.
// Remedy: name the crate as `Cargo.toml` does
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", crate = ::user_manager)]
impl Accounts {}

fn main() {}
