//! Whether an engine stops, and how far it has come.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

/// What the tasks of an engine do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Go on.
    Serving,
    /// Finish: deliver what is due, and end.
    Draining,
    /// End at once.
    Cut,
}

/// Whether an engine stops, and how far it has come.
pub(crate) struct Stopping {
    is_announced: AtomicBool,
    /// Each task follows it. The end of the engine waits until all followers are dropped.
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

/// A task that ends with its engine.
#[derive(Clone)]
pub(crate) struct Follower(pub(super) watch::Receiver<Phase>);

impl Follower {
    pub(super) fn of(stopping: &Stopping) -> Self {
        Self(stopping.phase.subscribe())
    }

    /// Completes when the engine begins to end.
    pub(crate) async fn drains(mut self) {
        self.reaches(|phase| phase != Phase::Serving).await;
    }

    pub(super) async fn reaches(&mut self, is_reached: impl Fn(Phase) -> bool) {
        // It fails only if the engine is gone, and a task borrows it.
        let _ = self.0.wait_for(|phase| is_reached(*phase)).await.is_ok();
    }
}
