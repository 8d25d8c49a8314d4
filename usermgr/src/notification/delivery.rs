//! Delivering what the outbox holds: rows are claimed, their users read anew, tokens made, and the hooks called, until none fails.

mod courier;
mod lanes;
mod received;
mod summary;

use std::pin::pin;

use crate::{config_error::ConfigError, error::Fault, manager::UserManager, store::OutboxStore};
pub(crate) use courier::Courier;
use lanes::Lanes;

impl<M: UserManager<Store: OutboxStore> + ?Sized> Courier<'_, M> {
    /// Delivers until `stop` is ready, and finishes what has begun by then.
    pub(crate) async fn deliver(&self, stop: impl Future<Output = ()> + Send) -> Result<(), Fault> {
        let outbox = self.manager.engine_ref().outbox().ok_or_else(|| {
            ConfigError::new("the engine has no outbox: add one with `Engine::builder(store).outbox()`")
        })?;
        outbox.begin_delivery();
        Lanes::new(self).until(outbox, pin!(stop)).await;
        Ok(())
    }

    /// Delivers what is due, and what the hooks enqueue meanwhile; how many rows that were.
    pub(crate) async fn deliver_due(&self) -> Result<u64, Fault> {
        if let Some(outbox) = self.manager.engine_ref().outbox() {
            outbox.begin_delivery();
        }
        Lanes::new(self).until_none_is_due().await
    }
}
