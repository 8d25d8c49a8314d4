//! Counters that several processes write to: what was read of one is swapped for what one more makes of it.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{CounterKey, Hit, Limit, counter::Counter};
use crate::{span::later, store::StoreError};

/// How often a counter is read again that others were faster to change. Within a process they take turns.
const MOST_SWAPS: u32 = 256;

/// A store of counters that several processes write to.
#[async_trait]
pub(crate) trait SharedCounters: Sync {
    async fn read(&self, key: &CounterKey) -> Result<Option<Counter>, StoreError>;

    /// Writes what is to be kept until `forget_at`, if the counter is still what was read. That is one atomic step.
    async fn swap(
        &self,
        key: &CounterKey,
        read: Option<Counter>,
        next: Counter,
        forget_at: Timestamp,
    ) -> Result<bool, StoreError>;
}

/// Counts one more, as [`CounterStore::hit`](super::CounterStore::hit) says.
///
/// # Errors
/// Those of the store, and [`StoreError::Stale`] when others are always faster.
pub(crate) async fn hit(
    counters: &impl SharedCounters,
    key: &CounterKey,
    limit: &Limit,
    now: Timestamp,
) -> Result<Hit, StoreError> {
    // As precise as it is kept.
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

/// Remembers a key, as [`CounterStore::remember`](super::CounterStore::remember) says: in the form of a counter that nobody hits.
///
/// # Errors
/// Those of the store, and [`StoreError::Stale`] when others are always faster.
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

/// When a key was last remembered.
///
/// # Errors
/// Those of the store.
pub(crate) async fn remembered(
    counters: &impl SharedCounters,
    key: &CounterKey,
) -> Result<Option<Timestamp>, StoreError> {
    Ok(counters.read(key).await?.map(|counter| counter.last))
}
