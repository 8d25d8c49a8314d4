// A function is named but not called.
// Remedy: call it
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = make_secret)]
impl Accounts {}

fn make_secret() -> String {
    String::from("0123456789abcdef0123456789abcdef")
}

fn main() {}
