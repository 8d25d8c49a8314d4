//! Why a manager cannot work as it is set up.

use std::{error::Error, fmt};

/// The manager cannot work as it is set up. All faults are listed, each with what to do; `Debug` prints the same as `Display`, because
/// that is what `main` shows.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError(Vec<String>);

impl ConfigError {
    /// A single fault.
    pub fn new(message: impl Into<String>) -> Self {
        Self(vec![message.into()])
    }

    /// All faults in one, each said once.
    pub(crate) fn join(faults: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Vec::new();
        for fault in faults.into_iter().flat_map(|error| error.0) {
            if !all.contains(&fault) {
                all.push(fault);
            }
        }
        Self(all)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the user manager is not set up: {}", self.0.join("; "))
    }
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for ConfigError {}
