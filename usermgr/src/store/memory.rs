//! Accounts and sessions in memory, for tests, examples and first steps: rows go into maps behind one lock and are gone when the last
//! clone of the store is.

mod credential;
mod import;
mod outbox;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    marker::PhantomData,
    ops::Bound,
    sync::Arc,
};

use jiff::Timestamp;
use tokio::sync::{Mutex, OwnedMutexGuard};
use uuid::Uuid;

use self::credential::LookupKey;
use super::{
    Credential, CredentialDigest, CredentialId, Directory, ListQuery, Listed, Lookup, Pending, Rotation, Session,
    SessionDigest, SessionFilter, SessionId, SessionLookup, SessionStore, StoreError, UserStore,
};
use crate::user::{NewRecord, NoProfile, Profile, Record, Stamp, StoredProfile, UserId};

/// A store in memory, with everything the contract of [`UserStore`] asks for. Clones share the same rows.
///
/// One transaction is open at a time, and while it is, everybody else waits, readers too: as with a database over a single
/// connection. Profiles are kept as databases keep them, in JSON. Ids whose type [makes none](UserId::generate) are numbered from 1.
///
/// ```
/// use usermgr::{MemoryStore, NoProfile};
///
/// let plain = MemoryStore::new();
/// let numbered = MemoryStore::<NoProfile, i64>::default();
/// # let _ = (plain, numbered);
/// ```
pub struct MemoryStore<P = NoProfile, I = Uuid> {
    state: Arc<Mutex<State<I>>>,
    profile: PhantomData<fn() -> P>,
}

impl MemoryStore {
    /// An empty store of users without a profile, whose ids are UUIDs. For other types there is [`MemoryStore::default`].
    pub fn new() -> Self {
        Self::default()
    }
}

impl<P, I> Default for MemoryStore<P, I> {
    fn default() -> Self {
        Self { state: Arc::default(), profile: PhantomData }
    }
}

impl<P, I> Clone for MemoryStore<P, I> {
    fn clone(&self) -> Self {
        Self { state: Arc::clone(&self.state), profile: PhantomData }
    }
}

impl<P, I> fmt::Debug for MemoryStore<P, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

/// The transaction of a [`MemoryStore`]: it holds the store until it is committed, or dropped and thereby undone.
pub struct MemoryTx<P: Profile = NoProfile, I: UserId = Uuid> {
    state: OwnedMutexGuard<State<I>>,
    undo: Vec<Undo<I>>,
    profile: PhantomData<fn() -> P>,
}

/// An account as it is kept.
type Row<I> = Record<StoredProfile, I>;

/// A row as it was before a write.
enum Undo<I> {
    User(Key, Option<Row<I>>),
    Session(SessionId, Option<Session<I>>),
    EndedToken(SessionId, Option<Timestamp>),
    Credential(CredentialId, Option<Credential<I>>),
    Pending(CredentialDigest, Option<Pending<I>>),
    Outbox(crate::OutboxId, Option<outbox::Row<I>>),
}

impl<P: Profile, I: UserId> MemoryTx<P, I> {
    fn put_user(&mut self, key: Key, record: Option<Row<I>>) {
        let before = self.state.put_user(&key, record);
        self.undo.push(Undo::User(key, before));
    }

    fn put_session(&mut self, id: SessionId, session: Option<Session<I>>) {
        let before = self.state.put_session(&id, session);
        self.undo.push(Undo::Session(id, before));
    }

    /// Notes the end of a token; `false` if it had ended before.
    fn put_ended_token(&mut self, id: SessionId, expires_at: Timestamp) -> bool {
        let before = self.state.ended_tokens.insert(id.clone(), expires_at);
        let is_new = before.is_none();
        self.undo.push(Undo::EndedToken(id, before));
        is_new
    }
}

