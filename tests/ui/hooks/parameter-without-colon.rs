// A parameter has no colon.
// Remedy: add it
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, user &User) {}

    async fn on_after_verify(&self, _: &User) {}
}

fn main() {
    let _ = |accounts: &Accounts| accounts.check();
}
