//! Work that a request leaves behind, so that its answer does not wait for the mailer: bounded, and waited for at the end.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// Slots for work in the background.
pub(crate) struct Background {
    slots: Arc<Semaphore>,
    limit: u32,
}

impl Background {
    pub(crate) fn new(limit: usize) -> Self {
        let limit = limit.clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        Self { slots: Arc::new(Semaphore::new(limit)), limit: u32::try_from(limit).unwrap_or(u32::MAX) }
    }

    /// Runs `work` on the tokio runtime, or refuses at once when every slot is taken.
    #[cfg(feature = "http")]
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> Result<(), crate::error::Fault> {
        let Ok(slot) = self.slots.clone().try_acquire_owned() else {
            return Err(crate::error::Fault::Overloaded { retry_after: std::time::Duration::from_secs(1) });
        };
        tokio::spawn(async move {
            work.await;
            drop(slot);
        });
        Ok(())
    }

    /// Waits until every slot is free.
    pub(crate) async fn settle(&self) {
        // It fails only for a closed semaphore, and nobody closes it.
        drop(self.slots.acquire_many(self.limit).await);
    }
}