impl<P: Profile, I: UserId> Drop for MemoryTx<P, I> {
    fn drop(&mut self) {
        while let Some(undo) = self.undo.pop() {
            match undo {
                Undo::User(key, before) => drop(self.state.put_user(&key, before)),
                Undo::Session(id, before) => drop(self.state.put_session(&id, before)),
                Undo::EndedToken(id, Some(before)) => drop(self.state.ended_tokens.insert(id, before)),
                Undo::EndedToken(id, None) => drop(self.state.ended_tokens.remove(&id)),
                Undo::Credential(id, before) => drop(self.state.put_credential(&id, before)),
                Undo::Pending(digest, before) => drop(self.state.put_pending(&digest, before)),
                Undo::Outbox(id, before) => drop(self.state.put_outbox(&id, before)),
            }
        }
    }
}

impl<P: Profile, I: UserId> fmt::Debug for MemoryTx<P, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTx").finish_non_exhaustive()
    }
}

/// Orders the accounts. Ids have no order of their own; shorter texts come first, so that numbers stand in the order of numbers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key(usize, String);

impl Key {
    fn of(id: &impl UserId) -> Self {
        let text = id.to_string();
        Self(text.len(), text)
    }
}

struct State<I> {
    users: BTreeMap<Key, Row<I>>,
    addresses: HashMap<String, Key>,
    sessions: HashMap<SessionId, Session<I>>,
    digests: HashMap<SessionDigest, SessionId>,
    ended_tokens: HashMap<SessionId, Timestamp>,
    credentials: BTreeMap<CredentialId, Credential<I>>,
    lookups: HashMap<LookupKey, CredentialId>,
    pending: HashMap<CredentialDigest, Pending<I>>,
    outbox: BTreeMap<crate::OutboxId, outbox::Row<I>>,
    last_number: i64,
}

impl<I> Default for State<I> {
    fn default() -> Self {
        Self {
            users: BTreeMap::new(),
            addresses: HashMap::new(),
            sessions: HashMap::new(),
            digests: HashMap::new(),
            ended_tokens: HashMap::new(),
            credentials: BTreeMap::new(),
            lookups: HashMap::new(),
            pending: HashMap::new(),
            outbox: BTreeMap::new(),
            last_number: 0,
        }
    }
}

impl<I: UserId> State<I> {
    /// Writes or removes an account and returns what stood there.
    fn put_user(&mut self, key: &Key, record: Option<Row<I>>) -> Option<Row<I>> {
        let before = self.users.remove(key);
        if let Some(old) = &before {
            self.addresses.remove(old.user.email.canonical());
        }
        if let Some(new) = record {
            self.addresses.insert(new.user.email.canonical().to_owned(), key.clone());
            self.users.insert(key.clone(), new);
        }
        before
    }

    /// Writes or removes a session and returns what stood there.
    fn put_session(&mut self, id: &SessionId, session: Option<Session<I>>) -> Option<Session<I>> {
        let before = self.sessions.remove(id);
        if let Some(old) = &before {
            self.digests.remove(&old.digest);
        }
        if let Some(new) = session {
            self.digests.insert(new.digest.clone(), id.clone());
            self.sessions.insert(id.clone(), new);
        }
        before
    }

    /// Replaces the account of the same id and version.
    fn swapped(&self, record: Row<I>) -> Result<(Key, Row<I>), StoreError> {
        let key = Key::of(&record.user.id);
        if self.users.get(&key).is_none_or(|stored| stored.version != record.version) {
            return Err(StoreError::Stale);
        }
        if self.addresses.get(record.user.email.canonical()).is_some_and(|owner| *owner != key) {
            return Err(StoreError::Conflict);
        }
        let version = record.version + 1;
        Ok((key, Record { version, ..record }))
    }

    /// A fresh id. Numbers are not taken back when a transaction is undone.
    fn next_id(&mut self, now: Timestamp) -> Result<I, StoreError> {
        if let Some(id) = I::generate(now) {
            return Ok(id);
        }
        self.last_number += 1;
        let number = self.last_number.to_string();
        number.parse().map_err(|_| StoreError::backend("ids that the type does not make itself must be numbers"))
    }

