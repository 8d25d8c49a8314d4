//! How much the responses of the routes reveal.

/// How much the responses of the routes reveal to a stranger about who has an account. The operations, which the
/// application calls itself, return full details in both modes.
///
/// ```
/// use usermgr::{engine::Answers, Engine, MemoryStore};
/// let engine = Engine::builder(MemoryStore::new()).answers(Answers::Discreet).require_verified(true).build()?;
/// # let _ = engine;
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answers {
    /// As in FastAPI Users: a registration and a new address in `PATCH /users/me` reveal that an address is taken.
    #[default]
    Explicit,
    /// No response reveals it (enumeration protection; ASVS 5.0, 6.3.8):
    ///
    /// - `POST /auth/register` answers 202 without a body once the password is accepted, `on_before_register` has
    ///   agreed and the hash is made. Afterwards the account is written, or the owner of the address is notified
    ///   through `on_after_duplicate_register`.
    /// - A new address in `PATCH /users/me` is handled like `POST /auth/request-email-change`: the response is 200 with
    ///   the unchanged user, and the address changes when the token from the mail to the new address is used.
    /// - A login with the right password to an account that must be verified first is answered with
    ///   `LOGIN_BAD_CREDENTIALS`, like a wrong password.
    ///
    /// Without [`require_verified`](crate::engine::EngineBuilder::require_verified), a registration could be tested by
    /// logging in, so [`build`](crate::engine::EngineBuilder::build) demands it. A superuser cannot set another user's password,
    /// unless the engine [allows it](crate::engine::EngineBuilder::superusers_set_passwords).
    Discreet,
}
