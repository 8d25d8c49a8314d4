//! Counters that several processes change, by compare-and-swap.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{CounterKey, Hit, Limit, counter::Counter};
use crate::{span::later, store::StoreError};

/// How often a counter is read again after another process has changed it. Callers within one process take turns.
const MOST_SWAPS: u32 = 256;

/// A store of counters that several processes change.
#[async_trait]
pub(crate) trait SharedCounters: Sync {
    async fn read(&self, key: &CounterKey) -> Result<Option<Counter>, StoreError>;

    /// Writes a value that is kept until `forget_at`, if the counter still has the value that was read. This is one
    /// atomic step. Returns whether it wrote.
    async fn swap(
        &self,
        key: &CounterKey,
        read: Option<Counter>,
        next: Counter,
        forget_at: Timestamp,
    ) -> Result<bool, StoreError>;
}

/// Counts one more attempt, see [`CounterStore::hit`](super::CounterStore::hit).
///
/// # Errors
/// The errors of the store, and [`StoreError::Stale`] if every swap lost against another process.
pub(crate) async fn hit(
    counters: &impl SharedCounters,
    key: &CounterKey,
    limit: &Limit,
    now: Timestamp,
) -> Result<Hit, StoreError> {
    // Rounded to the precision that the store keeps.
    let now = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
    let forget_at = later(now, limit.forget);
    for _ in 0..MOST_SWAPS {
        let read = counters.read(key).await?;
        let (hit, next) = Counter::one_more(read, limit, now);
        match next {
            Some(next) if !counters.swap(key, read, next, forget_at).await? => {}
            _ => return Ok(hit),
        }
    }
    Err(StoreError::Stale)
}

/// Remembers a key, see [`CounterStore::remember`](super::CounterStore::remember). It is stored as a counter without
/// hits.
///
/// # Errors
/// The errors of the store, and [`StoreError::Stale`] if every swap lost against another process.
pub(crate) async fn remember(
    counters: &impl SharedCounters,
    key: &CounterKey,
    keep: Duration,
    now: Timestamp,
) -> Result<(), StoreError> {
    let last = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
    let forget_at = later(last, keep);
    for _ in 0..MOST_SWAPS {
        let read = counters.read(key).await?;
        if counters.swap(key, read, Counter { count: 1, last }, forget_at).await? {
            return Ok(());
        }
    }
    Err(StoreError::Stale)
}

/// Returns when a key was last remembered.
///
/// # Errors
/// The errors of the store.
pub(crate) async fn remembered(
    counters: &impl SharedCounters,
    key: &CounterKey,
) -> Result<Option<Timestamp>, StoreError> {
    Ok(counters.read(key).await?.map(|counter| counter.last))
}
