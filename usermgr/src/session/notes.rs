//! Whether the notes that sessions are used can be taken, for all sessions of an engine: while the store fails, few try.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use jiff::Timestamp;

use crate::span::later;

/// For how long nobody tries again when a note could not be taken: requests must not queue for a writer that is stuck.
const PAUSE: Duration = Duration::from_secs(10);

/// Whether notes can be taken, for all sessions of an engine.
#[derive(Debug)]
pub(crate) struct Notes {
    /// Until when nobody tries, in microseconds by the engine's clock; `OPEN` while all is well.
    paused_until: AtomicI64,
}

/// No pause.
const OPEN: i64 = i64::MIN;

impl Default for Notes {
    fn default() -> Self {
        Self { paused_until: AtomicI64::new(OPEN) }
    }
}

impl Notes {
    /// Whether somebody may try now: everybody while all is well, and one after each pause.
    pub(super) fn admits(&self, now: Timestamp) -> bool {
        let until = self.paused_until.load(Ordering::Relaxed);
        let next = later(now, PAUSE).as_microsecond();
        let claim = || self.paused_until.compare_exchange(until, next, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        // A pause that ends later than one can is that of a clock which has been put back since.
        until == OPEN || ((until <= now.as_microsecond() || until > next) && claim())
    }

    /// Begins a pause, and says so once until a note succeeds.
    pub(super) fn failed(&self, now: Timestamp, why: &str) {
        let until = later(now, PAUSE).as_microsecond();
        if self.paused_until.swap(until, Ordering::Relaxed) == OPEN {
            tracing::warn!(
                target: "usermgr",
                why,
                "that sessions are used cannot be noted; requests go on, and sessions end sooner if this lasts"
            );
        }
    }

    pub(super) fn succeeded(&self) {
        if self.paused_until.load(Ordering::Relaxed) != OPEN && self.paused_until.swap(OPEN, Ordering::Relaxed) != OPEN
        {
            tracing::info!(target: "usermgr", "that sessions are used is noted again");
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
