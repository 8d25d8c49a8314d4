//! Stores over a database server: connecting, and the pool.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, SqlSafeStr as _, pool::PoolOptions};

use super::{
    dialect::Dialect,
    error::{has_code, open},
    id::SqlId,
    options::SqlOptions,
    store::{Pools, SqlStore},
    url,
};
use crate::{StoreError, user::Profile};

/// The longest limit that every server accepts for a statement, in milliseconds: a day.
const LONGEST: u128 = 24 * 3600 * 1000;

/// How long a statement waits for a row that another transaction has locked, and a caller for a connection.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

type Options<D> = <<D as sqlx::Database>::Connection as Connection>::Options;

/// A database that is reached by a URL. A public trait in a private module: other crates can neither name nor implement
/// it.
pub trait Server: Dialect {
    /// The schemes of its URLs.
    const SCHEMES: [&'static str; 2];
    /// The parameters of its URLs that have an effect.
    const PARAMETERS: &'static [&'static str];

    /// Returns the first statement on each connection of a pool that the library opens. `limit` is how long the server
    /// works on a statement, in milliseconds.
    fn session(limit: u128) -> Option<String> {
        let _ = limit;
        None
    }

    /// Adjusts the options of a URL to what the library needs.
    fn suited(options: Options<Self>) -> Options<Self> {
        options
    }

    /// Adds settings of the session that take effect with the connection. Some poolers refuse them. `limit` is that of
    /// [`session`](Self::session).
    fn with_settings(options: Options<Self>, limit: u128) -> Options<Self> {
        let _ = limit;
        options
    }

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
        url::check(url, D::PARAMETERS).map_err(|reason| open("of this URL", reason))?;
        let options: Options<D> = url.parse().map_err(|error| open("of this URL", error))?;
        let options = D::suited(options);
        let (database, host, port) = D::place(&options);
        let name = format!("{} at {host}:{port}", database.unwrap_or("?"));
        // The server gives up a little earlier than the caller, so that a slow statement does not cost the connection.
        let limit = (self.statement_limit() * 9 / 10).as_millis().clamp(1, LONGEST);
        let pool = match pool::<D>(limit).connect_with(D::with_settings(options.clone(), limit)).await {
            Err(error) if refuses_settings(&error) => pool::<D>(limit).connect_with(options).await,
            outcome => outcome,
        };
        let pool = pool.map_err(|error| match error {
            sqlx::Error::PoolTimedOut => open(&name, "the server does not answer"),
            error => open(&name, error),
        })?;
        self.over(Pools::one(pool, true)).await
    }
}

fn pool<D: Server>(limit: u128) -> PoolOptions<D> {
    let pool = PoolOptions::new().acquire_timeout(PATIENCE);
    let Some(session) = D::session(limit) else { return pool };
    let session = AssertSqlSafe(session).into_sql_str();
    pool.after_connect(move |connection, _| Box::pin(D::run(connection, session.clone())))
}

/// Returns whether a pooler refused the connection because of its settings: PgBouncer as a violation of the protocol,
/// others as a feature that they do not support.
fn refuses_settings(error: &sqlx::Error) -> bool {
    has_code(error, &["08P01", "0A000"])
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
    /// - The URL is invalid, names several hosts, or has a parameter that would be ignored.
    /// - The server cannot be reached, or refuses the account.
    /// - A pooler in front of PostgreSQL loses prepared statements, or pools by statement.
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
