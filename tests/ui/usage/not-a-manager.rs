// A type without the attribute is used as a manager.
// Remedy: add `#[user_manager(..)]` to its `impl` block
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

impl Accounts {
    async fn on_after_register(&self, _: &User) {}
}

fn serve(_: impl UserManager) {}

fn start(accounts: Accounts) {
    serve(accounts);
}

fn main() {}
