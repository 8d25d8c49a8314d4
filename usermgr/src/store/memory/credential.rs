//! Credentials and pending steps, in memory.

use jiff::Timestamp;

use super::{
    MemoryStore, MemoryTx,
    state::{Key, LookupKey, Row, State},
    transaction::Undo,
};
use crate::{
    StoreError,
    store::{
        Credential, CredentialAndRecord, CredentialDigest, CredentialFilter, CredentialId, CredentialKind,
        CredentialStore, NewCredential, Pending, PendingPurpose,
    },
    user::{Profile, UserId},
};

fn lookup_key<I>(credential: &Credential<I>) -> Option<LookupKey> {
    Some((credential.kind.clone(), credential.lookup.clone()?))
}

impl<I: UserId> State<I> {
    /// Writes or removes a credential and returns the previous one.
    pub(super) fn put_credential(
        &mut self,
        id: &CredentialId,
        credential: Option<Credential<I>>,
    ) -> Option<Credential<I>> {
        let before = self.credentials.remove(id);
        if let Some(key) = before.as_ref().and_then(lookup_key) {
            self.lookups.remove(&key);
        }
        if let Some(new) = credential {
            self.lookups.extend(lookup_key(&new).map(|key| (key, id.clone())));
            self.credentials.insert(id.clone(), new);
        }
        before
    }

    /// Writes or removes a pending step and returns the previous one.
    pub(super) fn put_pending(&mut self, digest: &CredentialDigest, pending: Option<Pending<I>>) -> Option<Pending<I>> {
        match pending {
            Some(pending) => self.pending.insert(digest.clone(), pending),
            None => self.pending.remove(digest),
        }
    }

    fn credentials_where(&self, wanted: impl Fn(&Credential<I>) -> bool) -> Vec<CredentialId> {
        self.credentials.values().filter(|row| wanted(row)).map(|row| row.id.clone()).collect()
    }

    /// Removes the credentials and pending steps that expired before `now`, and returns how many it removed.
    pub(super) fn forget_expired(&mut self, now: Timestamp) -> u64 {
        let expired = self.credentials_where(|row| row.expires_at.is_some_and(|expires_at| expires_at < now));
        for id in &expired {
            self.put_credential(id, None);
        }
        let before = self.pending.len();
        self.pending.retain(|_, row| row.expires_at >= now);
        (expired.len() + before - self.pending.len()) as u64
    }

    fn live_pending(
        &mut self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> Option<&mut Pending<I>> {
        self.pending.get_mut(digest).filter(|row| row.purpose == *purpose && row.expires_at > now)
    }
}

impl<P: Profile, I: UserId> MemoryTx<P, I> {
    fn put_credential(&mut self, id: CredentialId, credential: Option<Credential<I>>) {
        let before = self.state.put_credential(&id, credential);
        self.undo.push(Undo::Credential(id, before));
    }

    /// Writes a credential with all its fields. It never replaces another one.
    pub(super) fn insert_credential(&mut self, row: Credential<I>) -> Result<(), StoreError> {
        let taken = lookup_key(&row).is_some_and(|key| self.state.lookups.contains_key(&key));
        if taken || self.state.credentials.contains_key(&row.id) {
            return Err(StoreError::Conflict);
        }
        if !self.state.users.contains_key(&Key::of(&row.user_id)) {
            return Err(StoreError::Stale);
        }
        self.put_credential(row.id.clone(), Some(row));
        Ok(())
    }

    fn remove_credentials(&mut self, wanted: impl Fn(&Credential<I>) -> bool) -> u64 {
        let ids = self.state.credentials_where(wanted);
        let count = ids.len() as u64;
        for id in ids {
            self.put_credential(id, None);
        }
        count
    }

    fn remove_pending(&mut self, user_id: &I) -> u64 {
        let theirs = self.state.pending.values().filter(|row| row.user_id.as_ref() == Some(user_id));
        let digests: Vec<_> = theirs.map(|row| row.digest.clone()).collect();
        let count = digests.len() as u64;
        for digest in digests {
            let before = self.state.put_pending(&digest, None);
            self.undo.push(Undo::Pending(digest, before));
        }
        count
    }

    /// Removes the credentials and pending steps of a deleted user.
    pub(super) fn forget_credentials(&mut self, user_id: &I) {
        self.remove_credentials(|row| row.user_id == *user_id);
        self.remove_pending(user_id);
    }
}

impl<P: Profile, I: UserId> CredentialStore for MemoryStore<P, I> {
    async fn credentials(&self, user_id: &I, now: Timestamp) -> Result<Vec<Credential<I>>, StoreError> {
        let state = self.state.lock().await;
        let theirs = state.credentials.values().filter(|row| row.user_id == *user_id && row.is_live(now));
        let mut credentials: Vec<_> = theirs.cloned().collect();
        credentials.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(credentials)
    }

