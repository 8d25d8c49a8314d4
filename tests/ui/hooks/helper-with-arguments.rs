// `#[helper]` has arguments.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    #[helper(after_register)]
    fn after_register(&self) {}
}

fn main() {}
