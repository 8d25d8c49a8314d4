//! The stored form of an account: the user and the data that must stay on the server.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use uuid::Uuid;

use super::{EmailAddress, NoProfile, PasswordHash, User, Username};

/// A stored account: the user, the password hash, the stamp and the version. It does not implement `Serialize`, so that
/// no handler can send it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Record<P = NoProfile, I = Uuid> {
    /// The user, which the application sees.
    pub user: User<P, I>,
    /// The password hash. `None` for an account without a password: no password matches it.
    pub password_hash: Option<PasswordHash>,
    /// The stamp. It changes when all sessions and tokens of the user must end.
    pub stamp: Stamp,
    /// The number of writes so far. An update applies only if the version has not changed since the read.
    pub version: i64,
}

impl<P, I> Record<P, I> {
    /// Creates a record from what a store has read.
    pub fn new(user: User<P, I>, password_hash: Option<PasswordHash>, stamp: Stamp, version: i64) -> Self {
        Self { user, password_hash, stamp, version }
    }
}

/// An account that is about to be stored: a [`Record`] without an id, at version 0.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewRecord<P = NoProfile> {
    /// See [`User::email`].
    pub email: EmailAddress,
    /// See [`User::username`].
    pub username: Option<Username>,
    /// See [`User::is_active`].
    pub is_active: bool,
    /// See [`User::is_superuser`].
    pub is_superuser: bool,
    /// See [`User::is_verified`].
    pub is_verified: bool,
    /// See [`User::created_at`].
    pub created_at: Timestamp,
    /// See [`User::profile`].
    pub profile: P,
    /// See [`Record::password_hash`].
    pub password_hash: Option<PasswordHash>,
    /// See [`Record::stamp`].
    pub stamp: Stamp,
}

impl<P> NewRecord<P> {
    /// Creates an active, unverified account without a password and without a user name.
    pub fn new(email: EmailAddress, created_at: Timestamp, profile: P, stamp: Stamp) -> Self {
        Self {
            email,
            username: None,
            is_active: true,
            is_superuser: false,
            is_verified: false,
            created_at,
            profile,
            password_hash: None,
            stamp,
        }
    }
}

impl<P: Clone> NewRecord<P> {
    /// Returns the record that a store writes under `id`.
    pub fn with_id<I>(&self, id: I) -> Record<P, I> {
        let Self { email, username, is_active, is_superuser, is_verified, created_at, profile, password_hash, stamp } =
            self.clone();
        let user = User { id, email, username, is_active, is_superuser, is_verified, created_at, profile };
        Record { user, password_hash, stamp, version: 0 }
    }
}

/// Sixteen random bytes. Every session and token of the user carries a part of them. Writing a new stamp ends all
/// sessions and tokens at once. Writing a new first half ends all except reset tokens, which carry the second half.
///
/// ```
/// let stamp = usermgr::user::Stamp::from_bytes([7; 16]);
/// assert_eq!(stamp, usermgr::user::Stamp::from_bytes(*stamp.as_bytes()));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp([u8; 16]);

impl Stamp {
    /// Creates a stamp from the bytes that a store has read.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes that a store writes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Returns the half that is carried by tokens that end with all sessions. It is enough to tell two stamps of a user
    /// apart, and too little to know the stamp.
    pub(crate) fn prefix(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0[..8])
    }

    /// Returns whether `prefix` is that half of this stamp.
    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        let mut own = [0; 11];
        URL_SAFE_NO_PAD.encode_slice(&self.0[..8], &mut own).is_ok() && prefix.as_bytes() == own
    }

    /// Returns the half that reset tokens carry. It changes only with the password.
    pub(crate) fn suffix(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0[8..])
    }

    /// Returns whether `suffix` is that half of this stamp.
    pub(crate) fn has_suffix(&self, suffix: &str) -> bool {
        self.suffix() == suffix
    }

    /// Returns whether both stamps belong to the same password, even if sessions were ended in between.
    pub(crate) fn is_of_the_password_of(&self, other: &Self) -> bool {
        self.0[8..] == other.0[8..]
    }

    /// Returns the stamp that ends all sessions and keeps reset tokens valid.
    pub(crate) fn with_other_sessions(self, fresh: &Self) -> Self {
        let mut bytes = self.0;
        bytes[..8].copy_from_slice(&fresh.0[..8]);
        Self(bytes)
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stamp(..)")
    }
}
