// A manager needs no hooks.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
