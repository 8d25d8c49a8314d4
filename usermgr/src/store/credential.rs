//! Storage of credentials: the proofs of identity that a user has besides a password. No row holds a secret in plain
//! text: a lookup is a digest, and data that must be read back is sealed.

mod api_key;
mod capability;
mod factor;
mod identity;
mod name;
mod pending;

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

pub use api_key::ApiKeyInfo;
pub use capability::{CredentialAndRecord, CredentialStore};
pub use factor::FactorInfo;
pub use identity::Identity;
pub use name::{CredentialKind, PendingPurpose};
pub use pending::Pending;

use crate::user::UserId;

/// The public name of a credential, for lists and events. It gives no access.
///
/// ```
/// use usermgr::store::CredentialId;
/// let id = CredentialId::generate(jiff::Timestamp::now());
/// assert_eq!(CredentialId::new(id.as_str()), id);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CredentialId(String);

impl CredentialId {
    /// Generates an id of 32 hexadecimal digits. Later ids sort after earlier ones.
    pub fn generate(now: Timestamp) -> Self {
        Self(Uuid::generate(now).unwrap_or_default().simple().to_string())
    }

    /// Creates an id from the text that a store has read.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the id as text, at most 64 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The SHA-256 digest by which a credential or a pending step is found. Keys and tokens are stored in this form only
/// (ASVS 5.0, 6.5.2). A plain digest is enough for a value with at least 128 random bits, and for a value that is not
/// secret, such as the id of a passkey.
///
/// ```
/// use usermgr::store::CredentialDigest;
/// let digest = CredentialDigest::of(b"a key of 256 random bits");
/// assert_eq!(digest.as_str().len(), 43);
/// assert_eq!(CredentialDigest::from_stored(digest.as_str()), digest);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CredentialDigest(String);

impl CredentialDigest {
    /// Returns the digest of a key, a token or an id.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Sha256::digest(bytes.as_ref())))
    }

    /// Creates a digest from the text that a store has read.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text that a store writes: 43 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CredentialDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialDigest(..)")
    }
}

/// A credential of a user: an identity at a provider, the secret of an authenticator app, a passkey, a set of recovery
/// codes, or an API key. A store returns this type and takes [`NewCredential`].
///
/// [`Debug`] does not show the data.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credential<I> {
    /// The public name.
    pub id: CredentialId,
    /// The id of the credential's user.
    pub user_id: I,
    /// The kind of the credential.
    pub kind: CredentialKind,
    /// The digest by which the credential is found, unique within its kind. `None` if the credential is found only
    /// through its user.
    pub lookup: Option<CredentialDigest>,
    /// The name that the user gave the credential.
    pub label: Option<String>,
    /// The data of the kind, as JSON or as sealed text that begins with `v1.`. A store keeps the text unchanged.
    pub data: String,
    /// The number of swaps so far. A swap applies only if the version has not changed since the read.
    pub version: i64,
    /// When the credential was created.
    pub created_at: Timestamp,
    /// When the credential was last used successfully.
    pub used_at: Option<Timestamp>,
    /// When the credential expires. `None` if it does not expire.
    pub expires_at: Option<Timestamp>,
}

impl<I> Credential<I> {
    /// Returns whether the credential has not expired at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|expires_at| expires_at > now)
    }
}

impl<I: fmt::Debug> fmt::Debug for Credential<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("id", &self.id)
            .field("user_id", &self.user_id)
            .field("kind", &self.kind)
            .field("label", &self.label)
            .field("version", &self.version)
            .field("created_at", &self.created_at)
            .field("used_at", &self.used_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl<I> From<NewCredential<I>> for Credential<I> {
    /// The row that a store writes: never used, at version 0.
    fn from(new: NewCredential<I>) -> Self {
        let NewCredential { id, user_id, kind, lookup, label, data, created_at, expires_at } = new;
        Self { id, user_id, kind, lookup, label, data, version: 0, created_at, used_at: None, expires_at }
    }
}

/// A credential that is about to be stored.
///
/// ```
/// use usermgr::store::{CredentialDigest, CredentialKind, NewCredential};
///
/// const BADGE: CredentialKind = CredentialKind::new("shop:badge");
///
/// let now = jiff::Timestamp::now();
/// let new = NewCredential::new(7_i64, BADGE, r#"{"door":3}"#, now)
///     .lookup(CredentialDigest::of("what is read from the badge"))
///     .label("the blue one");
/// assert_eq!(new.kind, BADGE);
/// assert!(!format!("{new:?}").contains("door"));
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewCredential<I> {
    /// See [`Credential::id`]. It is known before the row is written, so that data can be sealed for this row.
    pub id: CredentialId,
    /// See [`Credential::user_id`].
    pub user_id: I,
    /// See [`Credential::kind`].
    pub kind: CredentialKind,
    /// See [`Credential::lookup`].
    pub lookup: Option<CredentialDigest>,
    /// See [`Credential::label`].
    pub label: Option<String>,
    /// See [`Credential::data`].
    pub data: String,
    /// See [`Credential::created_at`].
    pub created_at: Timestamp,
    /// See [`Credential::expires_at`].
    pub expires_at: Option<Timestamp>,
}

impl<I> NewCredential<I> {
    /// Creates a credential with a new id. It has no lookup and no label, and does not expire.
    pub fn new(user_id: I, kind: CredentialKind, data: impl Into<String>, created_at: Timestamp) -> Self {
        Self {
            id: CredentialId::generate(created_at),
            user_id,
            kind,
            lookup: None,
            label: None,
            data: data.into(),
            created_at,
            expires_at: None,
        }
    }

    /// Sets the digest by which the credential is found.
    #[must_use]
    pub fn lookup(mut self, digest: CredentialDigest) -> Self {
        self.lookup = Some(digest);
        self
    }

    /// Sets the name that the user sees.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Sets when the credential expires.
    #[must_use]
    pub fn expires_at(mut self, expires_at: Timestamp) -> Self {
        self.expires_at = Some(expires_at);
        self
    }
}

impl<I: fmt::Debug> fmt::Debug for NewCredential<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCredential")
            .field("id", &self.id)
            .field("user_id", &self.user_id)
            .field("kind", &self.kind)
            .field("label", &self.label)
            .field("created_at", &self.created_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A selection of credentials to delete.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum CredentialFilter<'a, I> {
    /// The credential with this name, if it belongs to this user.
    One {
        /// The id of the user.
        user_id: &'a I,
        /// The name of the credential.
        id: &'a CredentialId,
    },
    /// All credentials of this kind of a user.
    Kind {
        /// The id of the user.
        user_id: &'a I,
        /// The kind.
        kind: &'a CredentialKind,
    },
    /// All credentials of a user.
    User(&'a I),
}
