// The block is unsafe.
// Remedy: remove `unsafe`
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
unsafe impl Accounts {}

fn main() {}
