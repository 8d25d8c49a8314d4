//! The arithmetic of one counter: how a limit judges one more attempt.

use jiff::Timestamp;

use super::{Hit, Limit};

/// The stored value of a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counter {
    pub(crate) count: u32,
    pub(crate) last: Timestamp,
}

impl Counter {
    /// Returns the answer to one more attempt, and the new value of the counter if it changes. A refusal changes
    /// nothing, with one exception: if the stored time is in the future, because the clock was set back, it becomes
    /// `now`, and the delay begins now.
    pub(super) fn one_more(stored: Option<Self>, limit: &Limit, now: Timestamp) -> (Hit, Option<Self>) {
        let before = stored.map(|counter| Self { last: counter.last.min(now), ..counter });
        let before = before.filter(|counter| counter.count > 0 && !limit.is_forgotten(counter.last, now));
        if let Some(end) = before.and_then(|counter| limit.blocked_until(counter.count, counter.last, now)) {
            return (Hit::Refused(end), before.filter(|_| before != stored));
        }
        let count = before.map_or(0, |counter| counter.count).saturating_add(1);
        (Hit::Allowed { count, before: before.map(|counter| counter.last) }, Some(Self { count, last: now }))
    }
}
