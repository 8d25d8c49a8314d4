//! One counter: its number and the time of its last change go in with a limit, and what becomes of it by one more comes out.

use jiff::Timestamp;

use super::Limit;

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
