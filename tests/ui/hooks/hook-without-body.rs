// A hook has no body.
// Remedy: write a body, or remove the hook
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, user: &User);
}

fn main() {}
