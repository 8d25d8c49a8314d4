//! Durations between two times that may come from the clocks of several servers.

use std::time::Duration;

use jiff::Timestamp;

/// Returns whether a time is in the past and at most this long ago. Up to five seconds in the future count too, as
/// clock skew between two servers. A later time was written by a clock that was wrong and has been corrected since.
pub(crate) fn is_recent(time: Timestamp, span: Duration, now: Timestamp) -> bool {
    const CLOCK_SKEW: Duration = Duration::from_secs(5);
    time <= later(now, CLOCK_SKEW) && now < later(time, span)
}

/// Returns the time minus a duration, at least the beginning of time.
pub(crate) fn earlier(time: Timestamp, span: Duration) -> Timestamp {
    time.checked_sub(span).unwrap_or(Timestamp::MIN)
}

/// Returns the time plus a duration, at most the end of time.
pub(crate) fn later(time: Timestamp, span: Duration) -> Timestamp {
    time.checked_add(span).unwrap_or(Timestamp::MAX)
}
