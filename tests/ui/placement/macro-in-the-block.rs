// A macro writes hooks.
// Remedy: write the hooks out
use usermgr::prelude::*;

macro_rules! hooks {
    () => {
        async fn on_after_register(&self, _: &User) {}
    };
}

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    hooks! {}
}

fn main() {}
