//! The counters of limits, in SQL databases: a body of its own, beside those of the store itself, the import and the outbox.

/// Writes [`CounterStore`](crate::CounterStore) for `$store`, over what [`sql_store`](super::body) has written in the same file.
macro_rules! sql_counters {
    ($store:ident, text: $text:ident) => {
        #[async_trait::async_trait]
        impl<P: Profile, I: SqlId> SharedCounters for $store<P, I> {
            async fn read(&self, key: &CounterKey) -> Result<Option<Counter>, StoreError> {
                let query = sqlx::query($text::COUNTER).bind(key.as_bytes().as_slice());
                let Some(row) = query.fetch_optional(self.writer()).await.map_err(failed)? else { return Ok(None) };
                let (count, last): (i64, i64) = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
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
                let statement = || {
                    let text = if read.is_some() { $text::SWAP_COUNTER } else { $text::INSERT_COUNTER };
                    let query = sqlx::query(text)
                        .bind(i64::from(next.count))
                        .bind(next.last.as_microsecond())
                        .bind(forget_at.as_microsecond())
                        .bind(key.as_bytes().as_slice());
                    match read {
                        Some(read) => query.bind(i64::from(read.count)).bind(read.last.as_microsecond()),
                        None => query,
                    }
                };
                match self.alone(statement).await.map_err(refused) {
                    Ok(rows) => Ok(rows > 0),
                    Err(StoreError::Conflict) => Ok(false),
                    Err(error) => Err(error),
                }
            }
        }

        #[async_trait::async_trait]
        impl<P: Profile, I: SqlId> crate::CounterStore for $store<P, I> {
            async fn hit(&self, key: &CounterKey, limit: &Limit, now: Timestamp) -> Result<Hit, StoreError> {
                limit::hit(self, key, limit, now).await
            }

            async fn refund(&self, key: &CounterKey, last: Timestamp, before: Timestamp) -> Result<(), StoreError> {
                let refund = || {
                    sqlx::query($text::REFUND_COUNTER)
                        .bind(last.as_microsecond())
                        .bind(before.as_microsecond())
                        .bind(key.as_bytes().as_slice())
                };
                self.alone(refund).await.map(drop).map_err(failed)
            }

            async fn clear(&self, key: &CounterKey) -> Result<(), StoreError> {
                let deletion = || sqlx::query($text::CLEAR_COUNTER).bind(key.as_bytes().as_slice());
                self.alone(deletion).await.map(drop).map_err(failed)
            }

            async fn remember(
                &self,
                key: &CounterKey,
                keep: std::time::Duration,
                now: Timestamp,
            ) -> Result<(), StoreError> {
                limit::remember(self, key, keep, now).await
            }

            async fn remembered(&self, key: &CounterKey) -> Result<Option<Timestamp>, StoreError> {
                limit::remembered(self, key).await
            }

            async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
                let deletion = || sqlx::query($text::PURGE_COUNTERS).bind(now.as_microsecond());
                self.alone(deletion).await.map_err(failed)
            }
        }
    };
}

pub(super) use sql_counters;
