//! A watched store: every capability of the wrapped store, with each call reported to its [`Watch`].

use jiff::Timestamp;

use super::watch::{Watch, Watched};
use crate::{
    amr::Amr,
    store::{
        Credential, CredentialAndRecord, CredentialDigest, CredentialFilter, CredentialId, CredentialKind,
        CredentialStore, Directory, FailedEntry, HistoryStore, Import, ListQuery, ListedOf, LoginEntry, Lookup,
        NewCredential, OutboxEntry, OutboxId, OutboxStore, Pending, PendingPurpose, RecordOf, Rotation, Session,
        SessionAndRecord, SessionDigest, SessionFilter, SessionId, SessionLookup, SessionStore, StandaloneSessions,
        StoreError, StoredRecordOf, UserFilter, UserStore,
    },
    user::{EmailAddress, NewRecord, Stamp, UserId},
};

/// Methods that pass on their arguments, under the name that the watch sees.
macro_rules! pass {
    ($($name:literal $method:ident($($arg:ident: $type:ty),*) -> $value:ty;)*) => {$(
        async fn $method(&self, $($arg: $type),*) -> Result<$value, StoreError> {
            self.pass($name, self.inner().$method($($arg),*)).await
        }
    )*};
}

impl<S: UserStore, W: Watch> UserStore for Watched<S, W> {
    type Profile = S::Profile;
    type Id = S::Id;
    type Tx = S::Tx;

    fn realm(&self) -> Option<&str> {
        self.inner().realm()
    }

