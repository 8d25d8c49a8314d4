//! Accounts from elsewhere, in memory.

use super::{Key, MemoryStore, MemoryTx, Undo};
use crate::{
    Import, OAuthIdentity, StoreError,
    user::{Profile, Record, UserId},
};

/// What an identity is found by: the provider and the subject.
pub(super) type IdentityKey = (String, String);
/// Whose an identity is, and the address at the provider.
pub(super) type Linked = (Key, Option<String>);

impl<P: Profile, I: UserId> MemoryTx<P, I> {
    pub(super) fn put_identity(&mut self, key: IdentityKey, linked: Option<Linked>) {
        let before = self.state.put_identity(&key, linked);
        self.undo.push(Undo::Identity(key, before));
    }
}

impl<P: Profile, I: UserId> Import for MemoryStore<P, I> {
    async fn insert_record(&self, tx: &mut Self::Tx, record: &Record<P, I>) -> Result<(), StoreError> {
        let (key, row) = (Key::of(&record.user.id), record.to_stored()?);
        if tx.state.addresses.contains_key(record.user.email.canonical()) || tx.state.users.contains_key(&key) {
            return Err(StoreError::Conflict);
        }
        if let Ok(number) = record.user.id.to_string().parse::<i64>() {
            tx.state.last_number = tx.state.last_number.max(number);
        }
        tx.put_user(key, Some(Record { version: 0, ..row }));
        Ok(())
    }

    async fn insert_identity(
        &self,
        tx: &mut Self::Tx,
        user_id: &I,
        identity: &OAuthIdentity,
    ) -> Result<(), StoreError> {
        let key = (identity.provider.clone(), identity.subject.clone());
        if tx.state.identities.contains_key(&key) {
            return Err(StoreError::Conflict);
        }
        let user = Key::of(user_id);
        if !tx.state.users.contains_key(&user) {
            return Err(StoreError::Stale);
        }
        tx.put_identity(key, Some((user, identity.email.clone())));
        Ok(())
    }

    async fn identities(&self, user_id: &I) -> Result<Vec<OAuthIdentity>, StoreError> {
        let (state, user) = (self.state.lock().await, Key::of(user_id));
        let linked = state.identities.iter().filter(|(_, (owner, _))| *owner == user);
        let identity = |((provider, subject), (_, email)): (&IdentityKey, &Linked)| OAuthIdentity {
            provider: provider.clone(),
            subject: subject.clone(),
            email: email.clone(),
        };
        Ok(linked.map(identity).collect())
    }
}
