//! Work that a request leaves behind, so that its answer does not wait for the mailer: bounded, and waited for at the end.

use std::sync::Arc;
#[cfg(feature = "http")]
use std::sync::OnceLock;

#[cfg(feature = "http")]
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

/// Slots for work in the background.
pub(crate) struct Background {
    slots: Arc<Semaphore>,
    limit: u32,
    #[cfg(feature = "http")]
    runtime: OnceLock<Handle>,
}

impl Background {
    pub(crate) fn new(limit: usize) -> Self {
        let limit = limit.clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        Self {
            slots: Arc::new(Semaphore::new(limit)),
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
            #[cfg(feature = "http")]
            runtime: OnceLock::new(),
        }
    }

    /// From now on work runs on the caller's tokio runtime: for a framework whose threads have a runtime each, which ends with the server and
    /// would take the work along. The first call counts, and one outside of a runtime does nothing.
    #[cfg(feature = "actix")]
    pub(crate) fn stay_here(&self) {
        if let Ok(runtime) = Handle::try_current() {
            self.runtime.get_or_init(|| runtime);
        }
    }

    /// Runs `work` on the tokio runtime, or refuses at once when every slot is taken.
    #[cfg(feature = "http")]
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> Result<(), crate::error::Fault> {
        let Ok(slot) = self.slots.clone().try_acquire_owned() else {
            return Err(crate::error::Fault::Overloaded { retry_after: std::time::Duration::from_secs(1) });
        };
        let work = async move {
            work.await;
            drop(slot);
        };
        match self.runtime.get() {
            Some(runtime) => runtime.spawn(work),
            None => tokio::spawn(work),
        };
        Ok(())
    }

    /// Waits until every slot is free.
    pub(crate) async fn settle(&self) {
        // It fails only for a closed semaphore, and nobody closes it.
        drop(self.slots.acquire_many(self.limit).await);
    }
}
