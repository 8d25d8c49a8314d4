//! The part of the engine, with its settings and what is wrong with them.

use std::time::Duration;

use crate::{
    api_key::Keyring,
    config_error::ConfigError,
    engine::{EngineBuilder, Part},
    manager::UserManager,
    store::CredentialStore,
};

/// The name of the part.
pub(super) const NAME: &str = "api_keys";

const DAY: Duration = Duration::from_secs(24 * 3600);
/// The lifetime of a key whose owner does not choose one.
const LIFETIME: Duration = DAY.saturating_mul(90);
/// The longest lifetime that an owner may choose, and that the part may be set to.
const LONGEST: Duration = DAY.saturating_mul(365);

/// API keys, as a part of the engine: users make keys for their programs, which call the application's own handlers with
/// them. A handler accepts a key only if it takes [`Requires`](crate::http::Requires); no route of the library does. The
/// store must keep [credentials](CredentialStore). The guide has a [page](crate::guide::api_keys).
///
/// The scopes of a key are names of the permissions of the manager, so it must implement [`Permits`](crate::permissions::Permits).
/// Otherwise [`check`](crate::Operations::check) fails.
///
/// ```
/// use usermgr::{Engine, MemoryStore, api_keys::ApiKeys};
///
/// let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new()).with(ApiKeys::new("shop"))?;
/// assert!(engine.has_part("api_keys"));
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ApiKeys {
    prefix: String,
    lifetime: Option<Duration>,
    longest: Duration,
    never_expires: bool,
    survive_reset: bool,
}

impl ApiKeys {
    /// Makes the part. Keys begin with this prefix and `_`, so that scanners for leaked secrets recognize them. It has 2 to
    /// 12 characters of `a-z` and `0-9`, and is best the name of the application.
    pub fn new(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), lifetime: None, longest: LONGEST, never_expires: false, survive_reset: false }
    }

    /// Sets how long a key works if its owner does not choose, in whole seconds. Maximum: [`longest`](Self::longest).
    /// Default: 90 days, or `longest` if that is less.
    pub fn lifetime(self, lifetime: Duration) -> Self {
        Self { lifetime: Some(lifetime), ..self }
    }

    /// Sets the longest lifetime that an owner may choose, in whole seconds. Default and maximum: 365 days.
    pub fn longest(self, longest: Duration) -> Self {
        Self { longest, ..self }
    }

    /// Sets whether an owner may choose that a key does not expire. Default: `false`, because a forgotten key would work
    /// until its owner is gone.
    pub fn never_expires(self, allowed: bool) -> Self {
        Self { never_expires: allowed, ..self }
    }

    /// Sets whether keys outlive a reset of the password. Default: `false`, because an attacker who had the account may
    /// have made one.
    pub fn survive_reset(self, allowed: bool) -> Self {
        Self { survive_reset: allowed, ..self }
    }

    fn faults(&self) -> Vec<ConfigError> {
        let Self { prefix, lifetime, longest, .. } = self;
        let is_good = (2..=12).contains(&prefix.len())
            && prefix.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let prefix = "`ApiKeys`: the prefix must have 2 to 12 characters of `a-z` and `0-9`";
        let times = [("lifetime", lifetime.as_ref(), *longest), ("longest", Some(longest), LONGEST)];
        let times = times
            .into_iter()
            .filter(|(_, time, most)| time.is_some_and(|time| !(1..=most.as_secs()).contains(&time.as_secs())));
        let times = times.map(|(name, _, most)| {
            ConfigError::new(format!("`ApiKeys`: `{name}` must be from 1 to {} seconds", most.as_secs()))
        });
        (!is_good).then(|| ConfigError::new(prefix)).into_iter().chain(times).collect()
    }
}

impl<S: CredentialStore> Part<S> for ApiKeys {
    fn name(&self) -> &'static str {
        NAME
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        self.faults().into_iter().for_each(|fault| engine.add_fault(fault));
        let Self { prefix, lifetime, longest, never_expires, survive_reset } = self;
        let lifetime = lifetime.unwrap_or(LIFETIME.min(longest));
        engine.set_keyring(Keyring { prefix, lifetime, longest, never_expires, survive_reset });
    }
}

/// What does not fit the manager: without permissions, a key could have no scope.
pub(crate) fn faults<M: UserManager + ?Sized>(manager: &M) -> Vec<ConfigError> {
    let is_mute = manager.engine_ref().has_part(NAME) && manager.permissions_by_name().is_none();
    let why =
        "`ApiKeys` needs the permissions that keys can have: implement `usermgr::permissions::Permits` for the manager";
    is_mute.then(|| ConfigError::new(why)).into_iter().collect()
}
