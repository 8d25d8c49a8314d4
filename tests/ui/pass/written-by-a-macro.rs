// A whole manager may be written by a macro.
use usermgr::prelude::*;

macro_rules! manager {
    ($name:ident, $store:ty, $secret:expr, $lifetime:literal, $greeting:block) => {
        struct $name {
            engine: Engine<$store>,
        }

        #[user_manager(store = $store, reset_secret = $secret, verify_lifetime = $lifetime)]
        impl $name {
            async fn on_after_register(&self, _: &User) {
                $greeting
            }
        }
    };
}

manager!(Accounts, MemoryStore, "0123456789abcdef0123456789abcdef", 60, { println!("welcome") });

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
