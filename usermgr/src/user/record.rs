//! A user with what must stay on the server: the stored form of an account. A record goes into a store and comes out of it.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use uuid::Uuid;

use super::{EmailAddress, NoProfile, PasswordHash, User};

/// A stored account: the user, the password hash, the stamp and the version. It is not `Serialize`, so that no handler can send it.
#[derive(Clone, Debug)]
pub struct Record<P = NoProfile, I = Uuid> {
    /// What the application sees.
    pub user: User<P, I>,
    /// `None` for an account without a password: no password matches it.
    pub password_hash: Option<PasswordHash>,
    /// Changes when every session and token of the user must end.
    pub stamp: Stamp,
    /// Counts the writes. An update applies only to the version it was read at.
    pub version: i64,
}

/// An account that is about to be stored: a [`Record`] without an id, at version 0.
#[derive(Clone, Debug)]
pub struct NewRecord<P = NoProfile> {
    /// See [`User::email`].
    pub email: EmailAddress,
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

impl<P: Clone> NewRecord<P> {
    /// The record that a store makes of it under `id`.
    pub fn with_id<I>(&self, id: I) -> Record<P, I> {
        let Self { email, is_active, is_superuser, is_verified, created_at, profile, password_hash, stamp } =
            self.clone();
        let user = User { id, email, is_active, is_superuser, is_verified, created_at, profile };
        Record { user, password_hash, stamp, version: 0 }
    }
}

/// Sixteen random bytes that every session and token of the user carries a part of. One write of a new stamp ends them all; one of a new
/// first half ends all but the mailed tokens that set a new password, which carry the second.
///
/// ```
/// let stamp = usermgr::user::Stamp::from_bytes([7; 16]);
/// assert_eq!(stamp, usermgr::user::Stamp::from_bytes(*stamp.as_bytes()));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp([u8; 16]);

impl Stamp {
    /// A stamp read back from a store.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes, for a store to write.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The half that tokens carry which end with all sessions: enough to tell two stamps of one user apart, too little to know the stamp.
    pub(crate) fn prefix(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0[..8])
    }

    /// Whether a token carries that half of this one.
    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        let mut own = [0; 11];
        URL_SAFE_NO_PAD.encode_slice(&self.0[..8], &mut own).is_ok() && prefix.as_bytes() == own
    }

    /// The half that reset tokens carry: it ends with the password alone.
    pub(crate) fn suffix(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0[8..])
    }

    /// Whether a reset token carries that half of this one.
    pub(crate) fn has_suffix(&self, suffix: &str) -> bool {
        self.suffix() == suffix
    }

    /// Whether both were made with the same password, whatever has become of the sessions between them.
    pub(crate) fn is_of_the_password_of(&self, other: &Self) -> bool {
        self.0[8..] == other.0[8..]
    }

    /// The stamp that ends all sessions, and leaves the reset tokens as they are.
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