    fn sessions_where(&self, wanted: impl Fn(&Session<I>) -> bool) -> Vec<SessionId> {
        self.sessions.values().filter(|session| wanted(session)).map(|session| session.id.clone()).collect()
    }

    /// Forgets the tokens that expired before a time, and says how many.
    fn forget_tokens(&mut self, now: Timestamp) -> u64 {
        let before = self.ended_tokens.len();
        self.ended_tokens.retain(|_, expires_at| *expires_at >= now);
        (before - self.ended_tokens.len()) as u64
    }
}

impl<P: Profile, I: UserId> UserStore for MemoryStore<P, I> {
    type Profile = P;
    type Id = I;
    type Tx = MemoryTx<P, I>;

    async fn begin(&self) -> Result<Self::Tx, StoreError> {
        let state = Arc::clone(&self.state).lock_owned().await;
        Ok(MemoryTx { state, undo: Vec::new(), profile: PhantomData })
    }

    async fn commit(&self, mut tx: Self::Tx) -> Result<(), StoreError> {
        tx.undo.clear();
        Ok(())
    }

    async fn find(&self, by: Lookup<'_, I>) -> Result<Option<Record<P, I>>, StoreError> {
        let state = self.state.lock().await;
        let row = match by {
            Lookup::Id(id) => state.users.get(&Key::of(id)),
            Lookup::Email(email) => state.addresses.get(email.canonical()).and_then(|key| state.users.get(key)),
        };
        row.map(Row::read).transpose()
    }

    async fn find_stored(&self, id: &I) -> Result<Option<Row<I>>, StoreError> {
        Ok(self.state.lock().await.users.get(&Key::of(id)).cloned())
    }

    async fn insert(&self, tx: &mut Self::Tx, new: &NewRecord<P>) -> Result<I, StoreError> {
        let id = tx.state.next_id(new.created_at)?;
        let (key, row) = (Key::of(&id), new.with_id(id.clone()).to_stored()?);
        if tx.state.addresses.contains_key(new.email.canonical()) || tx.state.users.contains_key(&key) {
            return Err(StoreError::Conflict);
        }
        tx.put_user(key, Some(row));
        Ok(id)
    }

    async fn update(&self, tx: &mut Self::Tx, record: &Record<P, I>) -> Result<(), StoreError> {
        self.update_stored(tx, &record.to_stored()?).await
    }

    async fn update_stored(&self, tx: &mut Self::Tx, record: &Row<I>) -> Result<(), StoreError> {
        let (key, row) = tx.state.swapped(record.clone())?;
        tx.put_user(key, Some(row));
        Ok(())
    }

    async fn delete(&self, tx: &mut Self::Tx, id: &I) -> Result<bool, StoreError> {
        let key = Key::of(id);
        if !tx.state.users.contains_key(&key) {
            return Ok(false);
        }
        for session in tx.state.sessions_where(|session| session.user_id == *id) {
            tx.put_session(session, None);
        }
        tx.forget_credentials(id);
        tx.forget_outbox(&key, id);
        tx.put_user(key, None);
        Ok(true)
    }

    async fn find_locked(&self, tx: &mut Self::Tx, [one, other]: [&I; 2]) -> Result<Vec<Record<P, I>>, StoreError> {
        let other = Some(other).filter(|other| *other != one);
        let keys = std::iter::once(one).chain(other).map(Key::of);
        keys.filter_map(|key| tx.state.users.get(&key)).map(Row::read).collect()
    }

    async fn use_once(&self, tx: &mut Self::Tx, token: &str, expires_at: Timestamp) -> Result<bool, StoreError> {
        Ok(tx.put_ended_token(SessionId::new(token), expires_at))
    }

