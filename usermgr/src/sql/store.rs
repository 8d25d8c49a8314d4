//! The SQL store: its pools, its statements, and how they are run.

use std::{fmt, marker::PhantomData, sync::Arc};

use sqlx::{Pool, SqlStr};
use uuid::Uuid;

use super::{
    dialect::Dialect,
    error::is_given_up,
    link::{Link, Patience},
    readers::Readers,
    statements::Statements,
    transaction::SqlTransaction,
    value::Value,
};
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
    /// The pool for the application.
    pool: Pool<D>,
    readers: Arc<Readers<D>>,
    /// The pool for all writes. For SQLite it has one connection.
    writer: Pool<D>,
    statements: Arc<Statements>,
    patience: Patience,
    /// Whether the store has opened the pools by itself.
    owns: bool,
    types: PhantomData<fn() -> (P, I)>,
}

/// The pools of a store.
pub(super) struct Pools<D: Dialect> {
    pub(super) pool: Pool<D>,
    pub(super) readers: Readers<D>,
    pub(super) writer: Pool<D>,
    /// Whether the store has opened them by itself.
    pub(super) owns: bool,
}

impl<D: Dialect> Pools<D> {
    /// One pool for everything.
    pub(super) fn one(pool: Pool<D>, owns: bool) -> Self {
        Self { readers: Readers::over(pool.clone()), writer: pool.clone(), pool, owns }
    }
}

impl<D: Dialect, P, I> SqlStore<D, P, I> {
    /// Creates a store over pools of a database whose tables exist.
    pub(super) fn over(pools: Pools<D>, statements: Statements, patience: Patience) -> Self {
        let Pools { pool, readers, writer, owns } = pools;
        Self {
            pool,
            readers: Arc::new(readers),
            writer,
            statements: Arc::new(statements),
            patience,
            owns,
            types: PhantomData,
        }
    }

    /// Returns the pool of the store, for your own statements. A write over it is a separate transaction. In SQLite, a
    /// transaction of more than one statement must begin with `BEGIN IMMEDIATE`. To write rows together with an
    /// account, use the transaction that [`on_before_commit`](crate::UserManager::on_before_commit) receives.
    pub fn pool(&self) -> &Pool<D> {
        &self.pool
    }

    /// Closes all connections, also those of a pool that was passed to `with_pool`. Waits for open transactions,
    /// however long they take. [`shutdown`](crate::Operations::shutdown) closes a store that has opened its pool by
    /// itself, in a limited time.
    pub async fn close(&self) {
        self.readers.close().await;
        self.pool.close().await;
        self.writer.close().await;
    }

    /// Whether the store has opened its pools by itself.
    pub(super) fn owns(&self) -> bool {
        self.owns
    }

    #[cfg(all(test, feature = "sqlite", feature = "testing"))]
    pub(super) fn writer(&self) -> &Pool<D> {
        &self.writer
    }

    pub(super) fn statements(&self) -> &Statements {
        &self.statements
    }

    /// Returns the first row of a selection, outside of a transaction.
    pub(super) async fn first(&self, sql: &SqlStr, values: &[Value<'_>]) -> Result<Option<D::Row>, sqlx::Error> {
        let mut link = self.readers.take(self.patience).await?;
        let row = link.fetch_optional(sql, values).await?;
        self.readers.keep(link);
        Ok(row)
    }

    /// Returns the first row of a selection from the pool for writes, which has seen all of them.
    pub(super) async fn first_written(
        &self,
        sql: &SqlStr,
        values: &[Value<'_>],
    ) -> Result<Option<D::Row>, sqlx::Error> {
        Link::of(&self.writer, self.patience).await?.fetch_optional(sql, values).await
    }

    /// Returns the rows of a selection, outside of a transaction.
    pub(super) async fn all(&self, sql: &SqlStr, values: &[Value<'_>]) -> Result<Vec<D::Row>, sqlx::Error> {
        let mut link = self.readers.take(self.patience).await?;
        let rows = link.fetch_all(sql, values).await?;
        self.readers.keep(link);
        Ok(rows)
    }

    /// Opens a transaction for writing.
    pub(super) async fn transaction(&self) -> Result<SqlTransaction<D>, sqlx::Error> {
        SqlTransaction::begin(Link::of(&self.writer, self.patience).await?).await
    }

    /// Runs a statement as a transaction and returns how many rows it has written. If the database aborted it in favor
    /// of another transaction, nothing was written, and it is run again after a short wait.
    pub(super) async fn alone(&self, sql: &SqlStr, values: &[Value<'_>]) -> Result<u64, sqlx::Error> {
        let mut attempts = Attempts::default();
        loop {
            let outcome = Link::of(&self.writer, self.patience).await?.execute(sql, values).await;
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
            readers: Arc::clone(&self.readers),
            writer: self.writer.clone(),
            statements: Arc::clone(&self.statements),
            patience: self.patience,
            owns: self.owns,
            types: PhantomData,
        }
    }
}

impl<D: Dialect, P, I> fmt::Debug for SqlStore<D, P, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(D::STORE).finish_non_exhaustive()
    }
}
