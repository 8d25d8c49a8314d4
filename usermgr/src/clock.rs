//! Where the time comes from: the system, or a clock that a test moves.

use jiff::Timestamp;

/// Tells the time. Every expiry, time-out and event of the library asks it, and nothing else.
pub trait Clock: Send + Sync + 'static {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// The clock of the system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
