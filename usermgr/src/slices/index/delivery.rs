//! What is done with the outbox: delivering what is owed.

use std::future::Future;

use jiff::Timestamp;

use crate::{
    error::Fault, manager::UserManager, mark::outside, notification::delivery::Courier, slices, store::OutboxStore,
};

/// What a user manager whose store has an outbox can do with it (feature `outbox`). In scope through the prelude.
///
/// With [`EngineBuilder::outbox`](crate::engine::EngineBuilder::outbox) what users are to be told is written in the transaction of the change;
/// somebody has to deliver it. The guide's page on [durable delivery](crate::guide::delivery) says which hooks that are.
///
/// ```
/// # use usermgr::prelude::*;
/// # async fn example(accounts: std::sync::Arc<impl UserManager<Store = MemoryStore>>) -> Result<(), Box<dyn std::error::Error>> {
/// let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
/// let worker = tokio::spawn({
///     let accounts = accounts.clone();
///     async move { accounts.deliver(async { drop(stopped.await) }).await }
/// });
/// // .. serve, and at the end:
/// drop(stop);
/// worker.await??;
/// # Ok(())
/// # }
/// ```
pub trait Delivery: UserManager<Store: OutboxStore> {
    /// Delivers until told to stop: claims rows, reads their users anew, makes the tokens and calls the hooks, up to 16 at once. A push
    /// in this process wakes it at once; the store is asked every second for what others have pushed and for what is due again. What is
    /// under way when `stop` ends is finished first. Faults of the store are logged and waited out.
    ///
    /// A hook that fails is called again after 10 seconds, and then after pauses twice as long each, up to an hour; after
    /// [`delivery_attempts`](crate::engine::EngineBuilder::delivery_attempts) the row stays as failed, with an event `delivery_failed`. A row
    /// whose process died is delivered anew after twice the hook's time limit, at least 10 seconds. Any number of processes may deliver.
    ///
    /// # Errors
    /// [`Fault::Config`] at once, when the engine has no outbox.
    fn deliver(&self, stop: impl Future<Output = ()> + Send) -> impl Future<Output = Result<(), Fault>> + Send {
        async move {
            outside()?;
            Courier::new(self, slices::notifications(), slices::errors()).deliver(stop).await
        }
    }

    /// Delivers what is due now, and what the hooks push meanwhile, and says how many rows were delivered: for tests, and for an
    /// application that has a timer of its own.
    ///
    /// # Errors
    /// Only faults, of the store.
    fn deliver_due(&self) -> impl Future<Output = Result<u64, Fault>> + Send {
        async move {
            outside()?;
            Courier::new(self, slices::notifications(), slices::errors()).deliver_due().await
        }
    }

    /// Deletes the rows that were given up before that time and says how many.
    ///
    /// # Errors
    /// Only faults.
    fn purge_undelivered(&self, before: Timestamp) -> impl Future<Output = Result<u64, Fault>> + Send {
        async move {
            outside()?;
            Ok(self.engine_ref().store().purge_failed(before).await?)
        }
    }
}

impl<M: UserManager<Store: OutboxStore> + ?Sized> Delivery for M {}
