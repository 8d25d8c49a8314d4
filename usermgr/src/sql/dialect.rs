//! The differences between databases, and the execution of statements. Everything else of a SQL store is written once,
//! over [`Dialect`].

use std::future::Future;

use sqlx::{
    ColumnIndex, Database, Decode, Encode, Executor, IntoArguments, Pool, Row, SqlStr, Type, query::Query, types::Uuid,
};

use super::value::{Kind, Value};
use crate::StoreError;

/// A database in which a [`SqlStore`](crate::sql::SqlStore) keeps accounts: sqlx's `Sqlite`, `Postgres` or `MySql`,
/// each with the crate feature of its name. The trait is sealed.
///
/// ```
/// use usermgr::sql::{Dialect, SqlStore};
///
/// /// Works over a store in any database.
/// fn idle_connections<D: Dialect>(store: &SqlStore<D>) -> usize {
///     store.pool().num_idle()
/// }
/// ```
pub trait Dialect: Driver {}

impl<D: Driver> Dialect for D {}

/// One migration of the tables. Its number is its position in the database's list, from 1 on, and is the same for all
/// databases. A published migration must not change, because databases contain its checksum. A migration adds tables
/// and columns and does not remove any.
pub struct Migration {
    /// The text has gaps: `{id}` for the declaration of a user's id, `{user_id}` for the type of columns that refer to
    /// it, and `{kind}`.
    pub(super) text: &'static str,
    /// The number of the last migration of the oldest version of the library that may still use the tables after this
    /// migration.
    pub(super) oldest: i64,
}

/// The database's own words, for the gaps of the [statements](super::statements).
pub struct Words {
    /// The three flags of an account as one number: 1 for active, 2 for superuser and 4 for verified. One column is
    /// cheaper to copy at each request than three.
    pub(super) flags: &'static str,
    /// Follows a profile that is bound as text.
    pub(super) json: &'static str,
    /// Follows a profile that is read as text.
    pub(super) as_text: &'static str,
    /// Follows an insertion, to return the number that the database generated.
    pub(super) numbered: &'static str,
    /// Follows a selection. Locks the row of a user while a row that refers to it is written, if the foreign key would
    /// lock it too late.
    pub(super) hold_user: &'static str,
    /// Follows a selection of users. Locks their rows.
    pub(super) lock_user: &'static str,
    /// Follows an insertion, if an existing row must not abort the transaction.
    pub(super) unless_there: &'static str,
    /// Writes a row that every count of superusers writes, so that two changes collide where several servers write.
    pub(super) guard_superusers: Option<&'static str>,
    /// Counts the active superusers and locks their rows.
    pub(super) lock_and_count_superusers: &'static str,
    /// Fails if the database has aborted the transaction and the commit would not report it.
    pub(super) ready: Option<&'static str>,
    /// Runs after an account was written with an id that the database did not generate, so that the database does not
    /// generate it later.
    pub(super) after_number: Option<&'static str>,
}

/// The private part of a database. It is a public trait in a private module, so other crates can neither name nor
/// implement it.
pub trait Own: Database {
    /// The name of the store's type, for messages.
    const STORE: &'static str;
    /// Opens a transaction for writing.
    const BEGIN: &'static str;
    const WORDS: Words;
    const MIGRATIONS: &'static [Migration];
    /// Selects the names of the columns of a table. No rows if there is no such table.
    const COLUMNS_OF: &'static str;
    /// Whether the lock of the migrations belongs to the connection and not to the transaction.
    const LOCK_IS_THE_SESSIONS: bool = false;
    /// Whether sqlx recognizes the answer to a statement whose caller has gone away, and skips it. If it does not, it may
    /// take that answer for the answer to the next statement.
    const SKIPS_ANSWERS: bool = true;
    /// Whether the database runs in this process.
    const IS_EMBEDDED: bool = false;

    /// Returns the declaration of a user's id, and the type of columns that refer to it.
    fn columns(kind: Kind) -> (&'static str, &'static str);

    /// Replaces the marks `$1`, `$2` and so on by those of this database.
    fn marked(text: &str) -> String {
        text.to_owned()
    }

    /// Runs the insertion of an account without an id and returns the number that the database generated.
    fn insert_numbered<'a>(
        connection: &'a mut Self::Connection,
        insertion: Query<'a, Self, Self::Arguments>,
    ) -> impl Future<Output = Result<i64, sqlx::Error>> + Send + 'a;

    /// Checks whether the database, and what is between it and a pool, can be used.
    fn check(pool: &Pool<Self>) -> impl Future<Output = Result<(), StoreError>> + Send + '_ {
        let _ = pool;
        async { Ok(()) }
    }

    /// Locks migrations against other processes, in a transaction that has just begun.
    fn lock_migrations(connection: &mut Self::Connection) -> impl Future<Output = Result<(), StoreError>> + Send + '_ {
        let _ = connection;
        async { Ok(()) }
    }

    /// Returns whether the connection is the database itself, so that closing it would delete everything.
    fn is_the_database(
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<bool, sqlx::Error>> + Send + '_ {
        let _ = connection;
        async { Ok(false) }
    }

    /// Returns whether another process uses the database and the database does not wait for it by itself.
    fn is_busy(error: &sqlx::Error) -> bool {
        let _ = error;
        false
    }

    /// Returns how many rows a statement has written.
    fn rows(result: &Self::QueryResult) -> u64;
}

