//! The settings of a manager as the engine uses them. They are evaluated once, and again when the application reloads
//! its secrets.

use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use crate::{
    config_error::ConfigError,
    realm::Realm,
    settings::{Configured, Settings},
};

type Resolved = Result<Arc<Configured>, ConfigError>;

/// The latest settings. Running operations keep the settings of their begin, and the last of them drops them.
#[derive(Default)]
pub(crate) struct Configuration(OnceLock<RwLock<Resolved>>);

impl Configuration {
    /// Returns the latest settings. Evaluates them at the first call.
    ///
    /// # Errors
    /// [`ConfigError`] if the settings are invalid.
    pub(crate) fn latest(&self, realm: &Realm, settings: impl FnOnce() -> Settings) -> Resolved {
        self.read(realm, settings).clone()
    }

    /// Returns whether the latest settings are valid.
    #[cfg(feature = "http")]
    pub(crate) fn is_valid(&self, realm: &Realm, settings: impl FnOnce() -> Settings) -> bool {
        self.read(realm, settings).is_ok()
    }

    fn read(&self, realm: &Realm, settings: impl FnOnce() -> Settings) -> RwLockReadGuard<'_, Resolved> {
        let latest = self.0.get_or_init(|| RwLock::new(settings().resolve(realm).map(Arc::new)));
        // A poisoned lock is still sound: it guards one assignment.
        latest.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the settings.
    pub(crate) fn replace(&self, configured: Configured) {
        let new = Ok(Arc::new(configured));
        let latest = self.0.get_or_init(|| RwLock::new(new.clone()));
        let old = std::mem::replace(&mut *latest.write().unwrap_or_else(PoisonError::into_inner), new);
        // The keys are wiped after the lock is free.
        drop(old);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    fn settings(secret: &str) -> Settings {
        Settings::new().secret(Secret::new(secret).into())
    }

    #[test]
    fn j5_replaced_keys_live_as_long_as_the_requests_that_use_them() {
        let configuration = Configuration::default();
        let first = configuration.latest(&Realm::default(), || settings("only-for-tests-0123456789abcdef-x")).unwrap();
        let again = configuration.latest(&Realm::default(), || unreachable!("evaluated once")).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        configuration.replace(settings("only-for-tests-fedcba9876543210-x").resolve(&Realm::default()).unwrap());
        assert!(!Arc::ptr_eq(
            &first,
            &configuration.latest(&Realm::default(), || unreachable!("there are settings")).unwrap()
        ));
        drop(again);
        let old = Arc::downgrade(&first);
        assert!(old.upgrade().is_some(), "an earlier operation still has them");
        drop(first);
        assert!(old.upgrade().is_none(), "nothing else holds them");
    }

    #[test]
    fn settings_that_are_replaced_before_the_first_use_are_the_latest() {
        let configuration = Configuration::default();
        configuration.replace(settings("only-for-tests-0123456789abcdef-x").resolve(&Realm::default()).unwrap());
        assert!(configuration.latest(&Realm::default(), || unreachable!("there are settings")).is_ok());
    }
}
