//! Where the time comes from: the system, or a clock that a test moves.

use jiff::Timestamp;

/// Tells the time. Every expiry, time-out and event of the library asks it, and nothing else.
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
