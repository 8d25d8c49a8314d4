//! The login history, in memory.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::{
    MemoryStore, MemoryTx,
    state::{Key, State},
    transaction::Undo,
};
use crate::{
    StoreError,
    store::{HistoryStore, LoginEntry},
    user::{Profile, UserId},
};

impl<I: UserId> State<I> {
    /// Writes or removes the history of a user and returns the previous one.
    pub(super) fn put_history(&mut self, key: &Key, rows: Option<Vec<LoginEntry<I>>>) -> Option<Vec<LoginEntry<I>>> {
        match rows {
            Some(rows) => self.history.insert(key.clone(), rows),
            None => self.history.remove(key),
        }
    }
}

impl<P: Profile, I: UserId> MemoryTx<P, I> {
    /// Removes the history of a deleted user.
    pub(super) fn forget_history(&mut self, key: &Key) {
        let before = self.state.put_history(key, None);
        self.undo.push(Undo::History(key.clone(), before));
    }
}

impl<P: Profile, I: UserId> HistoryStore for MemoryStore<P, I> {
    async fn insert_login(&self, entry: &LoginEntry<I>, most: u32) -> Result<(), StoreError> {
        let mut state = self.state.lock().await;
        let key = Key::of(&entry.user_id);
        if !state.users.contains_key(&key) {
            return Err(StoreError::Stale);
        }
        let rows = state.history.entry(key).or_default();
        if rows.iter().any(|known| known.id == entry.id) {
            return Err(StoreError::Conflict);
        }
        rows.push(entry.clone());
        rows.sort_by(|a, b| Reverse((a.at, &a.id)).cmp(&Reverse((b.at, &b.id))));
        let (is_login, mut left) = (entry.outcome.is_success(), most);
        rows.retain(|row| {
            let stays = row.outcome.is_success() != is_login || left > 0;
            left = left.saturating_sub(u32::from(row.outcome.is_success() == is_login));
            stays
        });
        Ok(())
    }

    async fn list_logins(&self, user_id: &I, since: Timestamp) -> Result<Vec<LoginEntry<I>>, StoreError> {
        let state = self.state.lock().await;
        let rows = state.history.get(&Key::of(user_id)).into_iter().flatten();
        Ok(rows.filter(|row| row.at >= since).cloned().collect())
    }

    async fn purge_logins(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut state = self.state.lock().await;
        let mut deleted = 0;
        state.history.retain(|_, rows| {
            let there = rows.len();
            rows.retain(|row| row.at >= before);
            deleted += there - rows.len();
            !rows.is_empty()
        });
        Ok(deleted as u64)
    }
}
