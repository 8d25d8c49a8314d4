//! The part of the engine, with its two settings.

use std::time::Duration;

use crate::{
    config_error::ConfigError,
    engine::{EngineBuilder, IMPERSONATION, Part},
    store::UserStore,
};

/// The default lifetime of a session: one hour.
const USUAL: Duration = Duration::from_secs(3600);
/// The longest lifetime: one day.
const LONGEST: Duration = Duration::from_secs(86_400);

/// *Log in as*, as a part of the engine: a superuser gets a session in which they act as a user, to see what the user sees.
/// The guide has a [section](crate::guide::administration).
///
/// Without this part no one can, and sessions that were made with it do not work.
///
/// ```
/// use std::time::Duration;
/// use usermgr::{Engine, MemoryStore, impersonation::Impersonation};
///
/// let part = Impersonation::new().lifetime(Duration::from_secs(15 * 60));
/// let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new()).with(part)?;
/// assert!(engine.has_part("impersonation"));
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Impersonation {
    pub(super) lifetime: Duration,
    notifies: bool,
}

impl Impersonation {
    /// Makes the part. A session lasts an hour, and the user gets a mail if the engine has a messenger.
    pub fn new() -> Self {
        Self { lifetime: USUAL, notifies: true }
    }

    /// Sets how long a session lasts at most, in whole seconds. It has no refresh token, and ends with the session of the
    /// administrator. A signed token lasts no longer than the tokens of its backend. Default: one hour. Maximum: one day.
    pub fn lifetime(self, lifetime: Duration) -> Self {
        Self { lifetime, ..self }
    }

    /// Sets whether the default hook sends [`Message::Impersonated`](crate::mail::Message::Impersonated) to the user.
    /// Default: `true`. The user sees the session in their list in any case.
    pub fn notify_user(self, wanted: bool) -> Self {
        Self { notifies: wanted, ..self }
    }
}

impl Default for Impersonation {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: UserStore> Part<S> for Impersonation {
    fn name(&self) -> &'static str {
        IMPERSONATION
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        if !(1..=LONGEST.as_secs()).contains(&self.lifetime.as_secs()) {
            let longest = LONGEST.as_secs();
            let why = format!("`Impersonation`: `lifetime` must be from 1 to {longest} seconds");
            engine.add_fault(ConfigError::new(why));
        }
        engine.send_impersonations(self.notifies);
        engine.keep(self);
    }
}
