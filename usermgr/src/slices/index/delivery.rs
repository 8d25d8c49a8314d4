//! The operations of the outbox: delivering the pending notifications.

use std::{
    future::{Future, pending},
    sync::Arc,
};

use jiff::Timestamp;

use crate::{
    admin::Admin,
    background,
    error::Fault,
    manager::{IdOf, UserManager},
    mark::outside,
    notification::delivery::Courier,
    slices,
    store::{FailedEntry, ListQuery, OutboxId, OutboxStore},
};

/// The operations of a user manager whose store has an outbox (feature `outbox`). In scope through the prelude.
///
/// With [`EngineBuilder::outbox`](crate::engine::EngineBuilder::outbox) notifications are written in the transaction of
/// the change, and a worker must deliver them. The guide's page on [durable delivery](crate::guide::delivery) lists the
/// hooks that are delivered this way.
///
/// ```
/// # use usermgr::prelude::*;
/// # async fn serve() -> std::io::Result<usermgr::engine::Deadline> { Ok(usermgr::engine::Deadline::after(std::time::Duration::ZERO)) }
/// # async fn example(accounts: std::sync::Arc<impl UserManager<Store = MemoryStore>>) -> Result<(), Box<dyn std::error::Error>> {
/// accounts.start_delivery()?;
/// let deadline = serve().await?;
/// accounts.shutdown(deadline).await;
/// # Ok(())
/// # }
/// ```
pub trait Delivery: UserManager<Store: OutboxStore> {
    /// Starts a task that [delivers](Self::deliver) until the manager [shuts down](crate::Operations::shutdown). The task
    /// keeps the manager alive until then.
    ///
    /// # Errors
    /// Returns [`Fault::Config`] if the engine has no outbox, or outside of a tokio runtime.
    fn start_delivery(self: &Arc<Self>) -> Result<(), Fault> {
        outside()?;
        courier(&**self).outbox()?.begin_delivery();
        let (manager, end) = (Arc::clone(self), self.engine_ref().follower());
        // It fails without an outbox only.
        background::spawn(async move { drop(courier(&*manager).deliver(pending(), end).await) })?;
        Ok(())
    }

    /// Delivers until `stop` ends, or until the manager [shuts down](crate::Operations::shutdown), such as in a process
    /// that does nothing else. Beside a server, use [`start_delivery`](Self::start_delivery).
    ///
    /// Claims rows, reads their users again, makes the tokens and calls the hooks, up to 16 at once. A push in this
    /// process wakes it at once. It polls the store every second for rows from other processes and for retries.
    /// Deliveries in progress when `stop` ends are finished first. When the manager shuts down, everything that is due
    /// is delivered first, as long as there is time. Store faults are logged, and the store is polled again.
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
            courier(self).deliver(stop, self.engine_ref().follower()).await
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
            courier(self).deliver_due().await
        }
    }

    /// Returns the notifications that were given up, ordered by id, which is the order in which they were written.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// use usermgr::store::ListQuery;
    ///
    /// // After a night without a mail service, another attempt at each.
    /// let (admin, mut query) = (Admin::system("retry"), ListQuery::default());
    /// loop {
    ///     let failed = accounts.list_undelivered(&admin, query).await?;
    ///     for row in &failed {
    ///         println!("{} failed at {}: {}", row.entry.event, row.failed_at, row.error);
    ///         accounts.retry_undelivered(&admin, &row.entry.id).await?;
    ///     }
    ///     let Some(last) = failed.last() else { break };
    ///     query = ListQuery::default().after(last.entry.id.clone());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns only a [`Fault`].
    fn list_undelivered(
        &self,
        _: &Admin,
        query: ListQuery<OutboxId>,
    ) -> impl Future<Output = Result<Vec<FailedEntry<IdOf<Self>>>, Fault>> + Send {
        async move {
            outside()?;
            Ok(self.engine_ref().store().list_failed(&query.bounded()).await?)
        }
    }

    /// Makes a notification that was given up due now, with all attempts before it. Returns `false` if no notification
    /// with this id was given up.
    ///
    /// # Errors
    /// Returns only a [`Fault`].
    fn retry_undelivered(&self, _: &Admin, id: &OutboxId) -> impl Future<Output = Result<bool, Fault>> + Send {
        async move {
            outside()?;
            let engine = self.engine_ref();
            let is_there = engine.store().retry_failed(id, engine.now()).await?;
            if let Some(outbox) = engine.outbox().filter(|_| is_there) {
                outbox.wake();
            }
            Ok(is_there)
        }
    }

    /// Deletes a notification that was given up. Returns `false` if no notification with this id was given up.
    ///
    /// # Errors
    /// Returns only a [`Fault`].
    fn delete_undelivered(&self, _: &Admin, id: &OutboxId) -> impl Future<Output = Result<bool, Fault>> + Send {
        async move {
            outside()?;
            Ok(self.engine_ref().store().delete_failed(id).await?)
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

fn courier<M: UserManager<Store: OutboxStore> + ?Sized>(manager: &M) -> Courier<'_, M> {
    Courier::new(manager, slices::notifications(), slices::errors())
}