/// Runs statements and reads columns. It hides the higher-ranked bounds of sqlx's generic interface.
pub trait Driver: Own {
    /// Binds the values to the statement.
    fn bound<'q>(sql: &SqlStr, values: &[Value<'q>]) -> Query<'q, Self, Self::Arguments>;

    /// Runs a statement and returns how many rows it has written.
    fn execute<'a>(
        connection: &'a mut Self::Connection,
        sql: &'a SqlStr,
        values: &'a [Value<'a>],
    ) -> impl Future<Output = Result<u64, sqlx::Error>> + Send + 'a;

    /// Runs a selection and returns its first row.
    fn fetch_optional<'a>(
        connection: &'a mut Self::Connection,
        sql: &'a SqlStr,
        values: &'a [Value<'a>],
    ) -> impl Future<Output = Result<Option<Self::Row>, sqlx::Error>> + Send + 'a;

    /// Runs a selection and returns all rows.
    fn fetch_all<'a>(
        connection: &'a mut Self::Connection,
        sql: &'a SqlStr,
        values: &'a [Value<'a>],
    ) -> impl Future<Output = Result<Vec<Self::Row>, sqlx::Error>> + Send + 'a;

    /// Runs statements without values.
    fn run(
        connection: &mut Self::Connection,
        script: SqlStr,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send + '_;

    fn text(row: &Self::Row, at: usize) -> Result<Option<&str>, sqlx::Error>;
    fn number(row: &Self::Row, at: usize) -> Result<Option<i64>, sqlx::Error>;
    fn bytes(row: &Self::Row, at: usize) -> Result<Option<&[u8]>, sqlx::Error>;
    fn uuid(row: &Self::Row, at: usize) -> Result<Option<Uuid>, sqlx::Error>;
}

impl<D> Driver for D
where
    D: Own,
    D::Arguments: IntoArguments<D>,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    usize: ColumnIndex<D::Row>,
    for<'v> &'v str: Encode<'v, D> + Decode<'v, D> + Type<D>,
    for<'v> &'v [u8]: Encode<'v, D> + Decode<'v, D> + Type<D>,
    for<'v> Option<&'v str>: Encode<'v, D>,
    for<'v> i64: Encode<'v, D> + Decode<'v, D> + Type<D>,
    for<'v> Option<i64>: Encode<'v, D>,
    for<'v> bool: Encode<'v, D> + Type<D>,
    for<'v> Uuid: Encode<'v, D> + Decode<'v, D> + Type<D>,
{
    fn bound<'q>(sql: &SqlStr, values: &[Value<'q>]) -> Query<'q, D, D::Arguments> {
        values.iter().fold(sqlx::query(sql.clone()), |query, value| match *value {
            Value::Text(text) => query.bind(text),
            Value::Number(number) => query.bind(number),
            Value::Flag(flag) => query.bind(flag),
            Value::Bytes(bytes) => query.bind(bytes),
            Value::Uuid(uuid) => query.bind(uuid),
        })
    }

    async fn execute<'a>(
        connection: &'a mut D::Connection,
        sql: &'a SqlStr,
        values: &'a [Value<'a>],
    ) -> Result<u64, sqlx::Error> {
        Ok(D::rows(&Self::bound(sql, values).execute(connection).await?))
    }

    async fn fetch_optional<'a>(
        connection: &'a mut D::Connection,
        sql: &'a SqlStr,
        values: &'a [Value<'a>],
    ) -> Result<Option<D::Row>, sqlx::Error> {
        Self::bound(sql, values).fetch_optional(connection).await
    }

    async fn fetch_all<'a>(
        connection: &'a mut D::Connection,
        sql: &'a SqlStr,
        values: &'a [Value<'a>],
    ) -> Result<Vec<D::Row>, sqlx::Error> {
        Self::bound(sql, values).fetch_all(connection).await
    }

    async fn run(connection: &mut D::Connection, script: SqlStr) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(script).execute(connection).await.map(drop)
    }

    fn text(row: &D::Row, at: usize) -> Result<Option<&str>, sqlx::Error> {
        row.try_get(at)
    }

    fn number(row: &D::Row, at: usize) -> Result<Option<i64>, sqlx::Error> {
        row.try_get(at)
    }

    fn bytes(row: &D::Row, at: usize) -> Result<Option<&[u8]>, sqlx::Error> {
        row.try_get(at)
    }

    fn uuid(row: &D::Row, at: usize) -> Result<Option<Uuid>, sqlx::Error> {
        row.try_get(at)
    }
}
