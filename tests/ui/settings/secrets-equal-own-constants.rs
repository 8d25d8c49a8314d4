// Two constant secrets of the manager have the same value.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = Self::RESET, verify_secret = Self::VERIFY)]
impl Accounts {
    const RESET: &'static str = "0123456789abcdef0123456789abcdef";
    const VERIFY: &'static str = "0123456789abcdef0123456789abcdef";
}

fn main() {}
