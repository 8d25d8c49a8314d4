//! One counter: its number and the time of its last change go in with a limit, and what becomes of it by one more comes out. Stores
//! that others write to as well swap what they have read for it.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{CounterKey, Hit, Limit};
use crate::store::StoreError;

/// How often a counter is read again that others were faster to change. Within a process they take turns.
const MOST_SWAPS: u32 = 256;

/// What is kept of a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counter {
    pub(crate) count: u32,
    pub(crate) last: Timestamp,
}

impl Counter {
    /// What one more makes of it.
    ///
    /// # Errors
    /// When the next one may come, if that is not now.
    pub(super) fn one_more(before: Option<Self>, limit: &Limit, now: Timestamp) -> Result<Self, Timestamp> {
        let before = before.filter(|counter| !limit.is_forgotten(counter.last, now));
        let blocked = before.and_then(|counter| limit.blocked_until(counter.count, counter.last, now));
        let count = before.map_or(0, |counter| counter.count).saturating_add(1);
        blocked.map_or(Ok(Self { count, last: now }), Err)
    }
}

/// A store of counters that several processes write to.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql", feature = "redis"))]
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
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql", feature = "redis"))]
pub(crate) async fn hit(
    counters: &impl SharedCounters,
    key: &CounterKey,
    limit: &Limit,
    now: Timestamp,
) -> Result<Hit, StoreError> {
    // As precise as it is kept.
    let now = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
    let forget_at = now.checked_add(limit.forget).unwrap_or(Timestamp::MAX);
    for _ in 0..MOST_SWAPS {
        let read = counters.read(key).await?;
        match Counter::one_more(read, limit, now) {
            Err(end) => return Ok(Hit::Refused(end)),
            Ok(next) if counters.swap(key, read, next, forget_at).await? => return Ok(Hit::Allowed(next.count)),
            Ok(_) => {}
        }
    }
    Err(StoreError::Stale)
}
