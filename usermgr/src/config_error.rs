//! The error of an invalid configuration.

use std::{error::Error, fmt};

/// The configuration of the manager is invalid. All errors are listed, each with its solution. `Debug` prints the same
/// as `Display`, because `main` prints errors with `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError(Vec<String>);

impl ConfigError {
    /// Makes an error with one message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(vec![message.into()])
    }

    /// Joins all errors into one, without duplicates.
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

#[cfg(feature = "mail")]
impl ConfigError {
    /// What is wrong with a part of the engine, or nothing.
    pub(crate) fn of_part(part: &str, faults: &[String]) -> Result<(), Self> {
        let faults: Vec<_> = faults.iter().map(|fault| Self::new(format!("`{part}`: {fault}"))).collect();
        if faults.is_empty() { Ok(()) } else { Err(Self::join(faults)) }
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
