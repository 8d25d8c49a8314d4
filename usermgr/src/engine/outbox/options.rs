//! The options of durable delivery.

use std::time::Duration;

use super::{Outbox, PART};
use crate::{engine::EngineBuilder, store::OutboxStore};

impl<S: OutboxStore> EngineBuilder<S> {
    /// Enables the transactional outbox (feature `outbox`): notifications are written in the transaction of the change, and their hooks are
    /// called by [`Delivery::deliver`](crate::Delivery::deliver), at least once. Default: off; a hook is called once, right after the commit.
    /// The engine then has the part `outbox`, with the routes for notifications that were given up.
    ///
    /// ```
    /// use usermgr::{Backend, Database, Engine, MemoryStore};
    /// let engine = Engine::builder(MemoryStore::new()).backend(Backend::bearer("bearer", Database::new())).outbox().build()?;
    /// # let _ = engine;
    /// # Ok::<(), usermgr::ConfigError>(())
    /// ```
    pub fn outbox(mut self) -> Self {
        self.engine.outbox = Some(Outbox::new());
        self.engine.parts.push(PART);
        self
    }

    /// Sets the number of delivery attempts, at least 1. After the last one the row is kept as failed. Default: 24,
    /// which takes about 16 hours.
    pub fn delivery_attempts(mut self, most: u32) -> Self {
        self.engine.options.delivery_attempts = most.max(1);
        self
    }

    /// Sets the time limit of a hook that [`Delivery::deliver`](crate::Delivery::deliver) calls. A row is reserved for
    /// its worker for twice this time, at least 10 seconds. Default: 60 seconds, because mail servers may delay a
    /// response on purpose. [`hook_timeout`](Self::hook_timeout) limits the hooks that a request waits for.
    ///
    /// ```
    /// use std::time::Duration;
    /// use usermgr::{Backend, Database, Engine, MemoryStore};
    /// let engine = Engine::builder(MemoryStore::new())
    ///     .backend(Backend::bearer("bearer", Database::new()))
    ///     .outbox()
    ///     .delivery_timeout(Duration::from_secs(30))
    ///     .build()?;
    /// # let _ = engine;
    /// # Ok::<(), usermgr::ConfigError>(())
    /// ```
    pub fn delivery_timeout(mut self, limit: Duration) -> Self {
        self.engine.options.delivery_timeout = limit;
        self
    }
}
