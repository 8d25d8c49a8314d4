//! A store of accounts and another one of sessions, joined: [`WithSessions`] is what an engine takes, [`StandaloneSessions`] what the
//! second one must be able to do.

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
use crate::user::{NewRecord, Stamp, UserId};

/// Sessions that are kept apart from the accounts, and know no more of a user than the id. The methods do what those of
/// [`SessionStore`] do, each in one atomic step; write them as plain `async fn`. [`WithSessions`] joins them with the accounts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not keep sessions of users whose ids are `{I}`",
    label = "the trait `StandaloneSessions` is not implemented for it",
    note = "`WithSessions` takes the store of the accounts first, then that of the sessions, such as `RedisSessions`"
)]
pub trait StandaloneSessions<I: UserId>: Send + Sync + 'static {
    /// Writes a new session. It never replaces one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id or the digest is there already.
    fn insert(&self, session: &Session<I>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// One session.
    fn find(&self, by: SessionLookup<'_>) -> impl Future<Output = Result<Option<Session<I>>, StoreError>> + Send;

    /// All sessions of a user, the latest login first.
    fn list(&self, user_id: &I) -> impl Future<Output = Result<Vec<Session<I>>, StoreError>> + Send;

    /// Notes that a session was used.
    fn touch(&self, id: &SessionId, seen_at: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Replaces the refresh token of a session, if it is still the expected one.
    fn rotate(
        &self,
        id: &SessionId,
        expected: &SessionDigest,
        next: &Rotation,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Gives a session, if it is still there, another stamp. It must not bring one back.
    fn restamp(&self, id: &SessionId, stamp: &Stamp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Ends sessions and says how many.
    fn revoke(&self, filter: SessionFilter<'_, I>) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Notes that a signed token has ended, until it would have expired.
    fn end_token(&self, id: &SessionId, expires_at: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whether a signed token has ended.
    fn has_ended(&self, id: &SessionId) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes the rows, of sessions and of ended tokens, that expired before `now` and says how many.
    fn purge(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

/// Accounts in one store and their sessions in another.
///
/// There is no transaction over both. What a change of an account means for sessions, a new stamp for the one that made it and the
/// end of all of a deleted user's, is done after the change is committed, never before. So nothing happens to sessions for a change that did
/// not happen; and where the second step is lost, the session has a stamp that fits no more, or no user, and opens nothing. What may
/// be lost is a login, never an end of one.
///
/// A session that is ended by name ends at once, while the row of its user is held in the store of the accounts; and a change looks for
/// the session that asks for it while it holds the same row. So nothing that a session asked for is written after its end was answered.
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

impl<U, S> WithSessions<U, S> {
    /// Joins the two.
    pub fn new(accounts: U, sessions: S) -> Self {
        Self { accounts, sessions }
    }

    /// The store of the accounts.
    pub fn accounts(&self) -> &U {
        &self.accounts
    }

    /// The store of the sessions.
    pub fn sessions(&self) -> &S {
        &self.sessions
    }
}

/// The transaction of [`WithSessions`]: that of the accounts, to which it dereferences, and what is to be done to sessions once it is
/// committed.
pub struct WithSessionsTx<T, I> {
    accounts: T,
    later: Vec<Later<I>>,
}

/// What a committed change means for sessions.
enum Later<I> {
    Restamp(SessionId, Stamp),
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

    async fn begin(&self) -> Result<Self::Tx, StoreError> {
        Ok(WithSessionsTx { accounts: self.accounts.begin().await?, later: Vec::new() })
    }

    async fn commit(&self, tx: Self::Tx) -> Result<(), StoreError> {
        let WithSessionsTx { accounts, later } = tx;
        self.accounts.commit(accounts).await?;
        for step in later {
            let done = match &step {
                Later::Restamp(id, stamp) => self.sessions.restamp(id, stamp).await,
                Later::RevokeAll(id) => self.sessions.revoke(SessionFilter::User(id)).await.map(drop),
            };
            // The change stands. What was not done here opens nothing.
            if let Err(error) = done {
                tracing::error!(target: "usermgr", %error, "sessions could not follow a change of their user");
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

    async fn lock_and_count_superusers(&self, tx: &mut Self::Tx) -> Result<u64, StoreError> {
        self.accounts.lock_and_count_superusers(tx).await
    }
}

impl<U: UserStore, S: StandaloneSessions<U::Id>> SessionStore for WithSessions<U, S> {
    async fn insert_session(&self, session: &Session<U::Id>) -> Result<(), StoreError> {
        self.sessions.insert(session).await
    }

    /// Two round trips: one to each store.
    async fn find_session(&self, by: SessionLookup<'_>) -> Result<Option<SessionAndRecord<Self>>, StoreError> {
        let Some(session) = self.sessions.find(by).await? else { return Ok(None) };
        let record = self.accounts.find(Lookup::Id(&session.user_id)).await?;
        Ok(record.map(|record| (session, record)))
    }

    async fn list_sessions(&self, user_id: &U::Id) -> Result<Vec<Session<U::Id>>, StoreError> {
        self.sessions.list(user_id).await
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

    async fn restamp_session(&self, tx: &mut Self::Tx, id: &SessionId, stamp: &Stamp) -> Result<(), StoreError> {
        tx.later.push(Later::Restamp(id.clone(), *stamp));
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

    /// Two round trips: one to each store.
    async fn find_unless_ended(
        &self,
        user_id: &U::Id,
        token: &SessionId,
    ) -> Result<Option<RecordOf<Self>>, StoreError> {
        if self.sessions.has_ended(token).await? { Ok(None) } else { self.accounts.find(Lookup::Id(user_id)).await }
    }

    async fn purge_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.sessions.purge(now).await? + self.accounts.purge_expired(now).await?)
    }
}