    async fn purge_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut state = self.state.lock().await;
        Ok(state.forget_tokens(now) + state.forget_expired(now))
    }

    async fn lock_and_count_superusers(&self, tx: &mut Self::Tx) -> Result<u64, StoreError> {
        Ok(tx.state.users.values().filter(|record| record.user.is_superuser && record.user.is_active).count() as u64)
    }
}

impl<P: Profile, I: UserId> SessionStore for MemoryStore<P, I> {
    async fn insert_session(&self, session: &Session<I>) -> Result<(), StoreError> {
        let mut state = self.state.lock().await;
        if state.sessions.contains_key(&session.id) || state.digests.contains_key(&session.digest) {
            return Err(StoreError::Conflict);
        }
        if !state.users.contains_key(&Key::of(&session.user_id)) {
            return Err(StoreError::Stale);
        }
        state.put_session(&session.id, Some(session.clone()));
        Ok(())
    }

    async fn find_session(&self, by: SessionLookup<'_>) -> Result<Option<(Session<I>, Record<P, I>)>, StoreError> {
        let state = self.state.lock().await;
        let id = match by {
            SessionLookup::Digest(digest) => state.digests.get(digest),
            SessionLookup::Id(id) => Some(id),
        };
        let Some(session) = id.and_then(|id| state.sessions.get(id)) else { return Ok(None) };
        let row = state.users.get(&Key::of(&session.user_id));
        row.map(|row| Ok((session.clone(), row.read()?))).transpose()
    }

    async fn list_sessions(&self, user_id: &I) -> Result<Vec<Session<I>>, StoreError> {
        let state = self.state.lock().await;
        let mut sessions: Vec<_> =
            state.sessions.values().filter(|session| session.user_id == *user_id).cloned().collect();
        sessions.sort_by(|a, b| (b.authenticated_at, b.id.as_str()).cmp(&(a.authenticated_at, a.id.as_str())));
        Ok(sessions)
    }

    async fn touch_session(&self, id: &SessionId, seen_at: Timestamp) -> Result<(), StoreError> {
        if let Some(session) = self.state.lock().await.sessions.get_mut(id) {
            session.seen_at = seen_at;
        }
        Ok(())
    }

    async fn rotate_session(
        &self,
        id: &SessionId,
        expected: &SessionDigest,
        next: &Rotation,
    ) -> Result<bool, StoreError> {
        let mut state = self.state.lock().await;
        let fits = |session: &&mut Session<I>| session.rotation.as_ref().is_some_and(|now| now.digest == *expected);
        let Some(session) = state.sessions.get_mut(id).filter(fits) else { return Ok(false) };
        session.rotation = Some(next.clone());
        Ok(true)
    }

    async fn restamp_session(&self, tx: &mut Self::Tx, id: &SessionId, stamp: &Stamp) -> Result<(), StoreError> {
        if let Some(session) = tx.state.sessions.get(id).cloned() {
            tx.put_session(id.clone(), Some(Session { stamp: *stamp, ..session }));
        }
        Ok(())
    }

    async fn find_session_of(
        &self,
        tx: &mut Self::Tx,
        user_id: &I,
        id: &SessionId,
    ) -> Result<Option<Session<I>>, StoreError> {
        Ok(tx.state.sessions.get(id).filter(|session| session.user_id == *user_id).cloned())
    }

    async fn revoke_sessions(&self, tx: &mut Self::Tx, filter: SessionFilter<'_, I>) -> Result<u64, StoreError> {
        let oldest = match filter {
            SessionFilter::Oldest { user_id, id, others } => {
                let mut ids = tx.state.sessions_where(|session| session.user_id == *user_id && session.id != *id);
                ids.sort_by_key(|id| {
                    std::cmp::Reverse(tx.state.sessions.get(id).map(|row| (row.authenticated_at, id.to_string())))
                });
                ids.split_off(ids.len().min(others as usize))
            }
            _ => Vec::new(),
        };
        let ids = tx.state.sessions_where(|session| match filter {
            SessionFilter::Oldest { .. } => oldest.contains(&session.id),
            SessionFilter::One { user_id, id } => session.id == *id && session.user_id == *user_id,
            SessionFilter::User(user_id) => session.user_id == *user_id,
            SessionFilter::Others { user_id, id } => session.id != *id && session.user_id == *user_id,
        });
        let count = ids.len() as u64;
        for id in ids {
            tx.put_session(id, None);
        }
        Ok(count)
    }

