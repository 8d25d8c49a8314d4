//! What one database does in its own way, and how a statement is run and its columns are read. Everything else of a SQL store is written once,
//! over [`Dialect`].

use std::future::Future;

use sqlx::{
    ColumnIndex, Database, Decode, Encode, Executor, IntoArguments, Row, SqlStr, Type, query::Query, types::Uuid,
};

use super::value::{Kind, Value};
use crate::StoreError;

/// A database that [`SqlStore`](crate::sql::SqlStore) keeps accounts in: sqlx's `Sqlite`, `Postgres` or `MySql`, each with the feature of its name.
/// The trait is sealed.
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

/// One step of the tables. Its number is its place in the list of the database, from 1 on, and the same in every database. What has been
/// published is not changed any more: it stands in databases with its checksum. A migration adds tables and columns and takes none away.
pub struct Migration {
    /// Has gaps: `{id}`, how the id of a user is declared, `{user_id}`, the type of columns that refer to it, and `{kind}`.
    pub(super) text: &'static str,
    /// The number of the last migration that the oldest version knows which may serve over the tables as this one leaves them.
    pub(super) oldest: i64,
}

/// What a database says in its own words, for the gaps of the [statements](super::statements).
pub struct Words {
    /// The three flags of an account as one number: 1 for active, 2 for superuser and 4 for verified. A column less is one less to be
    /// copied at each request.
    pub(super) flags: &'static str,
    /// Behind a profile that is bound as text.
    pub(super) json: &'static str,
    /// Behind a profile that is read as text.
    pub(super) as_text: &'static str,
    /// Behind an insertion, to learn the number that the database gave.
    pub(super) numbered: &'static str,
    /// Behind a selection, to keep the row of a user while a row that refers to it is written, where the foreign key would do so too late.
    pub(super) hold_user: &'static str,
    /// Behind a selection of users, to keep their rows as they are.
    pub(super) lock_user: &'static str,
    /// Behind an insertion, where a row that is there already must not end the transaction.
    pub(super) unless_there: &'static str,
    /// Counts the active superusers and locks their rows.
    pub(super) lock_and_count_superusers: &'static str,
    /// Fails where the database would keep nothing of a transaction, and its commit would not say so.
    pub(super) ready: Option<&'static str>,
    /// Runs after an account was written under a number which the database did not make, so that it makes none that is taken.
    pub(super) after_number: Option<&'static str>,
}

/// The part of a database's own. Public in a private module: it can be neither named nor implemented elsewhere.
pub trait Own: Database {
    /// The name of the store's type, as messages write it.
    const STORE: &'static str;
    /// Opens a transaction for writing.
    const BEGIN: &'static str;
    const WORDS: Words;
    const MIGRATIONS: &'static [Migration];
    /// Selects the names of the columns of a table, of none when there is no such table.
    const COLUMNS_OF: &'static str;
    /// Whether the lock of the migrations is given back when the connection is closed, and not at the end of the transaction.
    const LOCK_IS_THE_SESSIONS: bool = false;

    /// How the id of a user is declared, and the type of columns that refer to it.
    fn columns(kind: Kind) -> (&'static str, &'static str);

    /// A statement whose values are marked `$1`, `$2` and so on, as this database marks them.
    fn marked(text: &str) -> String {
        text.to_owned()
    }

    /// Runs the insertion of an account without an id and says the number that the database gave it.
    fn insert_numbered<'a>(
        connection: &'a mut Self::Connection,
        insertion: Query<'a, Self, Self::Arguments>,
    ) -> impl Future<Output = Result<i64, sqlx::Error>> + Send + 'a;

    /// Whether the database cannot be used as it is set up.
    fn check(connection: &mut Self::Connection) -> impl Future<Output = Result<(), StoreError>> + Send + '_ {
        let _ = connection;
        async { Ok(()) }
    }

    /// Keeps others from migrating, in a transaction that was just begun.
    fn lock_migrations(connection: &mut Self::Connection) -> impl Future<Output = Result<(), StoreError>> + Send + '_ {
        let _ = connection;
        async { Ok(()) }
    }

    /// Whether others have the database, and it does not wait for them by itself.
    fn is_busy(error: &sqlx::Error) -> bool {
        let _ = error;
        false
    }

    /// How many rows a statement has written.
    fn rows(result: &Self::QueryResult) -> u64;
}

/// Runs statements and reads columns. What sqlx says of its databases by bounds for every lifetime is said here once.
pub trait Driver: Own {
    /// The statement with its values.
    fn bound<'q>(sql: &SqlStr, values: &[Value<'q>]) -> Query<'q, Self, Self::Arguments>;

    /// Runs a statement and says how many rows it has written.
    fn execute<'a>(
        connection: &'a mut Self::Connection,
        sql: &'a SqlStr,
        values: &'a [Value<'a>],
    ) -> impl Future<Output = Result<u64, sqlx::Error>> + Send + 'a;

    /// Runs a selection and takes its first row.
    fn fetch_optional<'a>(
        connection: &'a mut Self::Connection,
        sql: &'a SqlStr,
        values: &'a [Value<'a>],
    ) -> impl Future<Output = Result<Option<Self::Row>, sqlx::Error>> + Send + 'a;

    /// Runs a selection.
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
