//! Stores over a database server: connecting, and the pool.

use std::time::Duration;

use sqlx::{Connection, SqlStr, pool::PoolOptions};

use super::{dialect::Dialect, error::open, id::SqlId, options::SqlOptions, store::SqlStore};
use crate::{StoreError, user::Profile};

/// How long a statement waits for a row that another holds, and a caller for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

type Options<D> = <<D as sqlx::Database>::Connection as Connection>::Options;

/// A database that is reached by a URL. Public in a private module: it can be neither named nor implemented elsewhere.
pub trait Server: Dialect {
    /// How URLs may begin.
    const SCHEMES: [&'static str; 2];
    /// What each connection of a pool of ours is told first.
    const SESSION: &'static str;

    /// The database, the host and the port.
    fn place(options: &Options<Self>) -> (Option<&str>, &str, u16);
}

impl SqlOptions {
    /// As [`PgStore::connect`](SqlStore::connect), with these options.
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
    /// As [`SqlStore::connect`], and [`StoreError::Backend`] for a prefix that is none.
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
    /// Connects to the database that a URL names. The database itself must be there; tables of ours that are missing are made, and if nothing
    /// is missing the database is only read.
    ///
    /// A server that refuses connections is asked again for 5 seconds. The pool holds up to 10 connections, and a caller who finds none free
    /// waits for 5 seconds; for other numbers there is [`with_pool`](Self::with_pool).
    ///
    /// # Errors
    /// [`StoreError::Backend`] when the URL cannot be read, when the server cannot be reached or refuses the account, when tables are missing
    /// and the account may not create them, when the ids are of another type, or when the tables are of a later version of this library
    /// that this one may not serve. No message repeats the password.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        SqlOptions::new().connect(url).await
    }

    /// As [`connect`](Self::connect), but makes no table: those that are missing or not up to date are an error that names the missing
    /// migrations. For servers whose account may only read and write rows, or over a standby that only reads.
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
    /// As [`connect`](Self::connect), and [`StoreError::Backend`] when migrations are missing.
    pub async fn connect_without_migrating(url: &str) -> Result<Self, StoreError> {
        SqlOptions::new().without_migrating().connect(url).await
    }

    /// Makes what is missing of the tables, and closes its connections again: the step of a deployment that runs as the owner of the tables,
    /// before servers start [without migrating](Self::connect_without_migrating). The ids are those of the store's type.
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
    /// As [`connect`](Self::connect).
    pub async fn migrate(url: &str) -> Result<(), StoreError> {
        Self::connect(url).await?.close().await;
        Ok(())
    }
}
