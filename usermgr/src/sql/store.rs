//! The SQL store: its pools, its statements, and how they are run.

use std::{fmt, marker::PhantomData, sync::Arc};

use sqlx::{Pool, SqlStr};
use uuid::Uuid;

use super::{dialect::Dialect, error::is_given_up, statements::Statements, value::Value};
use crate::{attempts::Attempts, user::NoProfile};

/// A store in a SQL database. Its aliases are [`SqliteStore`](crate::SqliteStore), [`PgStore`](crate::PgStore) and
/// [`MysqlStore`](crate::MysqlStore), each with the crate feature of its database. Use `SqlStore` itself in code that
/// is generic over databases.
///
/// - `D` is the database, as sqlx names it.
/// - `P` is the profile, stored as one JSON column.
/// - `I` is the type of ids: [`Uuid`], `i64` or `String`. A database keeps the type with which it was created.
///
/// Clones share the same pool.
///
/// ```
/// use usermgr::{sql::{Dialect, SqlId, SqlStore}, Profile};
///
/// /// The same function serves SQLite, PostgreSQL and MariaDB.
/// async fn shut_down<D: Dialect, P: Profile, I: SqlId>(store: SqlStore<D, P, I>) {
///     store.close().await;
/// }
/// ```
pub struct SqlStore<D: Dialect, P = NoProfile, I = Uuid> {
    pool: Pool<D>,
    /// The pool for all writes. For SQLite it has one connection.
    writer: Pool<D>,
    statements: Arc<Statements>,
    types: PhantomData<fn() -> (P, I)>,
}

impl<D: Dialect, P, I> SqlStore<D, P, I> {
    /// Creates a store over pools of a database whose tables exist.
    pub(super) fn over(pool: Pool<D>, writer: Pool<D>, statements: Statements) -> Self {
        Self { pool, writer, statements: Arc::new(statements), types: PhantomData }
    }

    /// Returns the pool of the store, for your own statements. A write over it is a separate transaction. In SQLite, a
    /// transaction of more than one statement must begin with `BEGIN IMMEDIATE`. To write rows together with an
    /// account, use the transaction that [`on_before_commit`](crate::UserManager::on_before_commit) receives.
    pub fn pool(&self) -> &Pool<D> {
        &self.pool
    }

    /// Closes all connections, also those of a pool that was passed to `with_pool`. Waits for open transactions.
    pub async fn close(&self) {
        self.pool.close().await;
        self.writer.close().await;
    }

    pub(super) fn writer(&self) -> &Pool<D> {
        &self.writer
    }

    pub(super) fn statements(&self) -> &Statements {
        &self.statements
    }

    /// Returns the first row of a selection, outside of a transaction.
    pub(super) async fn first(&self, sql: &SqlStr, values: &[Value<'_>]) -> Result<Option<D::Row>, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        D::fetch_optional(&mut connection, sql, values).await
    }

    /// Returns the rows of a selection, outside of a transaction.
    pub(super) async fn all(&self, sql: &SqlStr, values: &[Value<'_>]) -> Result<Vec<D::Row>, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        D::fetch_all(&mut connection, sql, values).await
    }

    /// Runs a statement as a transaction and returns how many rows it has written. If the database aborted it in favor
    /// of another transaction, nothing was written, and it is run again after a short wait.
    pub(super) async fn alone(&self, sql: &SqlStr, values: &[Value<'_>]) -> Result<u64, sqlx::Error> {
        let mut attempts = Attempts::default();
        loop {
            let outcome = {
                let mut connection = self.writer.acquire().await?;
                D::execute(&mut connection, sql, values).await
            };
            match outcome {
                Err(error) if is_given_up(&error) && attempts.another().await => {}
                outcome => return outcome,
            }
        }
    }
}

impl<D: Dialect, P, I> Clone for SqlStore<D, P, I> {
    fn clone(&self) -> Self {
        Self {
            pool: self.pool.clone(),
            writer: self.writer.clone(),
            statements: Arc::clone(&self.statements),
            types: PhantomData,
        }
    }
}

impl<D: Dialect, P, I> fmt::Debug for SqlStore<D, P, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(D::STORE).finish_non_exhaustive()
    }
}
