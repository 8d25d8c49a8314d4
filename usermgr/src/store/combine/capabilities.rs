//! The optional capabilities of a store of accounts, passed through by [`WithSessions`].

use jiff::Timestamp;

use super::{StandaloneSessions, WithSessions};
use crate::{
    EmailAddress,
    store::{
        Credential, CredentialAndRecord, CredentialDigest, CredentialFilter, CredentialId, CredentialKind,
        CredentialStore, Directory, FailedEntry, HistoryStore, Import, ListQuery, ListedOf, LoginEntry, NewCredential,
        OutboxEntry, OutboxId, OutboxStore, Pending, PendingPurpose, RecordOf, StoreError, UserFilter,
    },
};

impl<U: Import, S: StandaloneSessions<U::Id>> Import for WithSessions<U, S> {
    async fn insert_record(&self, tx: &mut Self::Tx, record: &RecordOf<Self>) -> Result<(), StoreError> {
        self.accounts.insert_record(tx, record).await
    }

    async fn import_credential(&self, tx: &mut Self::Tx, credential: &Credential<U::Id>) -> Result<(), StoreError> {
        self.accounts.import_credential(tx, credential).await
    }
}

impl<U: Directory, S: StandaloneSessions<U::Id>> Directory for WithSessions<U, S> {
    async fn list(&self, query: &ListQuery<U::Id>) -> Result<Vec<ListedOf<Self>>, StoreError> {
        self.accounts.list(query).await
    }

    async fn search(
        &self,
        filter: &UserFilter,
        query: &ListQuery<EmailAddress>,
    ) -> Result<Vec<ListedOf<Self>>, StoreError> {
        self.accounts.search(filter, query).await
    }
}

/// Credentials are stored with the accounts, in the same transactions.
impl<U: CredentialStore, S: StandaloneSessions<U::Id>> CredentialStore for WithSessions<U, S> {
    async fn credentials(&self, user_id: &U::Id, now: Timestamp) -> Result<Vec<Credential<U::Id>>, StoreError> {
        self.accounts.credentials(user_id, now).await
    }

    async fn find_credential(
        &self,
        kind: &CredentialKind,
        lookup: &CredentialDigest,
        now: Timestamp,
    ) -> Result<Option<CredentialAndRecord<Self>>, StoreError> {
        self.accounts.find_credential(kind, lookup, now).await
    }

    async fn list_credentials(
        &self,
        after: Option<&CredentialId>,
        limit: u32,
    ) -> Result<Vec<Credential<U::Id>>, StoreError> {
        self.accounts.list_credentials(after, limit).await
    }

    async fn list_credentials_of_kind(
        &self,
        kind: &CredentialKind,
        after: Option<&CredentialId>,
        limit: u32,
    ) -> Result<Vec<Credential<U::Id>>, StoreError> {
        self.accounts.list_credentials_of_kind(kind, after, limit).await
    }

    async fn insert_credential(&self, tx: &mut Self::Tx, new: &NewCredential<U::Id>) -> Result<(), StoreError> {
        self.accounts.insert_credential(tx, new).await
    }

    async fn swap_credential(&self, credential: &Credential<U::Id>) -> Result<bool, StoreError> {
        self.accounts.swap_credential(credential).await
    }

    async fn delete_credentials(
        &self,
        tx: &mut Self::Tx,
        filter: CredentialFilter<'_, U::Id>,
    ) -> Result<u64, StoreError> {
        self.accounts.delete_credentials(tx, filter).await
    }

    async fn put_pending(&self, pending: &Pending<U::Id>) -> Result<(), StoreError> {
        self.accounts.put_pending(pending).await
    }

    async fn find_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> Result<Option<Pending<U::Id>>, StoreError> {
        self.accounts.find_pending(digest, purpose, now).await
    }

    async fn try_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        most_attempts: u32,
        now: Timestamp,
    ) -> Result<Option<Pending<U::Id>>, StoreError> {
        self.accounts.try_pending(digest, purpose, most_attempts, now).await
    }

    async fn take_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> Result<Option<Pending<U::Id>>, StoreError> {
        self.accounts.take_pending(digest, purpose, now).await
    }

    async fn delete_pending(&self, tx: &mut Self::Tx, user_id: &U::Id) -> Result<u64, StoreError> {
        self.accounts.delete_pending(tx, user_id).await
    }
}

impl<U: HistoryStore, S: StandaloneSessions<U::Id>> HistoryStore for WithSessions<U, S> {
    async fn insert_login(&self, entry: &LoginEntry<U::Id>, most: u32) -> Result<(), StoreError> {
        self.accounts.insert_login(entry, most).await
    }

    async fn list_logins(&self, user_id: &U::Id, since: Timestamp) -> Result<Vec<LoginEntry<U::Id>>, StoreError> {
        self.accounts.list_logins(user_id, since).await
    }

    async fn purge_logins(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.accounts.purge_logins(before).await
    }
}

impl<U: OutboxStore, S: StandaloneSessions<U::Id>> OutboxStore for WithSessions<U, S> {
    async fn push(&self, tx: &mut Self::Tx, entry: &OutboxEntry<U::Id>) -> Result<(), StoreError> {
        self.accounts.push(tx, entry).await
    }

    async fn claim(&self, limit: u32, now: Timestamp, until: Timestamp) -> Result<Vec<OutboxEntry<U::Id>>, StoreError> {
        self.accounts.claim(limit, now, until).await
    }

    async fn done(&self, id: &OutboxId) -> Result<(), StoreError> {
        self.accounts.done(id).await
    }

    async fn retry(&self, id: &OutboxId, attempt: u32, due_at: Timestamp, error: &str) -> Result<(), StoreError> {
        self.accounts.retry(id, attempt, due_at, error).await
    }

    async fn fail(&self, id: &OutboxId, attempt: u32, failed_at: Timestamp, error: &str) -> Result<(), StoreError> {
        self.accounts.fail(id, attempt, failed_at, error).await
    }

    async fn list_failed(&self, query: &ListQuery<OutboxId>) -> Result<Vec<FailedEntry<U::Id>>, StoreError> {
        self.accounts.list_failed(query).await
    }

    async fn retry_failed(&self, id: &OutboxId, due_at: Timestamp) -> Result<bool, StoreError> {
        self.accounts.retry_failed(id, due_at).await
    }

    async fn delete_failed(&self, id: &OutboxId) -> Result<bool, StoreError> {
        self.accounts.delete_failed(id).await
    }

    async fn oldest_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.accounts.oldest_due(now).await
    }

    async fn purge_failed(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.accounts.purge_failed(before).await
    }
}
