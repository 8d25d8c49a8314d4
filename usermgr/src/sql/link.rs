//! A connection of a pool, as every statement uses it. Each wait for an answer ends after a time, and a connection that
//! cannot be used any further is closed instead of going back to the pool.

use std::{io, pin::pin, time::Duration};

use sqlx::{Pool, SqlStr, pool::PoolConnection};
use sqlx_core::transaction::TransactionManager as _;
use tokio::{runtime::Handle, time::timeout};

use super::{dialect::Dialect, outage::is_spent, value::Value};

/// How long a store waits for its database.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For the answer to a statement, and for a connection.
    pub(super) limit: Duration,
    /// Whether the connection is the database, as in memory. It is then kept, whatever has happened.
    pub(super) keeps: bool,
}

/// A connection until it goes back to its pool.
pub(super) struct Link<D: Dialect> {
    connection: PoolConnection<D>,
    patience: Patience,
    /// A statement is running. If the link is dropped meanwhile, the answer is unread.
    is_waiting: bool,
    /// The unread answer may have opened a transaction.
    is_beginning: bool,
    /// The application may have used the connection.
    is_lent: bool,
    /// The connection is of no use.
    is_spent: bool,
}

impl<D: Dialect> Link<D> {
    /// Takes a connection that is not inside a transaction. If it were, its next statement would be part of that
    /// transaction, and SQLite could not begin another one.
    pub(super) async fn of(pool: &Pool<D>, patience: Patience) -> Result<Self, sqlx::Error> {
        // Pinned once: the future is large, and would be copied at each move.
        let free = pin!(async {
            loop {
                let mut connection = pool.acquire().await?;
                if patience.keeps || !sqlx::Connection::is_in_transaction(&*connection) {
                    return Ok(connection);
                }
                connection.close_on_drop();
            }
        });
        // A pool of the library has a shorter limit by itself, and needs no second timer.
        let connection = match pool.options().get_acquire_timeout() > patience.limit {
            true => timeout(patience.limit, free).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))?,
            false => free.await?,
        };
        Ok(Self { connection, patience, is_waiting: false, is_beginning: false, is_lent: false, is_spent: false })
    }

    /// Runs a statement and returns how many rows it has written.
    pub(super) async fn execute(&mut self, sql: &SqlStr, values: &[Value<'_>]) -> Result<u64, sqlx::Error> {
        self.is_waiting = true;
        let answer = timeout(self.patience.limit, pin!(D::execute(&mut self.connection, sql, values))).await;
        self.answered(answer)
    }

    /// Runs a selection and returns its first row.
    pub(super) async fn fetch_optional(
        &mut self,
        sql: &SqlStr,
        values: &[Value<'_>],
    ) -> Result<Option<D::Row>, sqlx::Error> {
        self.is_waiting = true;
        let answer = timeout(self.patience.limit, pin!(D::fetch_optional(&mut self.connection, sql, values))).await;
        self.answered(answer)
    }

    /// Runs a selection and returns all rows.
    pub(super) async fn fetch_all(&mut self, sql: &SqlStr, values: &[Value<'_>]) -> Result<Vec<D::Row>, sqlx::Error> {
        self.is_waiting = true;
        let answer = timeout(self.patience.limit, pin!(D::fetch_all(&mut self.connection, sql, values))).await;
        self.answered(answer)
    }

    /// Runs the insertion of an account without an id and returns the number that the database generated.
    pub(super) async fn insert_numbered(&mut self, sql: &SqlStr, values: &[Value<'_>]) -> Result<i64, sqlx::Error> {
        self.is_waiting = true;
        let insertion = D::insert_numbered(&mut self.connection, D::bound(sql, values));
        let answer = timeout(self.patience.limit, insertion).await;
        self.answered(answer)
    }

    /// Opens a transaction.
    pub(super) async fn begin(&mut self) -> Result<(), sqlx::Error> {
        (self.is_waiting, self.is_beginning) = (true, true);
        let begin = D::TransactionManager::begin(&mut self.connection, Some(SqlStr::from_static(D::BEGIN)));
        let answer = timeout(self.patience.limit, begin).await;
        let begun = self.answered(answer);
        self.is_beginning = false;
        begun
    }

    /// Commits the open transaction.
    pub(super) async fn commit(&mut self) -> Result<(), sqlx::Error> {
        self.is_waiting = true;
        let answer = timeout(self.patience.limit, D::TransactionManager::commit(&mut self.connection)).await;
        self.answered(answer)
    }

    /// Rolls the open transaction back when the connection goes back to the pool.
    pub(super) fn roll_back(&mut self) {
        // The answers of this protocol are read by position, so those of the application must all have been read.
        self.is_spent = self.is_spent || (self.is_lent && !D::SKIPS_ANSWERS);
        if !self.is_spent || self.patience.keeps {
            D::TransactionManager::start_rollback(&mut self.connection);
        }
    }

    /// Returns the connection itself, for migrations, which take as long as they need.
    pub(super) fn connection(&mut self) -> &mut PoolConnection<D> {
        &mut self.connection
    }

    /// Returns the connection for reading its properties.
    pub(super) fn shown(&self) -> &D::Connection {
        &self.connection
    }

    /// Returns the connection for statements of the application.
    pub(super) fn lent(&mut self) -> &mut D::Connection {
        self.is_lent = true;
        &mut self.connection
    }

    /// Closes the connection when the link is dropped.
    pub(super) fn spend(&mut self) {
        self.is_spent = true;
    }

    fn answered<T>(
        &mut self,
        answer: Result<Result<T, sqlx::Error>, tokio::time::error::Elapsed>,
    ) -> Result<T, sqlx::Error> {
        self.is_waiting = false;
        let outcome = answer.unwrap_or_else(|_| {
            self.is_spent = true;
            Err(no_answer(self.patience.limit))
        });
        self.is_spent = self.is_spent || outcome.as_ref().is_err_and(is_spent);
        outcome
    }
}

/// The connection goes back to its pool, or is closed.
impl<D: Dialect> Drop for Link<D> {
    fn drop(&mut self) {
        let Ok(runtime) = Handle::try_current() else {
            // A store may outlive the runtime. What its pool would do then panics, so the connection is closed.
            return drop(self.connection.return_to_pool());
        };
        if self.patience.keeps {
            return;
        }
        let is_cut = self.is_waiting && (self.is_beginning || !D::SKIPS_ANSWERS);
        if self.is_spent || is_cut {
            self.connection.close_on_drop();
            return;
        }
        // By itself sqlx tests a connection that goes back, and waits for the answer without a limit. A database in the
        // process does not stay silent.
        if !D::IS_EMBEDDED {
            let (returned, limit) = (self.connection.return_to_pool(), self.patience.limit);
            runtime.spawn(async move { drop(timeout(limit, returned).await) });
        }
    }
}

/// The error for a database that stays silent.
pub(super) fn no_answer(limit: Duration) -> sqlx::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("the database did not answer within {limit:?}")).into()
}
