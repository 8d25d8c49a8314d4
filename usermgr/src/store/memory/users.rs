//! Accounts, in memory.

use std::{marker::PhantomData, ops::Bound, sync::Arc};

use jiff::Timestamp;

use super::{
    MemoryStore, MemoryTx,
    state::{Key, Row},
};
use crate::{
    store::{Directory, ListQuery, Listed, Lookup, SessionId, StoreError, UserFilter, UserStore},
    user::{EmailAddress, NewRecord, Profile, Record, UserId},
};

impl<P: Profile, I: UserId> UserStore for MemoryStore<P, I> {
    type Profile = P;
    type Id = I;
    type Tx = MemoryTx<P, I>;

    fn realm(&self) -> Option<&str> {
        self.realm.as_deref()
    }

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
            Lookup::Username(name) => state.usernames.get(name.canonical()).and_then(|key| state.users.get(key)),
        };
        row.map(Row::read).transpose()
    }

    async fn find_stored(&self, id: &I) -> Result<Option<Row<I>>, StoreError> {
        Ok(self.state.lock().await.users.get(&Key::of(id)).cloned())
    }

    async fn insert(&self, tx: &mut Self::Tx, new: &NewRecord<P>) -> Result<I, StoreError> {
        let id = tx.state.next_id(new.created_at)?;
        let (key, row) = (Key::of(&id), new.with_id(id.clone()).to_stored()?);
        if tx.state.is_taken(&new.email, new.username.as_ref(), None) || tx.state.users.contains_key(&key) {
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
        tx.forget_history(&key);
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

impl<P: Profile, I: UserId> Directory for MemoryStore<P, I> {
    async fn list(&self, query: &ListQuery<I>) -> Result<Vec<Listed<P, I>>, StoreError> {
        let state = self.state.lock().await;
        let start = query.after.as_ref().map_or(Bound::Unbounded, |id| Bound::Excluded(Key::of(id)));
        let page = state.users.range((start, Bound::Unbounded)).take(query.limit as usize);
        Ok(page.map(|(_, row)| row.clone().into()).collect())
    }

    async fn search(
        &self,
        filter: &UserFilter,
        query: &ListQuery<EmailAddress>,
    ) -> Result<Vec<Listed<P, I>>, StoreError> {
        let state = self.state.lock().await;
        let (start, end) = filter.keys(query.after.as_ref());
        // The map refuses a range whose start is behind its end.
        let behind = state.addresses.range::<str, _>((start, Bound::Unbounded));
        let found = behind.take_while(|(address, _)| end.as_ref().is_none_or(|end| *address < end));
        let rows = found.filter_map(|(_, key)| state.users.get(key)).filter(|row| filter.matches(&row.user));
        Ok(rows.take(query.limit as usize).map(|row| row.clone().into()).collect())
    }
}
