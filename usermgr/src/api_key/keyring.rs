//! What an engine knows of its API keys: their prefix, their lifetimes, and what ends them.

use std::time::Duration;

use super::form;
use crate::store::CredentialDigest;

/// The API keys of an engine, as its part was set.
#[derive(Clone, Debug)]
pub(crate) struct Keyring {
    pub(crate) prefix: String,
    /// How long a key works if its owner does not say.
    pub(crate) lifetime: Duration,
    /// The longest lifetime that an owner may choose.
    pub(crate) longest: Duration,
    /// Whether an owner may choose that a key does not expire.
    pub(crate) never_expires: bool,
    /// Whether keys outlive a reset of the password.
    pub(crate) survive_reset: bool,
}

#[cfg_attr(not(feature = "http"), allow(dead_code, reason = "only requests carry keys"))]
impl Keyring {
    /// Whether a text has the form of a key. It may be no key of this engine.
    pub(crate) fn is_key(&self, text: &str) -> bool {
        form::has_form(&self.prefix, text)
    }

    /// Returns the digest by which a key is found, or `None` for a text that cannot be a key. The store need not be asked
    /// about that one.
    pub(crate) fn digest(&self, text: &str) -> Option<CredentialDigest> {
        (self.is_key(text) && form::is_checked(text)).then(|| CredentialDigest::of(text))
    }
}
