// The block has attributes inside of its braces.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    #![doc = "Of the shop."]
    #![allow(dead_code)]
    //! They are documented here.

    async fn on_after_register(&self, _: &User) {}

    fn unused(&self) {}
}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
