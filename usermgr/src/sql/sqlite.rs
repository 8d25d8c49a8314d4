//! The store in a SQLite file: opening and making it, its settings, its statements.

use std::{
    fmt,
    fs::OpenOptions,
    io::ErrorKind,
    marker::PhantomData,
    path::{self, Path},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use sqlx::{
    Connection as _, Pool, Row as _, Sqlite, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use uuid::{Uuid, fmt::Hyphenated};

use super::{
    body::sql_store,
    counters::sql_counters,
    error::{SqlError, failed, is_given_up, open, orphaned, refused, sought},
    id::{Kind, SqlId, Value},
    import::sql_import,
    migrate::Migrations,
    row::{Account, StoredAccount, StoredSession},
    text::statements,
};
use crate::{
    CounterKey, Directory, Hit, Limit, ListQuery, Listed, Lookup, Rotation, Session, SessionDigest, SessionFilter,
    SessionId, SessionLookup, SessionStore, StoreError, UserStore,
    attempts::Attempts,
    limit::{self, Counter, SharedCounters},
    user::{NewRecord, NoProfile, Profile, Record, Stamp, StoredProfile},
};

/// How long a statement waits for another process's write, and a caller for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a file may be in others' hands while it is opened: one that is new is made by the first who comes.
const PATIENCE_AT_OPENING: Duration = Duration::from_secs(30);

/// Changed only by adding: what has been published stands in databases with its checksum.
const MIGRATIONS: Migrations = Migrations {
    texts: &[
        include_str!("migrations/sqlite/0001.sql"),
        include_str!("migrations/sqlite/0002.sql"),
        include_str!("migrations/sqlite/0003.sql"),
        include_str!("migrations/sqlite/0004.sql"),
        include_str!("migrations/sqlite/0005.sql"),
    ],
    columns,
};

/// A store in a SQLite database.
///
/// The id type `I` is [`Uuid`], `i64` or `String`; a database keeps to the one it was made with. The profile is one column of JSON.
/// All tables are prefixed `usermgr_` and made by [`open`](Self::open) or [`with_pool`](Self::with_pool).
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
pub struct SqliteStore<P = NoProfile, I = Uuid> {
    pub(super) pool: Pool<Sqlite>,
    pub(super) writer: Pool<Sqlite>,
    types: PhantomData<fn() -> (P, I)>,
}

impl<P: Profile, I: SqlId> SqliteStore<P, I> {
    /// Opens the database in a file and brings its tables up to date. A missing file is made, readable by its owner alone, which
    /// is told once on standard error. One connection writes, with a write-ahead log and `synchronous = FULL`, so that what is
    /// acknowledged is on the disk; up to 32 read, each opened when all others are busy.
    ///
    /// # Errors
    /// [`StoreError::Backend`] when the directory is missing, the file is no database or cannot be written, its ids are of another
    /// type, or its tables are of a later version of this library.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        if path == Path::new(":memory:") {
            return Err(open(path.display(), "`SqliteStore::in_memory()` makes a database in memory"));
        }
        // Absolute, since connections are opened later too, perhaps from another directory, and SQLite reads meaning into some
        // relative names.
        let absolute = path::absolute(path).map_err(|error| open(path.display(), error))?;
        let created = create(&absolute).map_err(|reason| open(path.display(), reason))?;
        let options = SqliteConnectOptions::new()
            .filename(absolute)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE);
        let writer = when_free(|| file_options().max_connections(1).connect_with(options.clone()))
            .await
            .map_err(|error| open(path.display(), error))?;
        let store = Self::migrated(file_options().max_connections(READERS).connect_lazy_with(options), writer).await?;
        if created {
            crate::notice::created("database", path);
        }
        Ok(store)
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

    /// Keeps accounts in the application's own database, beside its tables, and makes or updates ours. The settings of the pool are
    /// the application's business; foreign keys and write-ahead logging should be on.
    ///
    /// ```no_run
    /// use sqlx::SqlitePool;
    /// use usermgr::SqliteStore;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = SqlitePool::connect("sqlite://shop.db").await?;
    /// let store: SqliteStore = SqliteStore::with_pool(pool.clone()).await?;
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn with_pool(pool: Pool<Sqlite>) -> Result<Self, StoreError> {
        Self::migrated(pool.clone(), pool).await
    }

    async fn migrated(pool: Pool<Sqlite>, writer: Pool<Sqlite>) -> Result<Self, StoreError> {
        // In a transaction of ours, so that two processes that start together do not both make the tables.
        let mut tx = when_free(|| writer.begin_with("BEGIN IMMEDIATE")).await.map_err(failed)?;
        MIGRATIONS.run(&mut *tx, I::KIND).await?;
        tx.commit().await.map_err(failed)?;
        Ok(Self { pool, writer, types: PhantomData })
    }
}

