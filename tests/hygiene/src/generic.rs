//! Managers with type parameters, constant parameters and where clauses.

use std::fmt::Display;

use um::{UserOf, prelude::*};

/// Accounts in any store, with mail of any kind.
#[derive(Debug)]
pub struct Accounts<S, M> {
    engine: Engine<S>,
    mail: M,
}

#[user_manager(crate = ::um, store = S, reset_secret = crate::SECRET)]
impl<S: UserStore<Profile = NoProfile>, M: Mailer> Accounts<S, M> {
    /// Accounts of these parts.
    pub fn new(engine: Engine<S>, mail: M) -> Self {
        Self { engine, mail }
    }

    async fn on_after_register(&self, user: &User<NoProfile, S::Id>, cx: &Context) -> Result<(), HookError> {
        Ok(self.request_verify(user, cx).await?)
    }

    async fn on_after_request_verify(&self, user: &UserOf<S>, token: &VerifyToken) -> Result<(), HookError> {
        Ok(self.mail.send(Mail::to(&user.email).subject("Welcome").text(token.expose())).await?)
    }
}

/// Accounts with a limit.
#[derive(Debug)]
pub struct Limited<T, const LONGEST: usize>
where
    T: Display,
{
    engine: Engine<MemoryStore>,
    /// What is said to those who are refused.
    pub reason: T,
}

// Nothing says that `T` can be shared: where it can, this is a manager.
#[user_manager(crate = ::um, store = MemoryStore, reset_secret = crate::SECRET)]
impl<T, const LONGEST: usize> Limited<T, LONGEST>
where
    T: Display,
{
    /// Accounts in memory.
    pub fn new(reason: T) -> Self {
        Self { engine: Engine::new(MemoryStore::new()), reason }
    }

    async fn on_before_register(&self, draft: &mut Draft) -> Result<(), Rejection> {
        match draft.email().as_str().len() {
            length if length > LONGEST => Err(Rejection::new("TOO_LONG").reason(self.reason.to_string())),
            _ => Ok(()),
        }
    }
}
