// The file of a secret does not exist.
// Remedy: write its path relative to this file, or read it at run time: `Secret::env_or_file`
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = include_str!("no-such-file"), verify_secret = "abcdef0123456789abcdef0123456789")]
impl Accounts {}

fn main() {}
