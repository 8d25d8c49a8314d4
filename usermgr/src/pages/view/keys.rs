//! What the templates of API keys get.

use serde::Serialize;

/// The API keys of a user.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ApiKeysView {
    /// The keys, the oldest first.
    pub rows: Vec<ApiKeyView>,
    /// Whether the user may make one.
    pub adds: bool,
}

/// An API key of a user, without the key.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ApiKeyView {
    /// Its id.
    pub id: String,
    /// The name that the user gave it.
    pub label: Option<String>,
    /// The last four characters of the key.
    pub hint: String,
    /// The names of the permissions that it may have.
    pub scopes: Vec<String>,
    /// When it was made, in words.
    pub made: String,
    /// The same for programs (RFC 3339).
    pub made_at: String,
    /// When it expires, in words. `None` if it does not expire.
    pub expires: Option<String>,
    /// The same for programs (RFC 3339).
    pub expires_at: Option<String>,
    /// When it was last used, in words.
    pub used: Option<String>,
    /// The same for programs (RFC 3339).
    pub used_at: Option<String>,
    /// The network address from which it was last used.
    pub used_from: Option<String>,
}
