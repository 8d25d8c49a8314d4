// A hook is const.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    const fn on_after_register(&self, _: &User) {}
}

fn main() {}
