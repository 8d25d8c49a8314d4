//! The connections with which a store reads. A pool asks every connection that comes back whether it still works, which
//! costs SQLite as much as the statement before. So a store over a file of its own keeps some for its next statements.

use std::sync::{Mutex, MutexGuard, PoisonError};

use sqlx::Pool;

use super::{
    dialect::Dialect,
    link::{Link, Patience},
};

/// How many connections are kept. The others go back to the pool, which closes them when nothing needs them.
const MOST: usize = 8;

pub(super) struct Readers<D: Dialect> {
    pool: Pool<D>,
    /// Those that wait for a statement. `None` if none are kept, or no longer.
    waiting: Mutex<Option<Vec<Link<D>>>>,
}

impl<D: Dialect> Readers<D> {
    /// Reads over the pool of an application, which may need every connection of it.
    pub(super) fn over(pool: Pool<D>) -> Self {
        Self { pool, waiting: Mutex::new(None) }
    }

    /// Reads over a pool that nothing else uses, and keeps connections.
    #[cfg(feature = "sqlite")]
    pub(super) fn keeping(pool: Pool<D>) -> Self {
        Self { pool, waiting: Mutex::new(Some(Vec::new())) }
    }

    /// Takes a connection.
    pub(super) async fn take(&self, patience: Patience) -> Result<Link<D>, sqlx::Error> {
        let waiting = self.waiting().as_mut().and_then(Vec::pop);
        match waiting {
            Some(link) => Ok(link),
            None => Link::of(&self.pool, patience).await,
        }
    }

    /// Keeps a connection whose statement was answered.
    pub(super) fn keep(&self, link: Link<D>) {
        if let Some(waiting) = self.waiting().as_mut().filter(|waiting| waiting.len() < MOST) {
            waiting.push(link);
        }
    }

    /// Closes the connections, and keeps none from now on.
    pub(super) async fn close(&self) {
        let waiting = self.waiting().take();
        drop(waiting);
        self.pool.close().await;
    }

    fn waiting(&self) -> MutexGuard<'_, Option<Vec<Link<D>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
