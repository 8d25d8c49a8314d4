//! The source of the time: the system clock, or a clock that a test sets.

use jiff::Timestamp;

/// Returns the current time. All expiries, timeouts and events of the library use it.
///
/// ```
/// use jiff::{SignedDuration, Timestamp};
/// use usermgr::clock::{Clock, SystemClock};
///
/// /// A machine whose clock is known to be a minute late.
/// struct Corrected;
///
/// impl Clock for Corrected {
///     fn now(&self) -> Timestamp {
///         SystemClock.now() + SignedDuration::from_mins(1)
///     }
/// }
/// assert!(Corrected.now() > SystemClock.now());
/// ```
pub trait Clock: Send + Sync + 'static {
    /// Returns the current time in UTC.
    fn now(&self) -> Timestamp;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
