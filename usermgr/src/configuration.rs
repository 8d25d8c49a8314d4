//! The settings of a manager as the engine uses them: what the attribute says is resolved once, and again when the application wants
//! its secrets to be read anew.

use std::sync::OnceLock;

use crate::{
    config_error::ConfigError,
    settings::{Configured, Settings},
};

/// The settings, and after them those of later reloads. What was replaced stays in memory, since requests that are under way still
/// read it; so nobody ever waits for a lock.
#[derive(Default)]
pub(crate) struct Configuration {
    configured: OnceLock<Result<Configured, ConfigError>>,
    next: OnceLock<Box<Configuration>>,
}

impl Configuration {
    /// The latest, resolved if they never were.
    pub(crate) fn latest(&self, settings: impl FnOnce() -> Settings) -> &Result<Configured, ConfigError> {
        self.last().configured.get_or_init(|| settings().resolve())
    }

    /// Puts others in their place.
    pub(crate) fn replace(&self, configured: Configured) {
        let mut next = Box::new(Self { configured: Ok(configured).into(), next: OnceLock::new() });
        // Others may be doing the same.
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
