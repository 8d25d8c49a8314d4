//! What SQLite does in its own way, and opening and making its file.

use std::{
    fs::OpenOptions,
    io::ErrorKind,
    path::{self, Path},
    time::Duration,
};

use sqlx::{
    Connection as _, Sqlite, SqliteConnection,
    query::Query,
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
    store::SqlStore,
    value::Kind,
};
use crate::{
    StoreError,
    user::{NoProfile, Profile},
};

/// How long a statement waits for another process's write, and a caller for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many connections read at once. They are opened as they are needed; waiting for one costs more than one more of them.
const READERS: u32 = 32;

/// A store in a SQLite database.
///
/// The id type `I` is [`Uuid`], `i64` or `String`, in the database `BLOB` of 16 bytes, `INTEGER` or `TEXT`; a database keeps to the one it was
/// made with. The profile is one column of JSON. All tables are prefixed `usermgr_`, unless [`SqlOptions`] say otherwise, and made by
/// [`open`](SqlStore::open) or [`with_pool`](SqlStore::with_pool).
///
/// A store that is opened writes over one connection and reads over others, so that a long transaction delays writers, in the order
/// in which they came, and readers never. It uses write-ahead logging and waits for the disk at each commit: what was acknowledged
/// survives a power cut. A write that has waited for 5 seconds fails.
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
    const WORDS: Words = Words {
        flags: "u.is_active + 2 * u.is_superuser + 4 * u.is_verified",
        json: "",
        as_text: "",
        numbered: "",
        hold_user: "",
        // The transaction has the write lock from its first statement on.
        lock_user: "",
        unless_there: " ON CONFLICT DO NOTHING",
        lock_and_count_superusers: "SELECT COUNT(*) FROM usermgr_users WHERE is_superuser AND is_active",
        // A statement that failed is undone alone.
        ready: None,
        // `AUTOINCREMENT` counts from the largest number that ever stood there.
        after_number: None,
    };
    const MIGRATIONS: &'static [Migration] =
        &[Migration { text: include_str!("migrations/sqlite/0001.sql"), oldest: 1 }];
    const COLUMNS_OF: &'static str = "SELECT name FROM pragma_table_info($1)";

    /// Without `AUTOINCREMENT` SQLite would use numbers again.
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

    /// `SQLITE_BUSY`, which is the low byte of its extended codes too. SQLite itself does not wait where two might wait for each other, as
    /// when both turn write-ahead logging on.
    fn is_busy(error: &sqlx::Error) -> bool {
        let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
        code.is_some_and(|code| code & 0xff == 5)
    }

    fn rows(result: &SqliteQueryResult) -> u64 {
        result.rows_affected()
    }
}

impl SqlOptions {
    /// As [`SqliteStore::open`](SqlStore::open), with these options. A file that is missing is not made
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
    /// As [`SqliteStore::open`](SqlStore::open), and [`StoreError::Backend`] for a prefix that is none.
    pub async fn open<P: Profile, I: SqlId>(&self, path: impl AsRef<Path>) -> Result<SqliteStore<P, I>, StoreError> {
        let path = path.as_ref();
        if path == Path::new(":memory:") {
            return Err(open(path.display(), "use `SqliteStore::in_memory()` for a database in memory"));
        }
        // Absolute, since connections are opened later too, perhaps from another directory, and SQLite reads meaning into some
        // relative names.
        let absolute = path::absolute(path).map_err(|error| open(path.display(), error))?;
        let created = self.migrates() && create(&absolute).map_err(|reason| open(path.display(), reason))?;
        let options = SqliteConnectOptions::new()
            .filename(absolute)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE);
        let writer = patiently(|| file_options().max_connections(1).connect_with(options.clone()), Sqlite::is_busy)
            .await
            .map_err(|error| open(path.display(), error))?;
        let store = self.over(file_options().max_connections(READERS).connect_lazy_with(options), writer).await?;
        if created {
            crate::notice::created("database", path);
        }
        Ok(store)
    }
}

impl<P: Profile, I: SqlId> SqliteStore<P, I> {
    /// Opens the database in a file and makes what is missing of its tables; if nothing is missing the file is only read. A missing file is
    /// made, readable by its owner alone, which is said once on standard error. One connection writes, with a write-ahead log and
    /// `synchronous = FULL`, so that what is acknowledged is on the disk; up to 32 read, each opened when all others are busy.
    ///
    /// # Errors
    /// [`StoreError::Backend`] when the directory is missing, the file is no database or cannot be written, its ids are of another
    /// type, or its tables are of a later version of this library that this one may not serve.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        SqlOptions::new().open(path).await
    }

    /// As [`open`](Self::open), but makes neither the file nor a table: what is missing is an error that names it.
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
    /// As [`open`](Self::open), and [`StoreError::Backend`] when migrations are missing.
    pub async fn open_without_migrating(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        SqlOptions::new().without_migrating().open(path).await
    }

    /// Makes the file and what is missing of its tables, and closes it again.
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
    /// As [`open`](Self::open).
    pub async fn migrate(path: impl AsRef<Path>) -> Result<(), StoreError> {
        Self::open(path).await?.close().await;
        Ok(())
    }

    /// Makes a database in memory, for tests: one connection, which readers and writers share, and which takes the rows with it
    /// when the last clone of the store is dropped.
    ///
    /// # Errors
    /// [`StoreError::Backend`] when memory does not suffice.
    pub async fn in_memory() -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new().filename(":memory:").foreign_keys(true);
        let lasting = pool_options().max_connections(1).idle_timeout(None).max_lifetime(None);
        Self::with_pool(lasting.connect_with(options).await.map_err(failed)?).await
    }
}

/// A connection is a thread of this process: there is nothing to test before it is used.
fn pool_options() -> SqlitePoolOptions {
    SqlitePoolOptions::new().acquire_timeout(PATIENCE).test_before_acquire(false)
}

/// A connection whose transaction SQLite has ended by itself, as it does when the disk is full, believes for good that it is in one, and
/// cannot begin another. It is closed, and a new one takes its place; but not in memory, where the connection is the database.
fn file_options() -> SqlitePoolOptions {
    pool_options().before_acquire(|connection, _| {
        let usable = !connection.is_in_transaction();
        Box::pin(async move { Ok(usable) })
    })
}

/// Makes an empty file, which is a valid database, unless there is one.
fn create(path: &Path) -> Result<bool, String> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match (options.open(path), path.parent()) {
        (Ok(_), _) => Ok(true),
        (Err(error), _) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        (Err(_), Some(parent)) if !parent.exists() => Err(format!("the directory {} does not exist", parent.display())),
        (Err(error), _) => Err(error.to_string()),
    }
}
