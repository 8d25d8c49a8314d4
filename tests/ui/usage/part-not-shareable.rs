// A generic manager has a part that is not `Sync`.
// Remedy: use a type that is `Sync`, such as a `Mutex`
use std::cell::Cell;
use usermgr::prelude::*;

struct Accounts<M> {
    engine: Engine<MemoryStore>,
    mail: M,
}

#[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef")]
impl<M> Accounts<M> {
    async fn on_after_register(&self, _: &User) {}
}

fn serve(_: impl UserManager) {}

fn start(accounts: Accounts<Cell<u32>>) {
    serve(accounts);
}

fn main() {}
