//! A store of accounts joined with a separate store of sessions. [`WithSessions`] joins the two, and a session store
//! implements [`StandaloneSessions`].

mod capabilities;

use std::{
    fmt,
    future::Future,
    ops::{Deref, DerefMut},
};

use jiff::Timestamp;

use super::{
    Lookup, RecordOf, Rotation, Session, SessionAndRecord, SessionDigest, SessionFilter, SessionId, SessionLookup,
    SessionStore, StoreError, StoredRecordOf, UserStore,
};
use crate::{
    amr::Amr,
    concurrent::both,
    user::{NewRecord, Stamp, UserId},
};

/// A store of sessions that is separate from the accounts. It knows a user only by the id.
///
/// The methods do what the methods of [`SessionStore`] do, each in one atomic step. Write them as plain `async fn`.
/// [`WithSessions`] joins the sessions with the accounts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not keep sessions of users whose ids are `{I}`",
    label = "the trait `StandaloneSessions` is not implemented for it",
    note = "`WithSessions` takes the store of the accounts first, then that of the sessions, such as `RedisSessions`"
)]
pub trait StandaloneSessions<I: UserId>: Send + Sync + 'static {
    /// Returns the same store for the sessions of a [realm](UserStore::realm). It keeps them apart from those of other
    /// realms whose users may have the same ids. [`WithSessions::new`] calls it if the accounts have a realm.
    ///
    /// The provided method returns the store as it is, which is enough for one whose ids are never equal to those of
    /// other realms, such as UUIDs.
    #[must_use]
    fn in_realm(self, name: &str) -> Self
    where
        Self: Sized,
    {
        let _ = name;
        self
    }

    /// Writes a new session. It never replaces a session.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the id or the digest is taken.
    fn insert(&self, session: &Session<I>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Finds one session. Returns `None` if there is no such session.
    fn find(&self, by: SessionLookup<'_>) -> impl Future<Output = Result<Option<Session<I>>, StoreError>> + Send;

    /// Returns all sessions of a user, the latest login first.
    fn list(&self, user_id: &I) -> impl Future<Output = Result<Vec<Session<I>>, StoreError>> + Send;

    /// Returns how many sessions a user has. The provided method lists them.
    fn count(&self, user_id: &I) -> impl Future<Output = Result<u64, StoreError>> + Send {
        async move { Ok(self.list(user_id).await?.len() as u64) }
    }

    /// Records that a session was used at `seen_at`.
    fn touch(&self, id: &SessionId, seen_at: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Replaces the refresh token of a session if the current token is still `expected`. Returns `false`, and changes
    /// nothing, if another token is the current one or the session has ended.
    fn rotate(
        &self,
        id: &SessionId,
        expected: &SessionDigest,
        next: &Rotation,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Gives a session another stamp and these authentication methods. It must not bring back a session that has ended.
    fn restamp(&self, id: &SessionId, stamp: &Stamp, amr: &Amr) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Ends sessions and returns how many it ended.
    fn revoke(&self, filter: SessionFilter<'_, I>) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Records that a signed token has ended. The store may forget it after `expires_at`.
    fn end_token(&self, id: &SessionId, expires_at: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Returns whether a signed token has ended.
    fn has_ended(&self, id: &SessionId) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Returns the generation of the names of signed tokens, see [`SessionStore::token_generation`]. Default: none.
    fn token_generation(&self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send {
        async { Ok(None) }
    }

    /// Deletes the rows of sessions and of ended tokens that expired before `now`. Returns how many it deleted.
    fn purge(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

/// A store that keeps accounts in one database and their sessions in another.
///
/// There is no transaction over both. A change of an account has two consequences for sessions: the session that made
/// the change gets the new stamp, and the sessions of a deleted user end. Both happen after the change is committed,
/// never before. So a change that did not happen does not affect sessions. If the second step is lost, the session has
/// an old stamp or no user, and gives no access. A lost step may log a user out, but it never keeps a session alive.
///
/// A session that is ended by name ends immediately, while the store of the accounts holds the row of its user. A
/// change looks up the session that requests it while it holds the same row. So nothing that a session requested is
/// written after the response said that the session has ended.
///
/// ```
/// use usermgr::{store::{SessionStore, StandaloneSessions, WithSessions}, UserStore};
///
/// fn join<U: UserStore, S: StandaloneSessions<U::Id>>(accounts: U, sessions: S) -> impl SessionStore {
///     WithSessions::new(accounts, sessions)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct WithSessions<U, S> {
    accounts: U,
    sessions: S,
}

impl<U: UserStore, S: StandaloneSessions<U::Id>> WithSessions<U, S> {
    /// Joins a store of accounts and a store of sessions. The sessions get the [realm](UserStore::realm) of the accounts.
    pub fn new(accounts: U, sessions: S) -> Self {
        let sessions = match accounts.realm().filter(|name| !name.is_empty()) {
            Some(name) => sessions.in_realm(name),
            None => sessions,
        };
        Self { accounts, sessions }
    }
}

impl<U, S> WithSessions<U, S> {
    /// Returns the store of the accounts.
    pub fn accounts(&self) -> &U {
        &self.accounts
    }

    /// Returns the store of the sessions.
    pub fn sessions(&self) -> &S {
        &self.sessions
    }
}

/// The transaction of [`WithSessions`]. It dereferences to the transaction of the accounts, and collects the changes of
/// sessions that follow the commit.
pub struct WithSessionsTx<T, I> {
    accounts: T,
    later: Vec<Later<I>>,
}

/// A change of sessions that follows a commit.
enum Later<I> {
    Restamp(SessionId, Stamp, Amr),
    RevokeAll(I),
}

impl<T, I> Deref for WithSessionsTx<T, I> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.accounts
    }
}

impl<T, I> DerefMut for WithSessionsTx<T, I> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.accounts
    }
}

impl<T: fmt::Debug, I> fmt::Debug for WithSessionsTx<T, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithSessionsTx").field("accounts", &self.accounts).finish_non_exhaustive()
    }
}

impl<U: UserStore, S: StandaloneSessions<U::Id>> UserStore for WithSessions<U, S> {
    type Profile = U::Profile;
    type Id = U::Id;
    type Tx = WithSessionsTx<U::Tx, U::Id>;

    fn realm(&self) -> Option<&str> {
        self.accounts.realm()
    }

    async fn begin(&self) -> Result<Self::Tx, StoreError> {
        Ok(WithSessionsTx { accounts: self.accounts.begin().await?, later: Vec::new() })
    }

    async fn commit(&self, tx: Self::Tx) -> Result<(), StoreError> {
        let WithSessionsTx { accounts, later } = tx;
        self.accounts.commit(accounts).await?;
        for step in later {
            let done = match &step {
                Later::Restamp(id, stamp, amr) => self.sessions.restamp(id, stamp, amr).await,
                Later::RevokeAll(id) => self.sessions.revoke(SessionFilter::User(id)).await.map(drop),
            };
            // The change is committed and cannot fail any more. A session that was not updated gives no access.
            if let Err(error) = done {
                tracing::error!(target: "usermgr", %error, "the sessions of a changed user could not be updated; they give no access");
            }
        }
        Ok(())
    }

    async fn find(&self, by: Lookup<'_, U::Id>) -> Result<Option<RecordOf<Self>>, StoreError> {
        self.accounts.find(by).await
    }

    async fn find_stored(&self, id: &U::Id) -> Result<Option<StoredRecordOf<Self>>, StoreError> {
        self.accounts.find_stored(id).await
    }

    async fn insert(&self, tx: &mut Self::Tx, new: &NewRecord<U::Profile>) -> Result<U::Id, StoreError> {
        self.accounts.insert(tx, new).await
    }

    async fn update(&self, tx: &mut Self::Tx, record: &RecordOf<Self>) -> Result<(), StoreError> {
        self.accounts.update(tx, record).await
    }

    async fn update_stored(&self, tx: &mut Self::Tx, record: &StoredRecordOf<Self>) -> Result<(), StoreError> {
        self.accounts.update_stored(tx, record).await
    }

    async fn delete(&self, tx: &mut Self::Tx, id: &U::Id) -> Result<bool, StoreError> {
        tx.later.push(Later::RevokeAll(id.clone()));
        self.accounts.delete(tx, id).await
    }

    async fn find_locked(&self, tx: &mut Self::Tx, ids: [&U::Id; 2]) -> Result<Vec<RecordOf<Self>>, StoreError> {
        self.accounts.find_locked(tx, ids).await
    }

    async fn use_once(&self, tx: &mut Self::Tx, token: &str, expires_at: Timestamp) -> Result<bool, StoreError> {
        self.accounts.use_once(tx, token, expires_at).await
    }

    async fn purge_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.accounts.purge_expired(now).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let none = SessionId::new("none");
        let (accounts, sessions) = both(self.accounts.ready(), self.sessions.find(SessionLookup::Id(&none))).await;
        sessions.map_err(|error| StoreError::backend(format!("sessions: {error}")))?;
        accounts
    }

    async fn shutdown(&self) {
        self.accounts.shutdown().await;
    }

    async fn lock_and_count_superusers(&self, tx: &mut Self::Tx) -> Result<u64, StoreError> {
        self.accounts.lock_and_count_superusers(tx).await
    }
}

