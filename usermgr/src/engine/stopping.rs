//! Whether an engine stops, and how far it has come.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

/// What deliveries do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Go on.
    Serving,
    /// Deliver what is due, and end.
    Draining,
    /// End at once.
    Cut,
}

/// Whether an engine stops, and how far it has come.
pub(crate) struct Stopping {
    is_announced: AtomicBool,
    /// Each delivery follows it. The end of the engine waits until all followers are dropped.
    pub(super) phase: watch::Sender<Phase>,
}

impl Default for Stopping {
    fn default() -> Self {
        Self { is_announced: AtomicBool::new(false), phase: watch::Sender::new(Phase::Serving) }
    }
}

impl Stopping {
    pub(super) fn announce(&self) {
        self.is_announced.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_announced(&self) -> bool {
        self.is_announced.load(Ordering::Relaxed)
    }
}
