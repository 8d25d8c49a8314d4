//! The operations of the outbox: delivering the pending notifications.

use std::future::Future;

use jiff::Timestamp;

use crate::{
    error::Fault, manager::UserManager, mark::outside, notification::delivery::Courier, slices, store::OutboxStore,
};

/// The operations of a user manager whose store has an outbox (feature `outbox`). In scope through the prelude.
///
/// With [`EngineBuilder::outbox`](crate::engine::EngineBuilder::outbox) notifications are written in the transaction of
/// the change, and a worker must deliver them. The guide's page on [durable delivery](crate::guide::delivery) lists the
/// hooks that are delivered this way.
///
/// ```
/// # use usermgr::prelude::*;
/// # async fn example(accounts: std::sync::Arc<impl UserManager<Store = MemoryStore>>) -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use usermgr::engine::Deadline;
///
/// let worker = tokio::spawn({
///     let accounts = accounts.clone();
///     async move { accounts.deliver(std::future::pending()).await }
/// });
/// // .. serve, and at the end:
/// accounts.shutdown(Deadline::after(Duration::from_secs(5))).await;
/// worker.await??;
/// # Ok(())
/// # }
/// ```
pub trait Delivery: UserManager<Store: OutboxStore> {
    /// Delivers until `stop` ends, or until the manager [shuts down](crate::Operations::shutdown). Claims rows, reads their users again, makes the tokens and calls the hooks, up to 16
    /// at once. A push in this process wakes it at once. It polls the store every second for rows from other processes
    /// and for retries. Deliveries in progress when `stop` ends are finished first. When the manager shuts down,
    /// everything that is due is delivered first, as long as there is time. Store faults are logged, and the store is
    /// polled again.
    ///
    /// A hook that fails is retried after 10 seconds; each further pause is twice as long, up to one hour. After
    /// [`delivery_attempts`](crate::engine::EngineBuilder::delivery_attempts) the row is kept as failed, and a
    /// `delivery_failed` event is raised. A row whose process died is delivered again after twice the hook's time
    /// limit, at least 10 seconds. Any number of processes may deliver.
    ///
    /// # Errors
    /// Returns [`Fault::Config`] at once if the engine has no outbox.
    fn deliver(&self, stop: impl Future<Output = ()> + Send) -> impl Future<Output = Result<(), Fault>> + Send {
        async move {
            outside()?;
            Courier::new(self, slices::notifications(), slices::errors()).deliver(stop).await
        }
    }

    /// Delivers the rows that are due, and those that the hooks push meanwhile. Returns the number of delivered rows.
    /// For tests, and for applications with their own timer.
    ///
    /// # Errors
    /// Returns only a [`Fault`] of the store.
    fn deliver_due(&self) -> impl Future<Output = Result<u64, Fault>> + Send {
        async move {
            outside()?;
            Courier::new(self, slices::notifications(), slices::errors()).deliver_due().await
        }
    }

    /// Deletes the rows that failed permanently before the given time, and returns their number.
    ///
    /// # Errors
    /// Returns only a [`Fault`].
    fn purge_undelivered(&self, before: Timestamp) -> impl Future<Output = Result<u64, Fault>> + Send {
        async move {
            outside()?;
            Ok(self.engine_ref().store().purge_failed(before).await?)
        }
    }
}

impl<M: UserManager<Store: OutboxStore> + ?Sized> Delivery for M {}