    pass! {
        "begin" begin() -> S::Tx;
        "commit" commit(tx: S::Tx) -> ();
        "find" find(by: Lookup<'_, S::Id>) -> Option<RecordOf<Self>>;
        "find_stored" find_stored(id: &S::Id) -> Option<StoredRecordOf<Self>>;
        "insert" insert(tx: &mut S::Tx, new: &NewRecord<S::Profile>) -> S::Id;
        "update" update(tx: &mut S::Tx, record: &RecordOf<Self>) -> ();
        "update_stored" update_stored(tx: &mut S::Tx, record: &StoredRecordOf<Self>) -> ();
        "delete" delete(tx: &mut S::Tx, id: &S::Id) -> bool;
        "find_locked" find_locked(tx: &mut S::Tx, ids: [&S::Id; 2]) -> Vec<RecordOf<Self>>;
        "use_once" use_once(tx: &mut S::Tx, token: &str, expires_at: Timestamp) -> bool;
        "purge_expired" purge_expired(now: Timestamp) -> u64;
        "ready" ready() -> ();
        "lock_and_count_superusers" lock_and_count_superusers(tx: &mut S::Tx) -> u64;
    }

    async fn shutdown(&self) {
        self.inner().shutdown().await;
    }
}

impl<S: SessionStore, W: Watch> SessionStore for Watched<S, W> {
    pass! {
        "insert_session" insert_session(session: &Session<S::Id>) -> ();
        "find_session" find_session(by: SessionLookup<'_>) -> Option<SessionAndRecord<Self>>;
        "list_sessions" list_sessions(user_id: &S::Id) -> Vec<Session<S::Id>>;
        "count_sessions" count_sessions(user_id: &S::Id) -> u64;
        "touch_session" touch_session(id: &SessionId, seen_at: Timestamp) -> ();
        "rotate_session" rotate_session(id: &SessionId, expected: &SessionDigest, next: &Rotation) -> bool;
        "restamp_session" restamp_session(tx: &mut S::Tx, id: &SessionId, stamp: &Stamp, amr: &Amr) -> ();
        "find_session_of" find_session_of(tx: &mut S::Tx, user_id: &S::Id, id: &SessionId) -> Option<Session<S::Id>>;
        "revoke_sessions" revoke_sessions(tx: &mut S::Tx, filter: SessionFilter<'_, S::Id>) -> u64;
        "end_token" end_token(tx: &mut S::Tx, id: &SessionId, expires_at: Timestamp) -> ();
        "has_token_ended" has_token_ended(tx: &mut S::Tx, id: &SessionId) -> bool;
        "find_unless_ended" find_unless_ended(user_id: &S::Id, token: &SessionId) -> Option<RecordOf<Self>>;
        "token_generation" token_generation() -> Option<String>;
        "purge_sessions" purge_sessions(now: Timestamp) -> u64;
    }
}

impl<S: Directory, W: Watch> Directory for Watched<S, W> {
    pass! {
        "list" list(query: &ListQuery<S::Id>) -> Vec<ListedOf<Self>>;
        "search" search(filter: &UserFilter, query: &ListQuery<EmailAddress>) -> Vec<ListedOf<Self>>;
    }
}

impl<S: Import, W: Watch> Import for Watched<S, W> {
    pass! {
        "insert_record" insert_record(tx: &mut S::Tx, record: &RecordOf<Self>) -> ();
        "import_credential" import_credential(tx: &mut S::Tx, credential: &Credential<S::Id>) -> ();
    }
}

impl<S: CredentialStore, W: Watch> CredentialStore for Watched<S, W> {
    pass! {
        "credentials" credentials(user_id: &S::Id, now: Timestamp) -> Vec<Credential<S::Id>>;
        "find_credential" find_credential(kind: &CredentialKind, lookup: &CredentialDigest, now: Timestamp) -> Option<CredentialAndRecord<Self>>;
        "list_credentials" list_credentials(after: Option<&CredentialId>, limit: u32) -> Vec<Credential<S::Id>>;
        "list_credentials_of_kind" list_credentials_of_kind(kind: &CredentialKind, after: Option<&CredentialId>, limit: u32) -> Vec<Credential<S::Id>>;
        "insert_credential" insert_credential(tx: &mut S::Tx, new: &NewCredential<S::Id>) -> ();
        "swap_credential" swap_credential(credential: &Credential<S::Id>) -> bool;
        "delete_credentials" delete_credentials(tx: &mut S::Tx, filter: CredentialFilter<'_, S::Id>) -> u64;
        "put_pending" put_pending(pending: &Pending<S::Id>) -> ();
        "find_pending" find_pending(digest: &CredentialDigest, purpose: &PendingPurpose, now: Timestamp) -> Option<Pending<S::Id>>;
        "try_pending" try_pending(digest: &CredentialDigest, purpose: &PendingPurpose, most_attempts: u32, now: Timestamp) -> Option<Pending<S::Id>>;
        "take_pending" take_pending(digest: &CredentialDigest, purpose: &PendingPurpose, now: Timestamp) -> Option<Pending<S::Id>>;
        "delete_pending" delete_pending(tx: &mut S::Tx, user_id: &S::Id) -> u64;
    }
}

impl<S: HistoryStore, W: Watch> HistoryStore for Watched<S, W> {
    pass! {
        "insert_login" insert_login(entry: &LoginEntry<S::Id>, most: u32) -> ();
        "list_logins" list_logins(user_id: &S::Id, since: Timestamp) -> Vec<LoginEntry<S::Id>>;
        "purge_logins" purge_logins(before: Timestamp) -> u64;
    }
}

impl<S: OutboxStore, W: Watch> OutboxStore for Watched<S, W> {
    pass! {
        "push" push(tx: &mut S::Tx, entry: &OutboxEntry<S::Id>) -> ();
        "claim" claim(limit: u32, now: Timestamp, until: Timestamp) -> Vec<OutboxEntry<S::Id>>;
        "done" done(id: &OutboxId) -> ();
        "retry" retry(id: &OutboxId, attempt: u32, due_at: Timestamp, error: &str) -> ();
        "fail" fail(id: &OutboxId, attempt: u32, failed_at: Timestamp, error: &str) -> ();
        "list_failed" list_failed(query: &ListQuery<OutboxId>) -> Vec<FailedEntry<S::Id>>;
        "retry_failed" retry_failed(id: &OutboxId, due_at: Timestamp) -> bool;
        "delete_failed" delete_failed(id: &OutboxId) -> bool;
        "oldest_due" oldest_due(now: Timestamp) -> Option<Timestamp>;
        "purge_failed" purge_failed(before: Timestamp) -> u64;
    }
}

impl<I: UserId, S: StandaloneSessions<I>, W: Watch> StandaloneSessions<I> for Watched<S, W> {
    pass! {
        "insert_session" insert(session: &Session<I>) -> ();
        "find_session" find(by: SessionLookup<'_>) -> Option<Session<I>>;
        "list_sessions" list(user_id: &I) -> Vec<Session<I>>;
        "count_sessions" count(user_id: &I) -> u64;
        "touch_session" touch(id: &SessionId, seen_at: Timestamp) -> ();
        "rotate_session" rotate(id: &SessionId, expected: &SessionDigest, next: &Rotation) -> bool;
        "restamp_session" restamp(id: &SessionId, stamp: &Stamp, amr: &Amr) -> ();
        "revoke_sessions" revoke(filter: SessionFilter<'_, I>) -> u64;
        "end_token" end_token(id: &SessionId, expires_at: Timestamp) -> ();
        "has_ended" has_ended(id: &SessionId) -> bool;
        "token_generation" token_generation() -> Option<String>;
        "purge_sessions" purge(now: Timestamp) -> u64;
    }
}

crate::store_conformance!(
    is_the_store_it_wraps,
    Watched::new(crate::MemoryStore::new(), crate::testing::Calls::default())
);
crate::store_conformance!(
    is_the_store_of_counters_it_wraps,
    Watched::new(crate::limits::MemoryCounters::default(), crate::testing::Calls::default()),
    rules: [counters]
);
crate::store_conformance!(
    is_the_store_of_credentials_it_wraps,
    Watched::new(crate::MemoryStore::new(), crate::testing::Calls::default()),
    rules: [credentials]
);
crate::store_conformance!(
    is_the_outbox_it_wraps,
    Watched::new(crate::MemoryStore::new(), crate::testing::Calls::default()),
    rules: [outbox]
);
crate::store_conformance!(
    is_the_history_it_wraps,
    Watched::new(crate::MemoryStore::new(), crate::testing::Calls::default()),
    rules: [history]
);
