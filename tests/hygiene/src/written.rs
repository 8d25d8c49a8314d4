//! Managers that a macro writes.

use um::prelude::*;

macro_rules! manager {
    ($name:ident, $store:ty, $secret:expr, $lifetime:literal) => {
        /// Written by a macro.
        #[derive(Debug)]
        pub struct $name {
            engine: Engine<$store>,
        }

        #[user_manager(crate = ::um, store = $store, reset_secret = $secret, verify_lifetime = $lifetime)]
        impl $name {
            /// Greets.
            pub async fn on_after_register(&self, user: &User) {
                println!("welcome, {}", user.email);
            }
        }
    };
}

manager!(Accounts, MemoryStore, crate::SECRET, 60);
manager!(Others, MemoryStore<NoProfile>, "only-for-tests-0123456789abcdef-x", 60);
