//! Delivers the outbox: claims rows, reads their users again, makes tokens and calls the hooks, with retries.

mod courier;
mod lanes;
mod received;
mod summary;

use std::pin::pin;

use crate::{config_error::ConfigError, error::Fault, manager::UserManager, store::OutboxStore};
pub(crate) use courier::Courier;
use lanes::Lanes;

impl<M: UserManager<Store: OutboxStore> + ?Sized> Courier<'_, M> {
    /// Delivers until `stop` ends, finishes the deliveries in progress, and returns the output of `stop`.
    pub(crate) async fn deliver<T>(&self, stop: impl Future<Output = T> + Send) -> Result<T, Fault> {
        let outbox = self.manager.engine_ref().outbox().ok_or_else(|| {
            ConfigError::new("the engine has no outbox: add one with `Engine::builder(store).outbox()`")
        })?;
        outbox.begin_delivery();
        Ok(Lanes::new(self).until(outbox, pin!(stop)).await)
    }

    /// Delivers the rows that are due, and those that the hooks enqueue meanwhile. Returns their number.
    pub(crate) async fn deliver_due(&self) -> Result<u64, Fault> {
        if let Some(outbox) = self.manager.engine_ref().outbox() {
            outbox.begin_delivery();
        }
        Lanes::new(self).until_none_is_due().await
    }
}