impl<U: UserStore, S: StandaloneSessions<U::Id>> SessionStore for WithSessions<U, S> {
    async fn insert_session(&self, session: &Session<U::Id>) -> Result<(), StoreError> {
        self.sessions.insert(session).await
    }

    /// Takes two round trips: one to each store.
    async fn find_session(&self, by: SessionLookup<'_>) -> Result<Option<SessionAndRecord<Self>>, StoreError> {
        let Some(session) = self.sessions.find(by).await? else { return Ok(None) };
        let record = self.accounts.find(Lookup::Id(&session.user_id)).await?;
        Ok(record.map(|record| (session, record)))
    }

    async fn list_sessions(&self, user_id: &U::Id) -> Result<Vec<Session<U::Id>>, StoreError> {
        self.sessions.list(user_id).await
    }

    async fn count_sessions(&self, user_id: &U::Id) -> Result<u64, StoreError> {
        self.sessions.count(user_id).await
    }

    async fn touch_session(&self, id: &SessionId, seen_at: Timestamp) -> Result<(), StoreError> {
        self.sessions.touch(id, seen_at).await
    }

    async fn rotate_session(
        &self,
        id: &SessionId,
        expected: &SessionDigest,
        next: &Rotation,
    ) -> Result<bool, StoreError> {
        self.sessions.rotate(id, expected, next).await
    }

