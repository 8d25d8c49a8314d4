//! Imported accounts with their credentials, in memory.

use super::{MemoryStore, state::Key};
use crate::{
    StoreError,
    store::{Credential, Import},
    user::{Profile, Record, UserId},
};

impl<P: Profile, I: UserId> Import for MemoryStore<P, I> {
    async fn insert_record(&self, tx: &mut Self::Tx, record: &Record<P, I>) -> Result<(), StoreError> {
        let (key, row) = (Key::of(&record.user.id), record.to_stored()?);
        let is_taken = tx.state.is_taken(&record.user.email, record.user.username.as_ref(), None);
        if is_taken || tx.state.users.contains_key(&key) {
            return Err(StoreError::Conflict);
        }
        if let Ok(number) = record.user.id.to_string().parse::<i64>() {
            tx.state.last_number = tx.state.last_number.max(number);
        }
        tx.put_user(key, Some(Record { version: 0, ..row }));
        Ok(())
    }

    async fn import_credential(&self, tx: &mut Self::Tx, credential: &Credential<I>) -> Result<(), StoreError> {
        tx.insert_credential(credential.clone())
    }
}
