//! How much of a bounded room is taken, as its owner reports it for the [metrics](crate::metrics).

use std::time::Duration;

/// How much of a bounded room is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Load {
    /// How many places are taken now.
    pub taken: u64,
    /// How many places there are.
    pub limit: u64,
    /// How often none was free, so that a request was refused with 503.
    pub refused: u64,
}

impl Load {
    pub(crate) fn new(taken: usize, limit: usize, refused: u64) -> Self {
        Self { taken: taken as u64, limit: limit as u64, refused }
    }
}

/// The load of a hasher.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HashLoad {
    /// How many threads hash.
    pub threads: u64,
    /// The jobs, running and waiting together.
    pub jobs: Load,
    /// How many jobs were done.
    pub done: u64,
    /// How long they took together, without their time in the queue.
    pub busy: Duration,
}
