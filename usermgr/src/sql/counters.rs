//! The counters of limits, in SQL databases.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    cells::Cells,
    dialect::Dialect,
    error::{failed, refused},
    id::SqlId,
    store::SqlStore,
};
use crate::{
    StoreError,
    limits::{self, Counter, CounterKey, CounterStore, Hit, Limit, SharedCounters},
    user::Profile,
};

#[async_trait]
impl<D: Dialect, P: Profile, I: SqlId> SharedCounters for SqlStore<D, P, I> {
    async fn read(&self, key: &CounterKey) -> Result<Option<Counter>, StoreError> {
        let values = [key.as_bytes().as_slice().into()];
        let row = self.first_written(&self.statements().counters.read, &values).await.map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        let mut cells = Cells::<D>::of(&row);
        let (count, last) = (cells.number().map_err(failed)?, cells.number().map_err(failed)?);
        let last = Timestamp::from_microsecond(last).map_err(StoreError::backend)?;
        Ok(Some(Counter { count: u32::try_from(count).unwrap_or(u32::MAX), last }))
    }

    async fn swap(
        &self,
        key: &CounterKey,
        read: Option<Counter>,
        next: Counter,
        forget_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let counters = &self.statements().counters;
        let (count, last) = (i64::from(next.count).into(), next.last.as_microsecond().into());
        let (forget_at, key) = (forget_at.as_microsecond().into(), key.as_bytes().as_slice().into());
        let written = match read {
            Some(read) => {
                let (old, seen) = (i64::from(read.count).into(), read.last.as_microsecond().into());
                self.alone(&counters.swap, &[count, last, forget_at, key, old, seen]).await
            }
            None => self.alone(&counters.insert, &[count, last, forget_at, key]).await,
        };
        match written.map_err(refused) {
            Ok(rows) => Ok(rows > 0),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl<D: Dialect, P: Profile, I: SqlId> CounterStore for SqlStore<D, P, I> {
    async fn hit(&self, key: &CounterKey, limit: &Limit, now: Timestamp) -> Result<Hit, StoreError> {
        limits::hit(self, key, limit, now).await
    }

    async fn refund(&self, key: &CounterKey, last: Timestamp, before: Timestamp) -> Result<(), StoreError> {
        let values = [last.as_microsecond().into(), before.as_microsecond().into(), key.as_bytes().as_slice().into()];
        self.alone(&self.statements().counters.refund, &values).await.map(drop).map_err(failed)
    }

    async fn clear(&self, key: &CounterKey) -> Result<(), StoreError> {
        let values = [key.as_bytes().as_slice().into()];
        self.alone(&self.statements().counters.clear, &values).await.map(drop).map_err(failed)
    }

    async fn remember(&self, key: &CounterKey, keep: Duration, now: Timestamp) -> Result<(), StoreError> {
        limits::remember(self, key, keep, now).await
    }

    async fn remembered(&self, key: &CounterKey) -> Result<Option<Timestamp>, StoreError> {
        limits::remembered(self, key).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.alone(&self.statements().counters.purge, &[now.as_microsecond().into()]).await.map_err(failed)
    }
}