impl<P, I> SqliteStore<P, I> {
    /// The pool that the store reads from, for the application's own statements: a write over it is a transaction of its own, which
    /// begins with `BEGIN IMMEDIATE` where it has more than one statement. What must be written together with an account is written
    /// through the transaction that [`on_before_commit`](crate::UserManager::on_before_commit) is given.
    pub fn pool(&self) -> &Pool<Sqlite> {
        &self.pool
    }

    fn writer(&self) -> &Pool<Sqlite> {
        &self.writer
    }

    /// Closes the connections, the application's too if it [shares its pool](Self::with_pool). Waits for open transactions.
    pub async fn close(&self) {
        self.pool.close().await;
        self.writer.close().await;
    }
}

impl<P, I> Clone for SqliteStore<P, I> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), writer: self.writer.clone(), types: PhantomData }
    }
}

impl<P, I> fmt::Debug for SqliteStore<P, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

/// Tries again while others have the file. SQLite itself does not wait where two might wait for each other, as when both turn
/// write-ahead logging on.
async fn when_free<T, F>(attempt: impl Fn() -> F) -> Result<T, sqlx::Error>
where
    F: Future<Output = Result<T, sqlx::Error>>,
{
    let start = Instant::now();
    loop {
        match attempt().await {
            Err(error) if is_busy(&error) && start.elapsed() < PATIENCE_AT_OPENING => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            other => return other,
        }
    }
}

/// `SQLITE_BUSY`, which is the low byte of its extended codes too.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == 5)
}

/// How many connections read at once. They are opened as they are needed; whoever waits for one costs more than one more of them.
const READERS: u32 = 32;

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

/// How the id of a user is declared, and columns that refer to it. Without `AUTOINCREMENT` SQLite would use numbers again.
const fn columns(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Number => ("INTEGER PRIMARY KEY AUTOINCREMENT", "INTEGER"),
        Kind::Uuid | Kind::Text => ("TEXT    NOT NULL PRIMARY KEY", "TEXT   "),
    }
}

async fn insert_numbered(insert: Query<'_>, connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    Ok(insert.execute(connection).await?.last_insert_rowid())
}

sql_store!(
    SqliteStore, database: Sqlite, begin: "BEGIN IMMEDIATE", ready: ready, uuid: Hyphenated, text: text,
    insert_numbered: insert_numbered,
);
sql_import!(SqliteStore, text: text, after_number: after_number);
sql_counters!(SqliteStore, text: text);
#[cfg(feature = "outbox")]
super::outbox::sql_outbox!(SqliteStore, uuid: Hyphenated, text: text);

/// A statement that failed is undone alone.
async fn ready(_: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    Ok(())
}

/// `AUTOINCREMENT` counts from the largest number that ever stood there.
async fn after_number(_: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    Ok(())
}

statements!(
    values: ["?" "?" "?" "?" "?" "?" "?" "?" "?" "?" "?" "?" "?"],
    flags: "u.is_active + 2 * u.is_superuser + 4 * u.is_verified",
    profile: ("?", "u.profile"),
    numbered: "",
    hold_user: "",
    // The transaction has the write lock.
    lock_user: "",
    unless_there: " ON CONFLICT DO NOTHING",
    // The transaction has the write lock from its first statement on.
    lock_and_count_superusers: "SELECT COUNT(*) FROM usermgr_users WHERE is_superuser AND is_active",
);
