//! Delivers the outbox: claims rows, reads their users again, makes tokens and calls the hooks, with retries.

mod courier;
mod lanes;
mod received;
mod summary;

use std::pin::pin;

use crate::{
    concurrent::either,
    config_error::ConfigError,
    engine::{Follower, outbox::Outbox},
    error::Fault,
    manager::UserManager,
    store::OutboxStore,
};
pub(crate) use courier::Courier;
use lanes::Lanes;

impl<M: UserManager<Store: OutboxStore> + ?Sized> Courier<'_, M> {
    /// Delivers until `stop` ends, and finishes the deliveries in progress. When the engine ends, everything that is due
    /// is delivered before, as long as there is time.
    pub(crate) async fn deliver(&self, stop: impl Future<Output = ()> + Send, end: Follower) -> Result<(), Fault> {
        let outbox = self.outbox()?;
        outbox.begin_delivery();
        let work = async {
            Lanes::new(self).until(outbox, pin!(either(stop, end.clone().drains()))).await;
            if end.is_draining()
                && let Err(fault) = Lanes::new(self).until_none_is_due().await
            {
                tracing::error!(target: "usermgr", error = %fault, "the outbox could not be read");
            }
        };
        either(work, end.clone().cuts()).await;
        Ok(())
    }

    /// Returns the outbox.
    pub(crate) fn outbox(&self) -> Result<&Outbox<M::Store>, ConfigError> {
        self.manager
            .engine_ref()
            .outbox()
            .ok_or_else(|| ConfigError::new("the engine has no outbox: add one with `Engine::builder(store).outbox()`"))
    }

    /// Delivers the rows that are due, and those that the hooks enqueue meanwhile. Returns their number.
    pub(crate) async fn deliver_due(&self) -> Result<u64, Fault> {
        if let Some(outbox) = self.manager.engine_ref().outbox() {
            outbox.begin_delivery();
        }
        Lanes::new(self).until_none_is_due().await
    }
}
