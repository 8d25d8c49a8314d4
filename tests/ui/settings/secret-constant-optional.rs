// A constant secret is optional.
// Remedy: write `Secret::env`, or decide what holds without it
use usermgr::prelude::*;

const SECRET: Option<&str> = option_env!("SECRET");
const OTHER: Option<&str> = None;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = SECRET, verify_secret = OTHER)]
impl Accounts {}

fn main() {}
