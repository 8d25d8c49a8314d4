// Unused code is forbidden.
#![forbid(dead_code)]
use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, _: &User) {}
}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
