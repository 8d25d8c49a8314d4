//! The outbox, in memory.

use std::ops::Bound;

use jiff::Timestamp;

use super::{
    MemoryStore, MemoryTx,
    state::{Key, OutboxRow, State},
    transaction::Undo,
};
use crate::{
    StoreError,
    store::{FailedEntry, ListQuery, OutboxEntry, OutboxId, OutboxRecipient, OutboxStore},
    user::{Profile, UserId},
};

impl<I: UserId> State<I> {
    /// Writes or removes a row and returns the previous one.
    pub(super) fn put_outbox(&mut self, id: &OutboxId, row: Option<OutboxRow<I>>) -> Option<OutboxRow<I>> {
        match row {
            Some(row) => self.outbox.insert(id.clone(), row),
            None => self.outbox.remove(id),
        }
    }

    /// Returns the row if this attempt is still the latest.
    fn attempted(&mut self, id: &OutboxId, attempt: u32) -> Option<&mut OutboxRow<I>> {
        self.outbox.get_mut(id).filter(|row| row.entry.attempts == attempt)
    }
}

impl<P: Profile, I: UserId> MemoryTx<P, I> {
    fn put_outbox(&mut self, id: OutboxId, row: Option<OutboxRow<I>>) {
        let before = self.state.put_outbox(&id, row);
        self.undo.push(Undo::Outbox(id, before));
    }

    /// Removes the rows for a deleted user and for their address.
    pub(super) fn forget_outbox(&mut self, key: &Key, id: &I) {
        let address = self.state.users.get(key).map(|record| record.user.email.clone());
        let theirs = |row: &OutboxRow<I>| match &row.entry.recipient {
            OutboxRecipient::User(user) => user == id,
            OutboxRecipient::Address(email) => Some(email) == address.as_ref(),
        };
        let rows = self.state.outbox.iter().filter(|(_, row)| theirs(row)).map(|(id, _)| id.clone());
        for id in rows.collect::<Vec<_>>() {
            self.put_outbox(id, None);
        }
    }
}

impl<P: Profile, I: UserId> OutboxStore for MemoryStore<P, I> {
    async fn push(&self, tx: &mut Self::Tx, entry: &OutboxEntry<I>) -> Result<(), StoreError> {
        if tx.state.outbox.contains_key(&entry.id) {
            return Err(StoreError::Conflict);
        }
        if let OutboxRecipient::User(id) = &entry.recipient
            && !tx.state.users.contains_key(&Key::of(id))
        {
            return Err(StoreError::Stale);
        }
        tx.put_outbox(entry.id.clone(), Some(OutboxRow { entry: entry.clone(), failed: None }));
        Ok(())
    }

    async fn claim(&self, limit: u32, now: Timestamp, until: Timestamp) -> Result<Vec<OutboxEntry<I>>, StoreError> {
        let mut state = self.state.lock().await;
        let mut due: Vec<_> =
            state.outbox.values_mut().filter(|row| row.failed.is_none() && row.entry.due_at <= now).collect();
        due.sort_by(|a, b| (a.entry.due_at, &a.entry.id).cmp(&(b.entry.due_at, &b.entry.id)));
        let claim = |row: &mut OutboxRow<I>| {
            row.entry.attempts += 1;
            row.entry.due_at = until;
            row.entry.clone()
        };
        Ok(due.into_iter().take(limit as usize).map(claim).collect())
    }

    async fn done(&self, id: &OutboxId) -> Result<(), StoreError> {
        self.state.lock().await.outbox.remove(id);
        Ok(())
    }

    // The reason of an attempt that is not the last is for operators who read the table, and this store has none.
    async fn retry(&self, id: &OutboxId, attempt: u32, due_at: Timestamp, _: &str) -> Result<(), StoreError> {
        if let Some(row) = self.state.lock().await.attempted(id, attempt) {
            row.entry.due_at = due_at;
        }
        Ok(())
    }

    async fn fail(&self, id: &OutboxId, attempt: u32, failed_at: Timestamp, error: &str) -> Result<(), StoreError> {
        if let Some(row) = self.state.lock().await.attempted(id, attempt) {
            row.failed = Some((failed_at, error.to_owned()));
        }
        Ok(())
    }

    async fn list_failed(&self, query: &ListQuery<OutboxId>) -> Result<Vec<FailedEntry<I>>, StoreError> {
        let state = self.state.lock().await;
        let after = query.after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let rows = state.outbox.range::<OutboxId, _>((after, Bound::Unbounded)).map(|(_, row)| row);
        let failed = rows.filter_map(|row| {
            let (failed_at, error) = row.failed.as_ref()?;
            Some(FailedEntry::new(row.entry.clone(), *failed_at, error))
        });
        Ok(failed.take(query.limit as usize).collect())
    }

    async fn retry_failed(&self, id: &OutboxId, due_at: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.state.lock().await;
        let Some(row) = state.outbox.get_mut(id).filter(|row| row.failed.is_some()) else { return Ok(false) };
        row.failed = None;
        (row.entry.attempts, row.entry.due_at) = (0, due_at);
        Ok(true)
    }

    async fn delete_failed(&self, id: &OutboxId) -> Result<bool, StoreError> {
        let rows = &mut self.state.lock().await.outbox;
        let is_failed = rows.get(id).is_some_and(|row| row.failed.is_some());
        Ok(is_failed && rows.remove(id).is_some())
    }

    async fn oldest_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let state = self.state.lock().await;
        let due = state.outbox.values().filter(|row| row.failed.is_none() && row.entry.due_at <= now);
        Ok(due.map(|row| row.entry.due_at).min())
    }

    async fn purge_failed(&self, before: Timestamp) -> Result<u64, StoreError> {
        let rows = &mut self.state.lock().await.outbox;
        let there = rows.len();
        rows.retain(|_, row| row.failed.as_ref().is_none_or(|(failed_at, _)| *failed_at >= before));
        Ok((there - rows.len()) as u64)
    }
}
