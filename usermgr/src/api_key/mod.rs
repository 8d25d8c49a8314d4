//! API keys as an engine knows them: the secret text of a key, its form, and the rules of the part that was added.

mod form;
mod keyring;
mod new;
mod permitted;

use std::fmt;

use zeroize::Zeroizing;

pub(crate) use keyring::Keyring;
pub use new::{CreatedApiKey, NewApiKey};
pub use permitted::PermissionsByName;

/// The secret text of an API key. Show it to its owner once: the store has only a digest of it. It is wiped when dropped,
/// and its [`Debug`] output does not show it.
pub struct ApiKey(Zeroizing<String>);

impl ApiKey {
    /// Returns the text, which a client sends as `Authorization: Bearer <text>`.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}
