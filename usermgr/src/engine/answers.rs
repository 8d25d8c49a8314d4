//! How much the answers of the routes tell.

/// How much the answers of the routes tell a stranger about who has an account. Operations, which the application calls itself, tell
/// everything in both.
///
/// ```
/// use usermgr::{engine::Answers, Engine, MemoryStore};
/// let engine = Engine::builder(MemoryStore::new()).answers(Answers::Discreet).require_verified(true).build();
/// # let _ = engine;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answers {
    /// As FastAPI Users answers: a registration and a new address in `PATCH /users/me` tell that an address is taken.
    #[default]
    Explicit,
    /// Nothing tells (ASVS 5.0, 6.3.8):
    ///
    /// - `POST /auth/register` is answered with 202 and no body once the password is judged, `on_before_register` is asked and the hash
    ///   is made. The account is written afterwards, or the owner of the address told by `on_after_duplicate_register`.
    /// - A new address in `PATCH /users/me` goes the way of `POST /auth/request-email-change`: the answer is 200 with the user unchanged, and
    ///   the address changes when a mail to the new one is answered.
    /// - A login with the right password to an account that must be verified first is `LOGIN_BAD_CREDENTIALS`, as a wrong one is.
    ///
    /// Without [`require_verified`](crate::engine::EngineBuilder::require_verified) whoever registers finds out by logging in, so that
    /// [`check`](crate::Operations::check) demands it. A superuser sets no other user's password, unless the engine
    /// [lets them](crate::engine::EngineBuilder::superusers_set_passwords).
    Discreet,
}
