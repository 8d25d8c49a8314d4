//! The store itself: its pools, its statements, and how one of these is run.

use std::{fmt, marker::PhantomData, sync::Arc};

use sqlx::{Pool, SqlStr};
use uuid::Uuid;

use super::{dialect::Dialect, error::is_given_up, statements::Statements, value::Value};
use crate::{attempts::Attempts, user::NoProfile};

/// A store in a SQL database. Its names are [`SqliteStore`](crate::SqliteStore), [`PgStore`](crate::PgStore) and
/// [`MysqlStore`](crate::MysqlStore), each with the feature of its database; `SqlStore` itself is for code that works over all of them.
///
/// - `D` is the database, as sqlx names it.
/// - `P` is the profile, kept as one column of JSON.
/// - `I` is the type of ids: [`Uuid`], `i64` or `String`. A database keeps to the one that it was made with.
///
/// A clone is another handle to the same pool.
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
    /// For everything that writes. SQLite has a pool of one connection for that.
    writer: Pool<D>,
    statements: Arc<Statements>,
    types: PhantomData<fn() -> (P, I)>,
}

impl<D: Dialect, P, I> SqlStore<D, P, I> {
    /// Over pools of a database whose tables are there.
    pub(super) fn over(pool: Pool<D>, writer: Pool<D>, statements: Statements) -> Self {
        Self { pool, writer, statements: Arc::new(statements), types: PhantomData }
    }

    /// The pool of the store, for statements of your own. A write over it is a transaction of its own; in SQLite it begins with
    /// `BEGIN IMMEDIATE` where it has more than one statement. What must be written together with an account is written through the
    /// transaction that [`on_before_commit`](crate::UserManager::on_before_commit) is given.
    pub fn pool(&self) -> &Pool<D> {
        &self.pool
    }

    /// Closes the connections, those of a pool that was shared by `with_pool` too. Waits for open transactions.
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

    /// The first row of a selection, outside of a transaction.
    pub(super) async fn first(&self, sql: &SqlStr, values: &[Value<'_>]) -> Result<Option<D::Row>, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        D::fetch_optional(&mut connection, sql, values).await
    }

    /// The rows of a selection, outside of a transaction.
    pub(super) async fn all(&self, sql: &SqlStr, values: &[Value<'_>]) -> Result<Vec<D::Row>, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        D::fetch_all(&mut connection, sql, values).await
    }

    /// Runs a statement that is a transaction by itself and says how many rows it has written. If the database gave it up for the sake of
    /// another, nothing of it was done, and it is run again a moment later.
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
