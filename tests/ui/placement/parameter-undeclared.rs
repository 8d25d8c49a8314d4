// A type parameter is not declared.
// Remedy: write `impl<S: UserStore> Accounts<S>`
use usermgr::prelude::*;

struct Accounts<S> {
    engine: Engine<S>,
}

#[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts<S> {
    async fn on_after_register(&self, _: &User) {}
}

fn main() {}
