//! The differences of SQLite, and opening and creating its file.

use std::{
    io::ErrorKind,
    path::{self, Path},
    time::Duration,
};

use sqlx::{
    Sqlite, SqliteConnection,
    query::Query,
    query_scalar,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteQueryResult,
        SqliteSynchronous,
    },
};
use uuid::Uuid;

use super::{
    dialect::{Migration, Own, Words},
    error::{failed, open},
    id::SqlId,
    migrate::patiently,
    options::SqlOptions,
    readers::Readers,
    store::{Pools, SqlStore},
    value::Kind,
};
use crate::{
    StoreError,
    user::{NoProfile, Profile},
};

/// How long a statement waits for the write of another process, and a caller for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// The number of connections for reading. They are opened when needed. Waiting for one costs more than one connection
/// more.
const READERS: u32 = 32;

/// A store in a SQLite database.
///
/// The id type `I` is [`Uuid`], `i64` or `String`. The database has it as a `BLOB` of 16 bytes, `INTEGER` or `TEXT`,
/// and keeps the type with which it was created. The profile is one JSON column.
///
/// [`open`](SqlStore::open) or [`with_pool`](SqlStore::with_pool) creates the tables. Their names begin with
/// `usermgr_`, unless [`SqlOptions`](crate::sql::SqlOptions) set another prefix.
///
/// A store made by `open` writes over one connection and reads over others. A long transaction delays writers, which
/// are served in the order of their arrival, but never readers. The store uses write-ahead logging and waits for the
/// disk at each commit, so a committed change survives a power failure. A write that has waited 5 seconds fails.
///
/// ```no_run
/// use usermgr::SqliteStore;
///
/// # async fn example() -> Result<(), usermgr::StoreError> {
/// let store: SqliteStore = SqliteStore::open("shop.db").await?;
/// # let _ = store;
/// # Ok(())
/// # }
/// ```
pub type SqliteStore<P = NoProfile, I = Uuid> = SqlStore<Sqlite, P, I>;

impl Own for Sqlite {
    const STORE: &'static str = "SqliteStore";
    const BEGIN: &'static str = "BEGIN IMMEDIATE";
    const IS_EMBEDDED: bool = true;
    const WORDS: Words = Words {
        flags: "u.is_active + 2 * u.is_superuser + 4 * u.is_verified",
        json: "",
        as_text: "",
        numbered: "",
        hold_user: "",
        // The transaction has the write lock from its first statement on.
        lock_user: "",
        unless_there: " ON CONFLICT DO NOTHING",
        guard_superusers: None,
        lock_and_count_superusers: "SELECT COUNT(*) FROM usermgr_users WHERE is_superuser AND is_active",
        // Only the failed statement is rolled back.
        ready: None,
        // `AUTOINCREMENT` continues from the largest number that the table ever had.
        after_number: None,
    };
    const MIGRATIONS: &'static [Migration] =
        &[Migration { text: include_str!("migrations/sqlite/0001.sql"), oldest: 1 }];
    const COLUMNS_OF: &'static str = "SELECT name FROM pragma_table_info($1)";

    /// Without `AUTOINCREMENT`, SQLite would use numbers again.
    fn columns(kind: Kind) -> (&'static str, &'static str) {
        match kind {
            Kind::Uuid => ("BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16)", "BLOB   "),
            Kind::Number => ("INTEGER PRIMARY KEY AUTOINCREMENT", "INTEGER"),
            Kind::Text => ("TEXT    NOT NULL PRIMARY KEY", "TEXT   "),
        }
    }

    async fn insert_numbered<'a>(
        connection: &'a mut SqliteConnection,
        insertion: Query<'a, Self, SqliteArguments>,
    ) -> Result<i64, sqlx::Error> {
        Ok(insertion.execute(connection).await?.last_insert_rowid())
    }

    async fn is_the_database(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
        query_scalar("SELECT file = '' FROM pragma_database_list WHERE name = 'main'").fetch_one(connection).await
    }

    /// Detects `SQLITE_BUSY`, which is also the low byte of its extended codes. SQLite does not wait if two connections
    /// would wait for each other, for example if both turn on write-ahead logging.
    fn is_busy(error: &sqlx::Error) -> bool {
        let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
        code.is_some_and(|code| code & 0xff == 5)
    }

    fn rows(result: &SqliteQueryResult) -> u64 {
        result.rows_affected()
    }
}

