//! The secrets that the options give.

use std::error::Error;

use usermgr::{Secret, SecretSet};

use crate::options::Options;

/// The secrets of the manager.
pub(super) struct Secrets {
    pub(super) root: SecretSet,
    /// Those that seal data.
    pub(super) data: SecretSet,
}

impl Secrets {
    /// Whatever is wrong with a secret is found with the other settings.
    ///
    /// # Errors
    /// There is no secret.
    pub(super) fn of(options: &Options) -> Result<Self, Box<dyn Error>> {
        let current = match (&options.secret, &options.secret_file) {
            (Some(text), _) => Secret::new(text),
            (None, Some(file)) => Secret::file_or_new(file),
            (None, None) => return Err("give --secret or --secret-file".into()),
        };
        let previous = options.previous_secret.iter().map(|secret| secret.0.clone());
        let root = SecretSet::new(current, previous);
        let data = match &options.data_secret {
            // What was sealed before there was a secret for data.
            Some(secret) => {
                let previous = [&root.current].into_iter().chain(&root.previous).cloned();
                SecretSet::new(secret.0.clone(), previous)
            }
            None => root.clone(),
        };
        Ok(Self { root, data })
    }
}
