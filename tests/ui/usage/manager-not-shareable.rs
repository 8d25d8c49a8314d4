// The manager has a field that is not `Sync`.
// Remedy: use a type that is `Sync`, such as an atomic or a `Mutex`
use std::cell::Cell;
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
    calls: Cell<u32>,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, _: &User) {
        self.calls.set(self.calls.get() + 1);
    }

    async fn on_after_verify(&self, _: &User) {}
}

fn main() {}
