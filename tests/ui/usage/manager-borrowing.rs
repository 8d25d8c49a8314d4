// The manager borrows.
// Remedy: own the data, or borrow it for `'static`
use usermgr::prelude::*;

struct Accounts<'a> {
    engine: Engine,
    name: &'a str,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl<'a> Accounts<'a> {}

fn main() {}
