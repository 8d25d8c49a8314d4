//! Storage of sessions: the content of a row, and the trait [`SessionStore`]. Only digests of tokens are stored.

use std::{fmt, future::Future, net::IpAddr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{RecordOf, StoreError, UserStore};
use crate::{actor::SessionActor, amr::Amr, user::Stamp};

/// The public name of a session, for lists and events. It gives no access.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);

impl SessionId {
    /// Creates an id from the text that a store has read.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The SHA-256 digest of a session token. Tokens are stored in this form only (ASVS 5.0, 6.5.2). A plain digest is
/// enough because a token has 256 random bits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SessionDigest(String);

impl SessionDigest {
    /// Returns the digest of a token.
    pub fn of(token: &str) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes())))
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

impl fmt::Debug for SessionDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionDigest(..)")
    }
}

/// A row of a session store.
///
/// ```
/// use usermgr::{store::{Session, SessionDigest, SessionId}, user::Stamp};
///
/// let now = jiff::Timestamp::now();
/// let (id, digest) = (SessionId::new("a"), SessionDigest::of("a token"));
/// let mut session = Session::new(id, digest, 7_i64, Stamp::from_bytes([1; 16]), "bearer", now, now);
/// session.user_agent = Some("curl".to_owned());
/// assert_eq!(session.seen_at, session.authenticated_at);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Session<I> {
    /// The public name.
    pub id: SessionId,
    /// The digest of the token. The session is found by it.
    pub digest: SessionDigest,
    /// The id of the session's user.
    pub user_id: I,
    /// The user's stamp when the session began. If the user has another stamp, the session has ended.
    pub stamp: Stamp,
    /// The name of the backend that created the session. No other backend accepts it.
    pub backend: String,
    /// When the user was authenticated.
    pub authenticated_at: Timestamp,
    /// The authentication methods, as [`Amr::to_stored`] writes them. An empty column means a password alone.
    pub amr: Amr,
    /// When an access was last recorded, with a precision of one minute. A refresh is not an access.
    pub seen_at: Timestamp,
    /// When the absolute lifetime of the session ends.
    pub expires_at: Timestamp,
    /// The address from which the user logged in.
    pub ip: Option<IpAddr>,
    /// The `User-Agent` with which the user logged in.
    pub user_agent: Option<String>,
    /// The administrator who acts in the session as its user, as [`SessionActor::to_stored`] writes them. An empty column
    /// means the user.
    pub actor: Option<SessionActor>,
    /// The current refresh token, for a session that has one.
    pub rotation: Option<Rotation>,
}

impl<I> Session<I> {
    /// Creates a session of a login with a password that has not been used since and has no refresh token. A store sets
    /// the other fields to what it has read.
    pub fn new(
        id: SessionId,
        digest: SessionDigest,
        user_id: I,
        stamp: Stamp,
        backend: impl Into<String>,
        authenticated_at: Timestamp,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            id,
            digest,
            user_id,
            stamp,
            backend: backend.into(),
            authenticated_at,
            amr: Amr::PASSWORD,
            seen_at: authenticated_at,
            expires_at,
            ip: None,
            user_agent: None,
            actor: None,
            rotation: None,
        }
    }
}

/// The current refresh token of a session. Each refresh token is used once and replaced by the next one (rotation; RFC
/// 9700, 4.14.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rotation {
    /// The digest of the token.
    pub digest: SessionDigest,
    /// When this token became the current one.
    pub rotated_at: Timestamp,
    /// The client that requested this token: a digest of its network and user agent under a key of the server, at most
    /// 64 bytes. `None` for the first refresh token, which the login issued.
    pub rotated_by: Option<String>,
}

impl Rotation {
    /// Creates the state of a session whose refresh token was issued by the login.
    pub fn new(digest: SessionDigest, rotated_at: Timestamp) -> Self {
        Self { digest, rotated_at, rotated_by: None }
    }

    /// Sets the client that requested the token.
    #[must_use]
    pub fn rotated_by(mut self, client: impl Into<String>) -> Self {
        self.rotated_by = Some(client.into());
        self
    }
}

