//! Stores over a database server: connecting, and the pool.

use std::time::Duration;

use sqlx::{Connection, SqlStr, pool::PoolOptions};

use super::{dialect::Dialect, error::open, id::SqlId, options::SqlOptions, store::SqlStore};
use crate::{StoreError, user::Profile};

/// How long a statement waits for a row that another transaction has locked, and a caller for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

type Options<D> = <<D as sqlx::Database>::Connection as Connection>::Options;

/// A database that is reached by a URL. A public trait in a private module: other crates can neither name nor implement
/// it.
pub trait Server: Dialect {
    /// The schemes of its URLs.
    const SCHEMES: [&'static str; 2];
    /// The first statement on each connection of a pool that the library opens.
    const SESSION: &'static str;

    /// Returns the database, the host and the port.
    fn place(options: &Options<Self>) -> (Option<&str>, &str, u16);
}

impl SqlOptions {
    /// Connects as [`PgStore::connect`](SqlStore::connect) does, with these options.
    ///
    /// ```no_run
    /// # #[cfg(feature = "postgres")]
    /// # async fn example() -> Result<(), usermgr::StoreError> {
    /// use usermgr::{PgStore, sql::SqlOptions};
    ///
    /// let staff: PgStore = SqlOptions::new().prefix("staff_").connect("postgres://shop@db.example.com/shop").await?;
    /// # let _ = staff;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The errors of [`SqlStore::connect`], and [`StoreError::Backend`] if the prefix is invalid.
    pub async fn connect<D: Server, P: Profile, I: SqlId>(&self, url: &str) -> Result<SqlStore<D, P, I>, StoreError> {
        if !D::SCHEMES.iter().any(|scheme| url.starts_with(scheme)) {
            return Err(open("of this URL", format_args!("it does not begin with `{}`", D::SCHEMES[0])));
        }
        let options: Options<D> = url.parse().map_err(|error| open("of this URL", error))?;
        let (database, host, port) = D::place(&options);
        let name = format!("{} at {host}:{port}", database.unwrap_or("?"));
        let pool = PoolOptions::<D>::new()
            .acquire_timeout(PATIENCE)
            .after_connect(|connection, _| Box::pin(D::run(connection, SqlStr::from_static(D::SESSION))));
        let pool = pool.connect_with(options).await.map_err(|error| match error {
            sqlx::Error::PoolTimedOut => open(&name, "the server does not answer"),
            error => open(&name, error),
        })?;
        self.with_pool(pool).await
    }
}

impl<D: Server, P: Profile, I: SqlId> SqlStore<D, P, I> {
    /// Connects to the database that a URL names. The database must exist. Missing tables are created. If none is
    /// missing, opening only reads.
    ///
    /// If the server refuses connections, it is tried again for 5 seconds. The pool has up to 10 connections, and a
    /// caller waits up to 5 seconds for a free one. [`with_pool`](Self::with_pool) takes a pool with other limits.
    ///
    /// # Errors
    /// [`StoreError::Backend`] in these cases. No message repeats the password.
    /// - The URL is invalid.
    /// - The server cannot be reached, or refuses the account.
    /// - Tables are missing and the account may not create them.
    /// - The ids in the database are of another type.
    /// - The tables are of a later version of this library, and this version may not use them.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        SqlOptions::new().connect(url).await
    }

    /// Connects as [`connect`](Self::connect) does, but creates no tables. If migrations are missing, it fails, and the
    /// error names them. It is for servers whose account may only read and write rows, and for read-only standby
    /// servers.
    ///
    /// ```no_run
    /// # #[cfg(feature = "postgres")]
    /// # async fn example() -> Result<(), usermgr::StoreError> {
    /// use usermgr::PgStore;
    ///
    /// let store: PgStore = PgStore::connect_without_migrating("postgres://shop@db.example.com/shop").await?;
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The errors of [`connect`](Self::connect), and [`StoreError::Backend`] if migrations are missing.
    pub async fn connect_without_migrating(url: &str) -> Result<Self, StoreError> {
        SqlOptions::new().without_migrating().connect(url).await
    }

    /// Applies the missing migrations and closes the connections. A deployment runs it as the owner of the tables,
    /// before servers start [without migrating](Self::connect_without_migrating). The type of the ids is that of the
    /// store.
    ///
    /// ```no_run
    /// # #[cfg(feature = "postgres")]
    /// # async fn example() -> Result<(), usermgr::StoreError> {
    /// use usermgr::PgStore;
    ///
    /// <PgStore>::migrate("postgres://owner@db.example.com/shop").await
    /// # }
    /// ```
    ///
    /// # Errors
    /// The errors of [`connect`](Self::connect).
    pub async fn migrate(url: &str) -> Result<(), StoreError> {
        Self::connect(url).await?.close().await;
        Ok(())
    }
}
