//! A manager with a lifetime.

use um::prelude::*;

/// Accounts that borrow their name.
#[derive(Debug)]
pub struct Accounts<'a> {
    engine: Engine<MemoryStore>,
    name: &'a str,
}

#[user_manager(crate = ::um, store = MemoryStore, reset_secret = crate::SECRET)]
impl<'a> Accounts<'a> {
    /// Accounts in memory.
    #[must_use]
    pub fn new(name: &'a str) -> Self {
        Self { engine: Engine::new(MemoryStore::new()), name }
    }

    async fn on_after_register(&self, user: &User) {
        println!("{} welcomes {}", self.name, user.email);
    }
}