    async fn restamp_session(
        &self,
        tx: &mut Self::Tx,
        id: &SessionId,
        stamp: &Stamp,
        amr: &Amr,
    ) -> Result<(), StoreError> {
        tx.later.push(Later::Restamp(id.clone(), *stamp, amr.clone()));
        Ok(())
    }

    async fn find_session_of(
        &self,
        _: &mut Self::Tx,
        user_id: &U::Id,
        id: &SessionId,
    ) -> Result<Option<Session<U::Id>>, StoreError> {
        Ok(self.sessions.find(SessionLookup::Id(id)).await?.filter(|session| session.user_id == *user_id))
    }

    async fn revoke_sessions(&self, _: &mut Self::Tx, filter: SessionFilter<'_, U::Id>) -> Result<u64, StoreError> {
        self.sessions.revoke(filter).await
    }

    async fn end_token(&self, _: &mut Self::Tx, id: &SessionId, expires_at: Timestamp) -> Result<(), StoreError> {
        self.sessions.end_token(id, expires_at).await
    }

    async fn has_token_ended(&self, _: &mut Self::Tx, id: &SessionId) -> Result<bool, StoreError> {
        self.sessions.has_ended(id).await
    }

    /// Takes two round trips: one to each store.
    async fn find_unless_ended(
        &self,
        user_id: &U::Id,
        token: &SessionId,
    ) -> Result<Option<RecordOf<Self>>, StoreError> {
        if self.sessions.has_ended(token).await? { Ok(None) } else { self.accounts.find(Lookup::Id(user_id)).await }
    }

    async fn token_generation(&self) -> Result<Option<String>, StoreError> {
        self.sessions.token_generation().await
    }

    async fn purge_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.sessions.purge(now).await? + self.accounts.purge_expired(now).await?)
    }
}