    async fn find_credential(
        &self,
        kind: &CredentialKind,
        lookup: &CredentialDigest,
        now: Timestamp,
    ) -> Result<Option<CredentialAndRecord<Self>>, StoreError> {
        let state = self.state.lock().await;
        let id = state.lookups.get(&(kind.clone(), lookup.clone()));
        let credential = id.and_then(|id| state.credentials.get(id)).filter(|row| row.is_live(now));
        let Some(credential) = credential else { return Ok(None) };
        let row = state.users.get(&Key::of(&credential.user_id));
        row.map(|row: &Row<I>| Ok((credential.clone(), row.read()?))).transpose()
    }

    async fn list_credentials(
        &self,
        after: Option<&CredentialId>,
        limit: u32,
    ) -> Result<Vec<Credential<I>>, StoreError> {
        let state = self.state.lock().await;
        let rows = state.credentials.values().filter(|row| after.is_none_or(|after| row.id > *after));
        Ok(rows.take(limit as usize).cloned().collect())
    }

    async fn list_credentials_of_kind(
        &self,
        kind: &CredentialKind,
        after: Option<&CredentialId>,
        limit: u32,
    ) -> Result<Vec<Credential<I>>, StoreError> {
        let state = self.state.lock().await;
        let rows = state.credentials.values().filter(|row| row.kind == *kind);
        let rows = rows.filter(|row| after.is_none_or(|after| row.id > *after));
        Ok(rows.take(limit as usize).cloned().collect())
    }

    async fn insert_credential(&self, tx: &mut Self::Tx, new: &NewCredential<I>) -> Result<(), StoreError> {
        tx.insert_credential(Credential::from(new.clone()))
    }

    async fn swap_credential(&self, credential: &Credential<I>) -> Result<bool, StoreError> {
        let mut state = self.state.lock().await;
        let fits = |row: &&mut Credential<I>| row.version == credential.version;
        let Some(row) = state.credentials.get_mut(&credential.id).filter(fits) else { return Ok(false) };
        let Credential { label, data, used_at, expires_at, .. } = credential.clone();
        (row.label, row.data, row.used_at, row.expires_at) = (label, data, used_at, expires_at);
        row.version += 1;
        Ok(true)
    }

    async fn delete_credentials(&self, tx: &mut Self::Tx, filter: CredentialFilter<'_, I>) -> Result<u64, StoreError> {
        Ok(tx.remove_credentials(|row| match filter {
            CredentialFilter::One { user_id, id } => row.id == *id && row.user_id == *user_id,
            CredentialFilter::Kind { user_id, kind } => row.kind == *kind && row.user_id == *user_id,
            CredentialFilter::User(user_id) => row.user_id == *user_id,
        }))
    }

    async fn put_pending(&self, pending: &Pending<I>) -> Result<(), StoreError> {
        let mut state = self.state.lock().await;
        if state.pending.contains_key(&pending.digest) {
            return Err(StoreError::Conflict);
        }
        if pending.user_id.as_ref().is_some_and(|id| !state.users.contains_key(&Key::of(id))) {
            return Err(StoreError::Stale);
        }
        state.put_pending(&pending.digest, Some(pending.clone()));
        Ok(())
    }

    async fn find_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> Result<Option<Pending<I>>, StoreError> {
        Ok(self.state.lock().await.live_pending(digest, purpose, now).cloned())
    }

    async fn try_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        most_attempts: u32,
        now: Timestamp,
    ) -> Result<Option<Pending<I>>, StoreError> {
        let mut state = self.state.lock().await;
        let row = state.live_pending(digest, purpose, now).filter(|row| row.attempts < most_attempts);
        Ok(row.map(|row| {
            row.attempts += 1;
            row.clone()
        }))
    }

    async fn take_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> Result<Option<Pending<I>>, StoreError> {
        let mut state = self.state.lock().await;
        let lives = state.live_pending(digest, purpose, now).is_some();
        Ok(if lives { state.put_pending(digest, None) } else { None })
    }

    async fn delete_pending(&self, tx: &mut Self::Tx, user_id: &I) -> Result<u64, StoreError> {
        Ok(tx.remove_pending(user_id))
    }
}
