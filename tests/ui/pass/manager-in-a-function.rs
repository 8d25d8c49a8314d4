// A manager may be written inside a function.
use usermgr::prelude::*;

pub fn main() {
    struct Accounts {
        engine: Engine<MemoryStore>,
    }

    #[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef")]
    impl Accounts {
        async fn on_after_register(&self, _: &User) {}
    }

    Accounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
