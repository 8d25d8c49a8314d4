// A generic manager lacks bounds.
// Remedy: add `M: Send + Sync + 'static`
use usermgr::prelude::*;

struct Accounts<M> {
    engine: Engine<MemoryStore>,
    mail: M,
}

#[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef")]
impl<M> Accounts<M> {
    async fn on_after_register(&self, _: &User) {}
}

fn main() {}
