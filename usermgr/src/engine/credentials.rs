//! The engine's access to credentials: what logins and account changes need from the store, behind a `dyn`, so that
//! they need no bound.

use async_trait::async_trait;
use jiff::Timestamp;

use super::Engine;
use crate::store::{
    Credential, CredentialDigest, CredentialFilter, CredentialId, CredentialKind, CredentialStore, NewCredential,
    Pending, PendingPurpose, RecordOf, StoreError, UserStore,
};

/// The engine's operations on a store that keeps credentials. The bound on the store was checked when the part was
/// installed.
#[async_trait]
pub(crate) trait Credentials<S>: Send + Sync {
    async fn of_user(&self, store: &S, user_id: &S::Id, now: Timestamp) -> Result<Vec<Credential<S::Id>>, StoreError>
    where
        S: UserStore;

    /// Finds a credential with its user.
    #[cfg_attr(not(feature = "http"), allow(dead_code, reason = "only requests carry what is found by it"))]
    async fn find(
        &self,
        store: &S,
        kind: &CredentialKind,
        lookup: &CredentialDigest,
        now: Timestamp,
    ) -> Result<Option<(Credential<S::Id>, RecordOf<S>)>, StoreError>
    where
        S: UserStore;

    /// Lists the credentials of this kind of all users.
    async fn of_kind(
        &self,
        store: &S,
        kind: &CredentialKind,
        after: Option<&CredentialId>,
        limit: u32,
    ) -> Result<Vec<Credential<S::Id>>, StoreError>
    where
        S: UserStore;

    async fn insert(&self, store: &S, tx: &mut S::Tx, new: &NewCredential<S::Id>) -> Result<(), StoreError>
    where
        S: UserStore;

    async fn swap(&self, store: &S, credential: &Credential<S::Id>) -> Result<bool, StoreError>
    where
        S: UserStore;

    /// Deletes one credential of a user. Returns `false` if there is no such credential.
    async fn delete(&self, store: &S, tx: &mut S::Tx, user_id: &S::Id, id: &CredentialId) -> Result<bool, StoreError>
    where
        S: UserStore;

    /// Deletes the credentials of a user that are of this kind.
    async fn delete_kind(
        &self,
        store: &S,
        tx: &mut S::Tx,
        user_id: &S::Id,
        kind: &CredentialKind,
    ) -> Result<(), StoreError>
    where
        S: UserStore;

    async fn put_pending(&self, store: &S, pending: &Pending<S::Id>) -> Result<(), StoreError>
    where
        S: UserStore;

    async fn find_pending(
        &self,
        store: &S,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> Result<Option<Pending<S::Id>>, StoreError>
    where
        S: UserStore;

    async fn try_pending(
        &self,
        store: &S,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        most_attempts: u32,
        now: Timestamp,
    ) -> Result<Option<Pending<S::Id>>, StoreError>
    where
        S: UserStore;

    async fn take_pending(
        &self,
        store: &S,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> Result<Option<Pending<S::Id>>, StoreError>
    where
        S: UserStore;

    /// Ends the pending steps of a user.
    async fn end_pending(&self, store: &S, tx: &mut S::Tx, user_id: &S::Id) -> Result<(), StoreError>
    where
        S: UserStore;

    /// Deletes all credentials of a user, of every kind.
    async fn delete_all(&self, store: &S, tx: &mut S::Tx, user_id: &S::Id) -> Result<(), StoreError>
    where
        S: UserStore;
}

/// Calls the store.
pub(super) struct Kept;

#[async_trait]
impl<S: CredentialStore> Credentials<S> for Kept {
    async fn of_user(&self, store: &S, user_id: &S::Id, now: Timestamp) -> Result<Vec<Credential<S::Id>>, StoreError> {
        store.credentials(user_id, now).await
    }

    async fn find(
        &self,
        store: &S,
        kind: &CredentialKind,
        lookup: &CredentialDigest,
        now: Timestamp,
    ) -> Result<Option<(Credential<S::Id>, RecordOf<S>)>, StoreError> {
        store.find_credential(kind, lookup, now).await
    }

    async fn of_kind(
        &self,
        store: &S,
        kind: &CredentialKind,
        after: Option<&CredentialId>,
        limit: u32,
    ) -> Result<Vec<Credential<S::Id>>, StoreError> {
        store.list_credentials_of_kind(kind, after, limit).await
    }

    async fn insert(&self, store: &S, tx: &mut S::Tx, new: &NewCredential<S::Id>) -> Result<(), StoreError> {
        store.insert_credential(tx, new).await
    }

    async fn swap(&self, store: &S, credential: &Credential<S::Id>) -> Result<bool, StoreError> {
        store.swap_credential(credential).await
    }

    async fn delete(&self, store: &S, tx: &mut S::Tx, user_id: &S::Id, id: &CredentialId) -> Result<bool, StoreError> {
        Ok(store.delete_credentials(tx, CredentialFilter::One { user_id, id }).await? > 0)
    }

    async fn delete_kind(
        &self,
        store: &S,
        tx: &mut S::Tx,
        user_id: &S::Id,
        kind: &CredentialKind,
    ) -> Result<(), StoreError> {
        store.delete_credentials(tx, CredentialFilter::Kind { user_id, kind }).await.map(drop)
    }

    async fn put_pending(&self, store: &S, pending: &Pending<S::Id>) -> Result<(), StoreError> {
        store.put_pending(pending).await
    }

    async fn find_pending(
        &self,
        store: &S,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> Result<Option<Pending<S::Id>>, StoreError> {
        store.find_pending(digest, purpose, now).await
    }

    async fn try_pending(
        &self,
        store: &S,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        most_attempts: u32,
        now: Timestamp,
    ) -> Result<Option<Pending<S::Id>>, StoreError> {
        store.try_pending(digest, purpose, most_attempts, now).await
    }

    async fn take_pending(
        &self,
        store: &S,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> Result<Option<Pending<S::Id>>, StoreError> {
        store.take_pending(digest, purpose, now).await
    }

    async fn end_pending(&self, store: &S, tx: &mut S::Tx, user_id: &S::Id) -> Result<(), StoreError> {
        store.delete_pending(tx, user_id).await.map(drop)
    }

    async fn delete_all(&self, store: &S, tx: &mut S::Tx, user_id: &S::Id) -> Result<(), StoreError> {
        store.delete_credentials(tx, CredentialFilter::User(user_id)).await.map(drop)
    }
}

impl<S: UserStore> Engine<S> {
    /// Whether a user has a second factor, apart from those that only replace one. Without factors in the engine, nothing
    /// is read.
    pub(crate) async fn has_factor(&self, user_id: &S::Id) -> Result<bool, StoreError> {
        let Some(credentials) = self.credentials().filter(|_| !self.factors().is_empty()) else { return Ok(false) };
        let rows = credentials.of_user(self.store(), user_id, self.now()).await?;
        let mut factors = self.factors().iter().filter(|factor| !factor.is_backup()).map(|factor| factor.kind());
        Ok(factors.any(|kind| rows.iter().any(|row| row.kind == kind)))
    }

    /// Inserts a credential in a transaction.
    ///
    /// # Errors
    /// Those of the store, and one if no part of the engine keeps credentials.
    pub(crate) async fn insert_credential(&self, tx: &mut S::Tx, new: &NewCredential<S::Id>) -> Result<(), StoreError> {
        let none = || StoreError::backend("no part of the engine keeps credentials");
        self.credentials().ok_or_else(none)?.insert(self.store(), tx, new).await
    }
}
