// A constant secret is optional.
// Remedy: use `Secret::env`, or provide a value for `None`
use usermgr::prelude::*;

const SECRET: Option<&str> = option_env!("SECRET");
const OTHER: Option<&str> = None;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = SECRET, verify_secret = OTHER)]
impl Accounts {}

fn main() {}
