// The manager holds what threads cannot share.
// Remedy: use what can be shared, such as an atomic or a `Mutex`
use std::cell::Cell;
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
    calls: Cell<u32>,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

fn main() {}