/// The key by which one session is looked up.
///
/// A store answers a key that it does not know with an error, never with `None`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SessionLookup<'a> {
    /// By the digest of its token.
    Digest(&'a SessionDigest),
    /// By its public name, which a signed token carries.
    Id(&'a SessionId),
}

/// A session with the account that it belongs to.
pub type SessionAndRecord<S> = (Session<<S as UserStore>::Id>, RecordOf<S>);

/// A selection of sessions to end.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SessionFilter<'a, I> {
    /// The session with this name, if it belongs to this user.
    One {
        /// The id of the user.
        user_id: &'a I,
        /// The name of the session.
        id: &'a SessionId,
    },
    /// All sessions of a user.
    User(&'a I),
    /// All sessions of a user except one.
    Others {
        /// The id of the user.
        user_id: &'a I,
        /// The name of the session that stays.
        id: &'a SessionId,
    },
    /// The oldest sessions of a user, ordered by the time of the login and then by name. The session `id` and the
    /// newest `others` of the rest stay. A session in which an administrator acts stays too, and is not counted.
    Oldest {
        /// The id of the user.
        user_id: &'a I,
        /// The name of the session that stays, whatever its age.
        id: &'a SessionId,
        /// How many of the other sessions stay.
        others: u32,
    },
}

/// A store that keeps sessions too.
///
/// # Contract
/// The conformance kit checks these rules:
/// - The id and the digest of a session are unique. An insert never replaces a session.
/// - [`rotate_session`](Self::rotate_session) is a compare-and-swap: of several calls with the same expected token, one
///   succeeds.
/// - A change of a session that has ended does not bring it back, and is not an error.
/// - Deleting a user ends all sessions of that user, when the deletion is committed.
/// - The methods that take a transaction are called while it holds the session's user, by [`UserStore::find_locked`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not keep sessions",
    label = "the trait `SessionStore` is not implemented for it",
    note = "build the engine with a strategy that needs no session store: `Engine::builder(store).backend(Backend::bearer(\"jwt\", Jwt::new()))`"
)]
pub trait SessionStore: UserStore {
    /// Writes a new session. It never replaces a session.
    ///
    /// # Errors
    /// - [`StoreError::Conflict`] if the id or the digest is taken.
    /// - [`StoreError::Stale`] if the user was deleted and the store can detect this.
    fn insert_session(&self, session: &Session<Self::Id>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Finds a session with its user, in one round trip. Returns `None` if there is no such session or user.
    fn find_session(
        &self,
        by: SessionLookup<'_>,
    ) -> impl Future<Output = Result<Option<SessionAndRecord<Self>>, StoreError>> + Send;

    /// Returns all sessions of a user, the latest login first. Ended sessions that were not purged yet are included.
    fn list_sessions(
        &self,
        user_id: &Self::Id,
    ) -> impl Future<Output = Result<Vec<Session<Self::Id>>, StoreError>> + Send;

    /// Returns how many sessions a user has, with every one whose insertion was answered before. Ended sessions that were
    /// not purged yet may be counted. A login asks it, and ends the oldest sessions if there are too many.
    ///
    /// The provided method lists them.
    fn count_sessions(&self, user_id: &Self::Id) -> impl Future<Output = Result<u64, StoreError>> + Send {
        async move { Ok(self.list_sessions(user_id).await?.len() as u64) }
    }

    /// Records that a session was used at `seen_at`.
    fn touch_session(&self, id: &SessionId, seen_at: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Replaces the refresh token of a session if the current token is still `expected`, in one atomic step. No other
    /// field changes. Returns `false`, and changes nothing, if another token is the current one or the session has
    /// ended.
    fn rotate_session(
        &self,
        id: &SessionId,
        expected: &SessionDigest,
        next: &Rotation,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Gives a session the user's new stamp, in the transaction that changes the stamp, so that the session stays
    /// valid. It also replaces the authentication methods of the session: adding a second factor proves one more.
    fn restamp_session(
        &self,
        tx: &mut Self::Tx,
        id: &SessionId,
        stamp: &Stamp,
        amr: &Amr,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Finds the session with this name of this user, as it is while the transaction holds the user.
    fn find_session_of(
        &self,
        tx: &mut Self::Tx,
        user_id: &Self::Id,
        id: &SessionId,
    ) -> impl Future<Output = Result<Option<Session<Self::Id>>, StoreError>> + Send;

    /// Ends sessions and returns how many it ended. The transaction already holds the user, by
    /// [`UserStore::find_locked`]. A store that keeps sessions in another database may end them immediately, whether or
    /// not the transaction is committed.
    fn revoke_sessions(
        &self,
        tx: &mut Self::Tx,
        filter: SessionFilter<'_, Self::Id>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Records that the signed token with this name has ended. The store may forget it after `expires_at`. Ending a
    /// token again is not an error. The transaction already holds the user. A store may do this immediately, as with
    /// [`revoke_sessions`](Self::revoke_sessions).
    fn end_token(
        &self,
        tx: &mut Self::Tx,
        id: &SessionId,
        expires_at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Returns whether the signed token with this name has ended, as it is while the transaction holds its user.
    fn has_token_ended(
        &self,
        tx: &mut Self::Tx,
        id: &SessionId,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Finds an account by its id, in one round trip. Returns `None` if the signed token with this name has ended or if
    /// there is no such account.
    fn find_unless_ended(
        &self,
        user_id: &Self::Id,
        token: &SessionId,
    ) -> impl Future<Output = Result<Option<RecordOf<Self>>, StoreError>> + Send;

    /// Returns the generation of the names of signed tokens, for a store that may lose the records of
    /// [`end_token`](Self::end_token). The name of a token that can be ended begins with the generation that it was
    /// issued in, and a period. When records may be lost, the store begins another generation, and a token of an
    /// earlier one has ended. Default: none, for a store that loses nothing.
    fn token_generation(&self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send {
        async { Ok(None) }
    }

    /// Deletes the sessions and the ended tokens that expired before `now`, and everything that
    /// [`UserStore::purge_expired`] deletes. Returns how many rows it deleted.
    fn purge_sessions(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send;
}
