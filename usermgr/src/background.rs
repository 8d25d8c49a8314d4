//! Background work of requests, so that a response does not wait for the mailer. The work is bounded, and awaited at
//! shutdown.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
};

use crate::{config_error::ConfigError, load::Load};

/// A slot for one piece of work.
pub(crate) struct Slot<'a> {
    permit: OwnedSemaphorePermit,
    background: &'a Background,
}

impl Slot<'_> {
    /// Runs `work` on the tokio runtime.
    pub(crate) fn spawn(self, work: impl Future<Output = ()> + Send + 'static) {
        let Self { permit, background } = self;
        let work = async move {
            work.await;
            drop(permit);
        };
        match background.runtime.get() {
            Some(runtime) => runtime.spawn(work),
            None => tokio::spawn(work),
        };
    }
}

/// The slots for background work.
pub(crate) struct Background {
    slots: Arc<Semaphore>,
    limit: u32,
    refused: AtomicU64,
    runtime: OnceLock<Handle>,
}

impl Background {
    pub(crate) fn new(limit: usize) -> Self {
        let limit = limit.clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        Self {
            slots: Arc::new(Semaphore::new(limit)),
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
            refused: AtomicU64::new(0),
            runtime: OnceLock::new(),
        }
    }

    /// Runs work on the caller's tokio runtime from this call on. For a framework with one runtime per thread, which
    /// would end with the server and abort the work. The first call counts. Outside of a runtime the call does nothing.
    #[cfg(feature = "actix")]
    pub(crate) fn stay_here(&self) {
        if let Ok(runtime) = Handle::try_current() {
            self.runtime.get_or_init(|| runtime);
        }
    }

    /// Reserves a slot for later work, or refuses at once if every slot is taken.
    pub(crate) fn reserve(&self) -> Result<Slot<'_>, crate::error::Fault> {
        match self.slots.clone().try_acquire_owned() {
            Ok(permit) => Ok(Slot { permit, background: self }),
            Err(_) => {
                self.refused.fetch_add(1, Relaxed);
                Err(crate::error::Fault::Overloaded { retry_after: std::time::Duration::from_secs(1) })
            }
        }
    }

    /// How many slots are taken.
    pub(crate) fn load(&self) -> Load {
        let limit = self.limit as usize;
        Load::new(limit.saturating_sub(self.slots.available_permits()), limit, self.refused.load(Relaxed))
    }

    /// Waits until every slot is free.
    pub(crate) async fn settle(&self) {
        // It fails only if the semaphore is closed, which never happens.
        drop(self.slots.acquire_many(self.limit).await);
    }
}

/// Runs `work` on the caller's tokio runtime, until it ends by itself.
pub(crate) fn spawn(work: impl Future<Output = ()> + Send + 'static) -> Result<(), ConfigError> {
    let runtime = Handle::try_current().map_err(|error| ConfigError::new(error.to_string()))?;
    drop(runtime.spawn(work));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_background_refuses_and_counts_it() {
        let background = Background::new(2);
        let slots = [background.reserve(), background.reserve()].map(Result::unwrap);
        assert!(background.reserve().is_err());
        assert_eq!(background.load(), Load::new(2, 2, 1));
        drop(slots);
        assert_eq!(background.load(), Load::new(0, 2, 1));
    }
}
