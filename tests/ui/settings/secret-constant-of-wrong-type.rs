// A constant secret is not a string.
// Remedy: make it a `&str`
use usermgr::prelude::*;

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = SECRET)]
impl Accounts {}

fn main() {}
