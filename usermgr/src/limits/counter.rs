//! One counter: its number and the time of its last change go in with a limit, and what becomes of it by one more comes out.

use jiff::Timestamp;

use super::{Hit, Limit};

/// What is kept of a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counter {
    pub(crate) count: u32,
    pub(crate) last: Timestamp,
}

impl Counter {
    /// What one more makes of it, and what is answered to it. Nothing becomes of it when it is refused, unless its time lies ahead: a
    /// clock was wrong and has been put right, and the delay begins now.
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
