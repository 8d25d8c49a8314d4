//! Spans of time between two moments that clocks of several servers have told.

use std::time::Duration;

use jiff::Timestamp;

/// Whether a time has come and is no longer ago than this. One that lies ahead by more than the clocks of two servers may differ was
/// written by a clock that has been put right since, and tells nothing.
pub(crate) fn is_recent(time: Timestamp, span: Duration, now: Timestamp) -> bool {
    const CLOCK_SKEW: Duration = Duration::from_secs(5);
    time <= later(now, CLOCK_SKEW) && now < later(time, span)
}

/// The time a while after another, or the end of time.
pub(crate) fn later(time: Timestamp, span: Duration) -> Timestamp {
    time.checked_add(span).unwrap_or(Timestamp::MAX)
}
