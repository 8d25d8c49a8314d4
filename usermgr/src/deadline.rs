//! A point in time by which something must have ended, and waits that end there.

#[cfg(any(feature = "axum", feature = "actix"))]
use std::io;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// How long a process may take to end once a server has received a signal to stop.
#[cfg(any(feature = "axum", feature = "actix"))]
pub(crate) const PATIENCE: Duration = Duration::from_secs(25);
/// Further away than any process lives.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// The point in time by which a process that stops must have ended. `serve` returns it, and
/// [`shutdown`](crate::Operations::shutdown) keeps to it. The end of the application itself can keep to it too:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use std::time::Duration;
/// use usermgr::engine::Deadline;
///
/// let deadline = Deadline::after(Duration::from_millis(20));
/// assert_eq!(deadline.bound(async { "done" }).await, Some("done"));
/// assert_eq!(deadline.bound(std::future::pending::<()>()).await, None);
/// assert!(deadline.remaining().is_zero());
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// Returns the point in time after this much time from now.
    pub fn after(time: Duration) -> Self {
        let now = Instant::now();
        Self(now.checked_add(time).unwrap_or(now + FAR))
    }

    /// Returns how much time is left, zero if none is.
    pub fn remaining(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Waits for `work`, and cuts it off at the deadline. Returns `None` then.
    pub async fn bound<F: Future>(&self, work: F) -> Option<F::Output> {
        timeout_at(self.0, work).await.ok()
    }

    /// Returns the deadline of one step of several: two thirds of the time that is left, so that a step that hangs
    /// leaves time for the next one.
    pub fn step(&self) -> Self {
        Self::after(self.remaining() * 2 / 3)
    }
}

#[cfg(any(feature = "axum", feature = "actix"))]
impl Deadline {
    /// Lets a server finish its requests, as one step, and returns the deadline for what follows.
    pub(crate) async fn finish(self, serving: impl Future<Output = io::Result<()>>) -> io::Result<Self> {
        match self.step().bound(serving).await {
            Some(served) => served?,
            None => tracing::warn!(target: "usermgr", "requests that did not finish in time are cut off"),
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn steps_that_hang_leave_time_for_the_next() {
        let (deadline, begun) = (Deadline::after(Duration::from_secs(27)), Instant::now());
        let mut ends = Vec::new();
        for _ in 0..3 {
            assert_eq!(deadline.step().bound(std::future::pending::<()>()).await, None);
            ends.push(begun.elapsed().as_secs());
        }
        assert_eq!(ends, [18, 24, 26]);
        assert_eq!(deadline.bound(std::future::pending::<()>()).await, None);
        assert_eq!(begun.elapsed().as_secs(), 27);
        assert_eq!(deadline.step().bound(async { 1 }).await, Some(1), "what is done already is not cut");
    }

    #[tokio::test]
    async fn no_time_is_too_long() {
        assert!(Deadline::after(Duration::MAX).remaining() > FAR / 2);
    }
}
