// A hook is defined twice.
// Remedy: remove one of the two
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, _: &User) {}
    async fn on_after_register(&self, _: &User, _: &Context) {}
}

fn main() {}