impl SqlOptions {
    /// Opens a store as [`SqliteStore::open`](SqlStore::open) does, with these options. A missing file is not created
    /// [without migrating](Self::without_migrating).
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), usermgr::StoreError> {
    /// use usermgr::{sql::SqlOptions, SqliteStore};
    ///
    /// let staff: SqliteStore = SqlOptions::new().prefix("staff_").open("shop.db").await?;
    /// # let _ = staff;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The errors of [`SqliteStore::open`](SqlStore::open), and [`StoreError::Backend`] if the prefix is invalid.
    pub async fn open<P: Profile, I: SqlId>(&self, path: impl AsRef<Path>) -> Result<SqliteStore<P, I>, StoreError> {
        let path = path.as_ref();
        if path == Path::new(":memory:") {
            return Err(open(path.display(), "use `SqliteStore::in_memory()` for a database in memory"));
        }
        // The path must be absolute: connections are opened later too, perhaps from another directory, and some
        // relative names have a special meaning in SQLite.
        let absolute = path::absolute(path).map_err(|error| open(path.display(), error))?;
        let created = self.migrates() && create(&absolute).map_err(|reason| open(path.display(), reason))?;
        let options = SqliteConnectOptions::new()
            .filename(absolute)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE);
        let writer = patiently(|| pool_options().max_connections(1).connect_with(options.clone()), Sqlite::is_busy)
            .await
            .map_err(|error| open(path.display(), error))?;
        let lazy = || pool_options().max_connections(READERS).connect_lazy_with(options.clone());
        let (pool, readers) = (lazy(), Readers::keeping(lazy()));
        let store = self.over(Pools { pool, readers, writer, owns: true }).await?;
        if created {
            crate::notice::created("database", path);
        }
        Ok(store)
    }
}

impl<P: Profile, I: SqlId> SqliteStore<P, I> {
    /// Opens the database in a file and creates missing tables. If none is missing, opening only reads. A missing file
    /// is created, readable only by its owner, and one line on standard error says so.
    ///
    /// One connection writes, with a write-ahead log and `synchronous = FULL`, so that a committed change is on the
    /// disk. Up to 32 connections read. Each is opened when all others are busy, and up to 8 stay open.
    /// [`pool`](SqlStore::pool) has up to 32 others for the statements of the application.
    ///
    /// # Errors
    /// [`StoreError::Backend`] in these cases:
    /// - The directory does not exist.
    /// - The file is not a database, or cannot be written.
    /// - The ids in the database are of another type.
    /// - The tables are of a later version of this library, and this version may not use them.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        SqlOptions::new().open(path).await
    }

    /// Opens the database as [`open`](Self::open) does, but creates neither the file nor tables. If something is
    /// missing, it fails, and the error names it.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), usermgr::StoreError> {
    /// use usermgr::SqliteStore;
    ///
    /// let store: SqliteStore = SqliteStore::open_without_migrating("shop.db").await?;
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The errors of [`open`](Self::open), and [`StoreError::Backend`] if migrations are missing.
    pub async fn open_without_migrating(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        SqlOptions::new().without_migrating().open(path).await
    }

    /// Creates the file and the missing tables, and closes the database.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), usermgr::StoreError> {
    /// use usermgr::SqliteStore;
    ///
    /// <SqliteStore>::migrate("shop.db").await
    /// # }
    /// ```
    ///
    /// # Errors
    /// The errors of [`open`](Self::open).
    pub async fn migrate(path: impl AsRef<Path>) -> Result<(), StoreError> {
        Self::open(path).await?.close().await;
        Ok(())
    }

    /// Creates a database in memory, for tests. Readers and writers share one connection. Dropping the last clone of
    /// the store drops the rows.
    ///
    /// # Errors
    /// [`StoreError::Backend`] if there is not enough memory.
    pub async fn in_memory() -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new().filename(":memory:").foreign_keys(true);
        let lasting = pool_options().max_connections(1).idle_timeout(None).max_lifetime(None);
        Self::with_pool(lasting.connect_with(options).await.map_err(failed)?).await
    }
}

/// A connection is a thread of this process, so it needs no test before use.
fn pool_options() -> SqlitePoolOptions {
    SqlitePoolOptions::new().acquire_timeout(PATIENCE).test_before_acquire(false)
}

/// Creates an empty file, which is a valid database, unless the file exists. Returns whether it created the file.
fn create(path: &Path) -> Result<bool, String> {
    match (crate::private_file::options().create_new(true).open(path), path.parent()) {
        (Ok(_), _) => Ok(true),
        (Err(error), _) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        (Err(_), Some(parent)) if !parent.exists() => Err(format!("the directory {} does not exist", parent.display())),
        (Err(error), _) => Err(error.to_string()),
    }
}
