// The path of the crate leads to another crate.
// Remedy: name the crate as `Cargo.toml` does
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", crate = ::std)]
impl Accounts {}

fn main() {}