    async fn end_token(&self, tx: &mut Self::Tx, id: &SessionId, expires_at: Timestamp) -> Result<(), StoreError> {
        tx.put_ended_token(id.clone(), expires_at);
        Ok(())
    }

    async fn has_token_ended(&self, tx: &mut Self::Tx, id: &SessionId) -> Result<bool, StoreError> {
        Ok(tx.state.ended_tokens.contains_key(id))
    }

    async fn find_unless_ended(&self, user_id: &I, token: &SessionId) -> Result<Option<Record<P, I>>, StoreError> {
        let state = self.state.lock().await;
        let lives = !state.ended_tokens.contains_key(token);
        let row = state.users.get(&Key::of(user_id)).filter(|_| lives);
        row.map(Row::read).transpose()
    }

    async fn purge_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut state = self.state.lock().await;
        let ended = state.sessions_where(|session| session.expires_at < now);
        for id in &ended {
            state.put_session(id, None);
        }
        Ok(ended.len() as u64 + state.forget_tokens(now) + state.forget_expired(now))
    }
}

impl<P: Profile, I: UserId> Directory for MemoryStore<P, I> {
    async fn list(&self, query: &ListQuery<I>) -> Result<Vec<Listed<P, I>>, StoreError> {
        let state = self.state.lock().await;
        let start = query.after.as_ref().map_or(Bound::Unbounded, |id| Bound::Excluded(Key::of(id)));
        let page = state.users.range((start, Bound::Unbounded)).take(query.limit as usize);
        Ok(page.map(|(_, row)| row.clone().into()).collect())
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use crate::testing::conformance::{profiles::Fragile, sample::Card};

    crate::store_conformance!(uuids, MemoryStore::new());
    crate::store_conformance!(numbers, MemoryStore::<NoProfile, i64>::default());
    crate::store_conformance!(texts, MemoryStore::<NoProfile, String>::default());
    crate::store_conformance!(with_a_profile, MemoryStore::<Card>::default(), profile: Card::sample());

    crate::store_conformance!(
        fragile,
        MemoryStore::<Fragile>::default(),
        profile: Fragile::named("Ada"),
        rules: [profiles]
    );

    crate::store_conformance!(credentials_of_uuids, MemoryStore::new(), rules: [credentials]);
    crate::store_conformance!(credentials_of_numbers, MemoryStore::<NoProfile, i64>::default(), rules: [credentials]);

    crate::store_conformance!(outbox_uuids, MemoryStore::new(), rules: [outbox]);
    crate::store_conformance!(outbox_numbers, MemoryStore::<NoProfile, i64>::default(), rules: [outbox]);

    #[tokio::test]
    async fn clones_share_their_rows() {
        let store = MemoryStore::new();
        let mut tx = store.begin().await.unwrap();
        let id = store
            .insert(&mut tx, &crate::testing::conformance::sample::account("ada@example.com", NoProfile))
            .await
            .unwrap();
        store.commit(tx).await.unwrap();
        assert!(store.clone().find(Lookup::Id(&id)).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn x13_a_number_is_not_used_again_even_after_a_rollback() {
        let store = MemoryStore::<NoProfile, i64>::default();
        let new = crate::testing::conformance::sample::account("ada@example.com", NoProfile);
        let mut tx = store.begin().await.unwrap();
        let undone = store.insert(&mut tx, &new).await.unwrap();
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        assert_ne!(store.insert(&mut tx, &new).await.unwrap(), undone);
    }
}
