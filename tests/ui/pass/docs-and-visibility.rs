// Documentation, visibility and attributes of hooks are the author's.
#![deny(missing_docs)]

use usermgr::prelude::*;

/// The accounts of the shop.
pub struct Accounts {
    engine: Engine<MemoryStore>,
}

/// What the shop does.
#[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    /// Greets.
    #[inline]
    pub async fn on_after_register(&self, user: &User) {
        println!("{} has registered", user.email);
    }

    /// Decides.
    #[must_use]
    #[deprecated = "decide elsewhere"]
    pub(crate) async fn on_before_delete(&self, _: &User) -> Result<(), Rejection> {
        Ok(())
    }
}

/// Starts.
pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
