//! The rows of a store in memory, and their indexes.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use crate::{
    store::{
        Credential, CredentialDigest, CredentialId, CredentialKind, LoginEntry, OutboxEntry, OutboxId, Pending,
        Session, SessionDigest, SessionId, StoreError,
    },
    user::{EmailAddress, Record, StoredProfile, UserId, Username},
};

/// An account as it is stored.
pub(super) type Row<I> = Record<StoredProfile, I>;

/// The unique key of a credential, besides its id.
pub(super) type LookupKey = (CredentialKind, CredentialDigest);

/// A row of the outbox.
#[derive(Clone)]
pub(super) struct OutboxRow<I> {
    pub(super) entry: OutboxEntry<I>,
    /// When and why it was given up.
    pub(super) failed: Option<(Timestamp, String)>,
}

/// The sort key of accounts. Ids have no order of their own. Shorter texts come first, so that numbers are in numeric
/// order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(usize, String);

impl Key {
    pub(super) fn of(id: &impl UserId) -> Self {
        let text = id.to_string();
        Self(text.len(), text)
    }
}

pub(super) struct State<I> {
    pub(super) users: BTreeMap<Key, Row<I>>,
    pub(super) addresses: BTreeMap<String, Key>,
    pub(super) usernames: HashMap<String, Key>,
    pub(super) sessions: HashMap<SessionId, Session<I>>,
    pub(super) digests: HashMap<SessionDigest, SessionId>,
    pub(super) ended_tokens: HashMap<SessionId, Timestamp>,
    pub(super) credentials: BTreeMap<CredentialId, Credential<I>>,
    pub(super) lookups: HashMap<LookupKey, CredentialId>,
    pub(super) pending: HashMap<CredentialDigest, Pending<I>>,
    pub(super) outbox: BTreeMap<OutboxId, OutboxRow<I>>,
    /// The rows of each user, the latest first.
    pub(super) history: BTreeMap<Key, Vec<LoginEntry<I>>>,
    pub(super) last_number: i64,
}

impl<I> Default for State<I> {
    fn default() -> Self {
        Self {
            users: BTreeMap::new(),
            addresses: BTreeMap::new(),
            usernames: HashMap::new(),
            sessions: HashMap::new(),
            digests: HashMap::new(),
            ended_tokens: HashMap::new(),
            credentials: BTreeMap::new(),
            lookups: HashMap::new(),
            pending: HashMap::new(),
            outbox: BTreeMap::new(),
            history: BTreeMap::new(),
            last_number: 0,
        }
    }
}

impl<I: UserId> State<I> {
    /// Writes or removes an account and returns the previous one.
    pub(super) fn put_user(&mut self, key: &Key, record: Option<Row<I>>) -> Option<Row<I>> {
        let before = self.users.remove(key);
        if let Some(old) = &before {
            self.addresses.remove(old.user.email.canonical());
            if let Some(username) = &old.user.username {
                self.usernames.remove(username.canonical());
            }
        }
        if let Some(new) = record {
            self.addresses.insert(new.user.email.canonical().to_owned(), key.clone());
            if let Some(username) = &new.user.username {
                self.usernames.insert(username.canonical().to_owned(), key.clone());
            }
            self.users.insert(key.clone(), new);
        }
        before
    }

    /// Writes or removes a session and returns the previous one.
    pub(super) fn put_session(&mut self, id: &SessionId, session: Option<Session<I>>) -> Option<Session<I>> {
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

    /// Returns the replacement of the account with the same id and version, with the next version.
    pub(super) fn swapped(&self, record: Row<I>) -> Result<(Key, Row<I>), StoreError> {
        let key = Key::of(&record.user.id);
        if self.users.get(&key).is_none_or(|stored| stored.version != record.version) {
            return Err(StoreError::Stale);
        }
        if self.is_taken(&record.user.email, record.user.username.as_ref(), Some(&key)) {
            return Err(StoreError::Conflict);
        }
        let version = record.version + 1;
        Ok((key, Record { version, ..record }))
    }

    /// Returns whether another account than that of `own` has the address or the user name.
    pub(super) fn is_taken(&self, email: &EmailAddress, username: Option<&Username>, own: Option<&Key>) -> bool {
        let by_name = username.and_then(|username| self.usernames.get(username.canonical()));
        let owners = [self.addresses.get(email.canonical()), by_name];
        owners.into_iter().flatten().any(|owner| Some(owner) != own)
    }

    /// Returns a new id. A transaction that is rolled back does not give its number back.
    pub(super) fn next_id(&mut self, now: Timestamp) -> Result<I, StoreError> {
        if let Some(id) = I::generate(now) {
            return Ok(id);
        }
        self.last_number += 1;
        let number = self.last_number.to_string();
        number.parse().map_err(|_| StoreError::backend("an id type that does not generate ids must be a number"))
    }

    pub(super) fn sessions_where(&self, wanted: impl Fn(&Session<I>) -> bool) -> Vec<SessionId> {
        self.sessions.values().filter(|session| wanted(session)).map(|session| session.id.clone()).collect()
    }

    /// Removes the tokens that expired before `now`, and returns how many it removed.
    pub(super) fn forget_tokens(&mut self, now: Timestamp) -> u64 {
        let before = self.ended_tokens.len();
        self.ended_tokens.retain(|_, expires_at| *expires_at >= now);
        (before - self.ended_tokens.len()) as u64
    }
}
