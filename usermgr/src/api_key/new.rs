//! What an API key is made from, and the key that was made.

use std::time::Duration;

use super::ApiKey;
use crate::store::ApiKeyInfo;

/// An API key that is about to be made. Without a lifetime, it gets that of [`ApiKeys`](crate::api_keys::ApiKeys), and
/// `on_before_create_api_key` sees it.
///
/// ```
/// use std::time::Duration;
/// use usermgr::api_keys::NewApiKey;
///
/// let new = NewApiKey::new(["orders:read"]).label("nightly report").expires_in(Duration::from_secs(30 * 24 * 3600));
/// assert_eq!(new.scopes, ["orders:read"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewApiKey {
    /// The name that its owner gives it, of at most 64 characters.
    pub label: Option<String>,
    /// The names of the permissions that it may have, at least one.
    pub scopes: Vec<String>,
    /// How long it works, in whole seconds. `None` before the operation for the usual lifetime, and in
    /// `on_before_create_api_key` for a key that does not expire.
    pub expires_in: Option<Duration>,
    /// Whether it does not expire. The part must [allow](crate::api_keys::ApiKeys::never_expires) it.
    pub never_expires: bool,
}

impl NewApiKey {
    /// Makes a key with these scopes, without a label and with the usual lifetime.
    pub fn new(scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let scopes = scopes.into_iter().map(Into::into).collect();
        Self { label: None, scopes, expires_in: None, never_expires: false }
    }

    /// Sets the name.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        Self { label: Some(label.into()), ..self }
    }

    /// Sets how long it works, in whole seconds.
    #[must_use]
    pub fn expires_in(self, lifetime: Duration) -> Self {
        Self { expires_in: Some(lifetime), ..self }
    }

    /// Makes it work until it is revoked.
    #[must_use]
    pub fn never_expires(self) -> Self {
        Self { never_expires: true, ..self }
    }
}

/// An API key that was made.
#[derive(Debug)]
#[non_exhaustive]
pub struct CreatedApiKey {
    /// The key. Show it to its owner once: it is stored nowhere.
    pub key: ApiKey,
    /// What is stored about it.
    pub info: ApiKeyInfo,
}
