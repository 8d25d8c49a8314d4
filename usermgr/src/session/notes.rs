//! The circuit breaker for recording that sessions are used, for all sessions of an engine. While the store fails, few
//! requests try it.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use jiff::Timestamp;

use crate::span::later;

/// How long no request tries again after a failure, so that requests do not queue for a writer that is stuck.
const PAUSE: Duration = Duration::from_secs(10);

/// The state of the circuit breaker.
#[derive(Debug)]
pub(crate) struct Notes {
    /// The end of the pause, in microseconds by the engine's clock. `OPEN` without a pause.
    paused_until: AtomicI64,
}

/// The value without a pause.
const OPEN: i64 = i64::MIN;

impl Default for Notes {
    fn default() -> Self {
        Self { paused_until: AtomicI64::new(OPEN) }
    }
}

impl Notes {
    /// Returns whether the caller may try now: every caller without a pause, and one caller after each pause.
    pub(crate) fn admits(&self, now: Timestamp) -> bool {
        let until = self.paused_until.load(Ordering::Relaxed);
        let next = later(now, PAUSE).as_microsecond();
        let claim = || self.paused_until.compare_exchange(until, next, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        // A pause that ends later than `next` was set before the clock was set back.
        until == OPEN || ((until <= now.as_microsecond() || until > next) && claim())
    }

    /// Begins a pause. Logs it once until a write succeeds.
    pub(crate) fn failed(&self, now: Timestamp, why: &str) {
        let until = later(now, PAUSE).as_microsecond();
        if self.paused_until.swap(until, Ordering::Relaxed) == OPEN {
            tracing::warn!(
                target: "usermgr",
                why,
                "the use of sessions cannot be recorded; requests still succeed, but sessions may reach their idle timeout too early"
            );
        }
    }

    pub(crate) fn succeeded(&self) {
        if self.paused_until.load(Ordering::Relaxed) != OPEN && self.paused_until.swap(OPEN, Ordering::Relaxed) != OPEN
        {
            tracing::info!(target: "usermgr", "the use of sessions is recorded again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn s20_after_a_failure_one_tries_in_each_pause_and_a_success_lets_everybody_in() {
        let notes = Notes::default();
        assert!(notes.admits(at(0)) && notes.admits(at(0)));
        notes.failed(at(0), "full");
        assert!(!notes.admits(at(9)));
        assert!(notes.admits(at(10)));
        assert!(!notes.admits(at(11)), "the one is under way");
        notes.failed(at(12), "full");
        assert!(notes.admits(at(-1_000)), "the clock was put back");
        notes.succeeded();
        assert!(notes.admits(at(13)) && notes.admits(at(13)));
    }
}
