//! Background work of requests, so that a response does not wait for the mailer. The work is bounded, and awaited at
//! shutdown.

use std::sync::{Arc, OnceLock};

use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
};

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
    runtime: OnceLock<Handle>,
}

impl Background {
    pub(crate) fn new(limit: usize) -> Self {
        let limit = limit.clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        Self {
            slots: Arc::new(Semaphore::new(limit)),
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
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
            Err(_) => Err(crate::error::Fault::Overloaded { retry_after: std::time::Duration::from_secs(1) }),
        }
    }

    /// Waits until every slot is free.
    pub(crate) async fn settle(&self) {
        // It fails only if the semaphore is closed, which never happens.
        drop(self.slots.acquire_many(self.limit).await);
    }
}
