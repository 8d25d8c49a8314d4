//! Hooks and a whole manager under conditions.

use um::prelude::*;

/// The accounts of a shop.
#[derive(Debug)]
pub struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(crate = ::um, store = MemoryStore, secret = crate::SECRET)]
impl Accounts {
    /// Greets.
    #[cfg(feature = "greeting")]
    pub async fn on_after_register(&self, user: &User) {
        println!("welcome, {}", user.email);
    }

    /// Does not greet.
    ///
    /// # Errors
    /// None.
    #[cfg(not(feature = "greeting"))]
    pub async fn on_after_register(&self, _: &User, _: &Context) -> Result<(), HookError> {
        Ok(())
    }

    /// What cannot be is not forwarded.
    #[cfg(any())]
    pub async fn on_after_verify(&self, _: &DoesNotExist) {}
}

/// Accounts that only tests have.
#[cfg(test)]
struct TestAccounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(crate = ::um, store = MemoryStore, secret = crate::SECRET)]
#[cfg(test)]
impl TestAccounts {
    async fn on_after_verify(&self, _: &User) {}
}

#[cfg(test)]
#[test]
fn a_manager_under_a_condition_is_one() {
    TestAccounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
