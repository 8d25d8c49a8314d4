//! Sessions at rest: what a row holds, and what a store must be able to do with rows. Only digests of tokens are stored.

use std::{fmt, future::Future, net::IpAddr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{RecordOf, StoreError, UserStore};
use crate::{amr::Amr, user::Stamp};

/// The public name of a session, for lists and events. Knowing it gives no access.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);

impl SessionId {
    /// An id read back from a store.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The SHA-256 digest of a session token, the only form in which one is stored (ASVS 5.0, 6.5.2). The tokens carry 256 random bits,
/// so that a plain digest is enough.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SessionDigest(String);

impl SessionDigest {
    /// The digest of a token.
    pub fn of(token: &str) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes())))
    }

    /// A digest read back from a store.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for a store to write: 43 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionDigest(..)")
    }
}

/// A row of a session store.
#[derive(Clone, Debug)]
pub struct Session<I> {
    /// The public name.
    pub id: SessionId,
    /// What the token is found by.
    pub digest: SessionDigest,
    /// Whose session it is.
    pub user_id: I,
    /// The user's stamp when the session began. Another one means that the session has ended.
    pub stamp: Stamp,
    /// The name of the backend that made it: a session serves no other.
    pub backend: String,
    /// When the user was authenticated.
    pub authenticated_at: Timestamp,
    /// By which methods, as [`Amr::to_stored`] writes it. Nothing in a row is a password alone.
    pub amr: Amr,
    /// When an access was last noted, to the minute. A refresh is none.
    pub seen_at: Timestamp,
    /// When it ends if nothing happens to it before.
    pub expires_at: Timestamp,
    /// Where the login came from.
    pub ip: Option<IpAddr>,
    /// With what the login was made.
    pub user_agent: Option<String>,
    /// The refresh token of now, for a session that has one.
    pub rotation: Option<Rotation>,
}

/// Which refresh token of a session is the right one. Each is used once and replaced by the next (RFC 9700, 4.14.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The digest of the token.
    pub digest: SessionDigest,
    /// Since when it is the right one.
    pub rotated_at: Timestamp,
    /// Which client asked for it: a digest of the client's network and user agent under a key of the server, at most 64 bytes; `None` for
    /// the first one, which the login gave.
    pub rotated_by: Option<String>,
}

/// What one session is looked up by.
#[derive(Clone, Copy, Debug)]
pub enum SessionLookup<'a> {
    /// By the digest of its token.
    Digest(&'a SessionDigest),
    /// By its public name, which a signed token has carried.
    Id(&'a SessionId),
}

/// A session with the account it belongs to.
pub type SessionAndRecord<S> = (Session<<S as UserStore>::Id>, RecordOf<S>);

/// Which sessions to end.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SessionFilter<'a, I> {
    /// The one of this name, if it is this user's.
    One {
        /// Whose it must be.
        user_id: &'a I,
        /// The name.
        id: &'a SessionId,
    },
    /// All of a user.
    User(&'a I),
    /// All of a user but one.
    Others {
        /// Whose they are.
        user_id: &'a I,
        /// The name of the one that stays.
        id: &'a SessionId,
    },
    /// The oldest of a user, by the times of their logins and then by their names: all but one, and the newest of the others.
    Oldest {
        /// Whose they are.
        user_id: &'a I,
        /// The name of the one that stays, whatever its time.
        id: &'a SessionId,
        /// How many of the others stay.
        others: u32,
    },
}

/// A store that keeps sessions too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not keep sessions",
    label = "the trait `SessionStore` is not implemented for it",
    note = "build the engine with a strategy that needs no session store: `Engine::builder(store).backend(Backend::bearer(\"jwt\", Jwt::new()))`"
)]
pub trait SessionStore: UserStore {
    /// Writes a new session. It never replaces one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id or the digest is there already; [`StoreError::Stale`] when the user is gone, from a store
    /// that can tell.
    fn insert_session(&self, session: &Session<Self::Id>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// A session with its user, in one round trip.
    fn find_session(
        &self,
        by: SessionLookup<'_>,
    ) -> impl Future<Output = Result<Option<SessionAndRecord<Self>>, StoreError>> + Send;

    /// All sessions of a user, ended ones that were not purged yet included, the latest login first.
    fn list_sessions(
        &self,
        user_id: &Self::Id,
    ) -> impl Future<Output = Result<Vec<Session<Self::Id>>, StoreError>> + Send;

    /// Notes that a session was used.
    fn touch_session(&self, id: &SessionId, seen_at: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Replaces the refresh token of a session, if it is still the expected one, in one atomic step; nothing else of it changes. `false`, with nothing changed, when another token is the right one or the session is gone.
    fn rotate_session(
        &self,
        id: &SessionId,
        expected: &SessionDigest,
        next: &Rotation,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Lets a session outlive the change of its user's stamp, in the transaction of that change.
    fn restamp_session(
        &self,
        tx: &mut Self::Tx,
        id: &SessionId,
        stamp: &Stamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The session of this user and name, as it is while the transaction holds the user.
    fn find_session_of(
        &self,
        tx: &mut Self::Tx,
        user_id: &Self::Id,
        id: &SessionId,
    ) -> impl Future<Output = Result<Option<Session<Self::Id>>, StoreError>> + Send;

    /// Ends sessions and says how many. The transaction holds the user already, by [`UserStore::find_locked`]. A store that keeps
    /// sessions apart may end them at once, whether or not the transaction is committed.
    fn revoke_sessions(
        &self,
        tx: &mut Self::Tx,
        filter: SessionFilter<'_, Self::Id>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Notes that the signed token of this name has ended, until it would have expired. Ending it again is no error. The transaction
    /// holds the user already; a store may do it at once, as with [`revoke_sessions`](Self::revoke_sessions).
    fn end_token(
        &self,
        tx: &mut Self::Tx,
        id: &SessionId,
        expires_at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whether the signed token of this name has ended, as it is while the transaction holds its user.
    fn has_token_ended(
        &self,
        tx: &mut Self::Tx,
        id: &SessionId,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The account of an id, unless the signed token of this name has ended, in one round trip.
    fn find_unless_ended(
        &self,
        user_id: &Self::Id,
        token: &SessionId,
    ) -> impl Future<Output = Result<Option<RecordOf<Self>>, StoreError>> + Send;

    /// Deletes the sessions and the ended tokens that expired before `now`, with all that [`UserStore::purge_expired`] deletes, and says
    /// how many rows that were.
    fn purge_sessions(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send;
}
