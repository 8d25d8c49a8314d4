//! The options of durable delivery.

use std::time::Duration;

use super::Outbox;
use crate::{engine::EngineBuilder, store::OutboxStore};

impl<S: OutboxStore> EngineBuilder<S> {
    /// Enables the transactional outbox (feature `outbox`): notifications are written in the transaction of the change, and their hooks are
    /// called by [`Delivery::deliver`](crate::Delivery::deliver), at least once. Default: off; a hook is called once, right after the commit.
    ///
    /// ```
    /// use usermgr::{Backend, Database, Engine, MemoryStore};
    /// let engine = Engine::builder(MemoryStore::new()).backend(Backend::bearer("bearer", Database::new())).outbox().build();
    /// # let _ = engine;
    /// ```
    pub fn outbox(mut self) -> Self {
        self.0.outbox = Some(Outbox::new());
        self
    }

    /// How often a delivery is tried before its row is left as failed, at least once. Default: 24 times, which takes some sixteen hours.
    pub fn delivery_attempts(mut self, most: u32) -> Self {
        self.0.options.delivery_attempts = most.max(1);
        self
    }

    /// How long a hook may take when [`Delivery::deliver`](crate::Delivery::deliver) calls it. A row is reserved for its worker for twice as
    /// long, at least 10 seconds. Default: 60 seconds, since mail servers may delay an answer on purpose;
    /// [`hook_timeout`](Self::hook_timeout) limits hooks that a request waits for.
    ///
    /// ```
    /// use std::time::Duration;
    /// use usermgr::{Backend, Database, Engine, MemoryStore};
    /// let engine = Engine::builder(MemoryStore::new())
    ///     .backend(Backend::bearer("bearer", Database::new()))
    ///     .outbox()
    ///     .delivery_timeout(Duration::from_secs(30))
    ///     .build();
    /// # let _ = engine;
    /// ```
    pub fn delivery_timeout(mut self, limit: Duration) -> Self {
        self.0.options.delivery_timeout = limit;
        self
    }
}
