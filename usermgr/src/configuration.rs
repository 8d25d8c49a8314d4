//! The settings of a manager as the engine uses them. They are evaluated once, and again when the application reloads
//! its secrets.

use std::sync::OnceLock;

use crate::{
    config_error::ConfigError,
    settings::{Configured, Settings},
};

/// The evaluated settings, followed by those of later reloads. Replaced settings stay in memory, because running
/// requests still read them. So readers never wait for a lock.
#[derive(Default)]
pub(crate) struct Configuration {
    configured: OnceLock<Result<Configured, ConfigError>>,
    next: OnceLock<Box<Configuration>>,
}

impl Configuration {
    /// Returns the latest settings. Evaluates them at the first call.
    pub(crate) fn latest(&self, settings: impl FnOnce() -> Settings) -> &Result<Configured, ConfigError> {
        self.last().configured.get_or_init(|| settings().resolve())
    }

    /// Replaces the settings.
    pub(crate) fn replace(&self, configured: Configured) {
        let mut next = Box::new(Self { configured: Ok(configured).into(), next: OnceLock::new() });
        // Another thread may replace them at the same time.
        while let Err(mine) = self.last().next.set(next) {
            next = mine;
        }
    }

    fn last(&self) -> &Self {
        let mut last = self;
        while let Some(next) = last.next.get() {
            last = next;
        }
        last
    }
}
