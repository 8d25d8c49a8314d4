//! A manager as most are: hooks, helpers, a constant.

use um::prelude::*;

/// The accounts of a shop.
#[derive(Debug)]
pub struct Accounts {
    engine: Engine<MemoryStore>,
    /// What is said to new users.
    pub greeting: String,
}

#[user_manager(crate = ::um, store = MemoryStore, reset_secret = crate::SECRET)]
impl Accounts {
    /// The longest address that the shop takes.
    pub const LONGEST: usize = 80;

    /// Accounts in memory.
    #[must_use]
    pub fn new(greeting: impl Into<String>) -> Self {
        Self { engine: Engine::new(MemoryStore::new()), greeting: greeting.into() }
    }

    /// Refuses long addresses.
    ///
    /// # Errors
    /// `TOO_LONG`.
    pub async fn on_before_register(&self, draft: &mut Draft) -> Result<(), Rejection> {
        if draft.email().as_str().len() > Self::LONGEST {
            return Err(Rejection::new("TOO_LONG"));
        }
        Ok(())
    }

    async fn on_after_register(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        self.greet(user);
        Ok(self.request_verify(user, cx).await?)
    }

    async fn on_after_login(&self, _: &User, login: &mut Login) {
        login.header("x-greeting", self.greeting.clone());
    }

    /// Greets.
    pub fn greet(&self, user: &User) {
        println!("{}, {}", self.greeting, user.email);
    }

    /// Hides the operation of that name, on purpose.
    #[helper]
    #[must_use]
    pub fn get(&self) -> &str {
        &self.greeting
    }
}
