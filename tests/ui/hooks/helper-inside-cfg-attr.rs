// `cfg_attr` adds a `#[helper]`.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    #[cfg_attr(unix, helper)]
    fn after_register(&self) {}
}

fn main() {}
