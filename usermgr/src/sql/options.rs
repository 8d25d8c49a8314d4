//! The options of a SQL store: the prefix of its tables, whether it may migrate them, and how long it waits for answers.

use std::time::Duration;

use sqlx::Pool;

use super::{
    dialect::Dialect,
    error::SqlError,
    id::SqlId,
    migrate::Tables,
    statements::{PREFIX, Statements, Texts},
    store::{Pools, SqlStore},
};
use crate::{StoreError, user::Profile};

/// How a SQL store is opened: the prefix of its tables, whether it migrates, and how long it waits for an answer. The
/// constructors of [`SqlStore`] use the default: the prefix `usermgr_`, with migration, and ten seconds.
///
/// Two kinds of users, each with its own engine, can share a database under two prefixes:
///
/// ```
/// # #[cfg(feature = "sqlite")]
/// # async fn example() -> Result<(), usermgr::StoreError> {
/// use usermgr::{sql::SqlOptions, SqliteStore};
///
/// let customers: SqliteStore = SqliteStore::in_memory().await?;
/// let staff: SqliteStore = SqlOptions::new().prefix("staff_").with_pool(customers.pool().clone()).await?;
/// # let _ = staff;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SqlOptions {
    prefix: String,
    realm: Option<String>,
    migrate: bool,
    statement_timeout: Duration,
}

impl SqlOptions {
    /// Creates the default options: the prefix `usermgr_`, with migration, and ten seconds for a statement.
    pub fn new() -> Self {
        Self { prefix: PREFIX.to_owned(), realm: None, migrate: true, statement_timeout: Duration::from_secs(10) }
    }

    /// Sets the prefix of all tables, the list of migrations included. It has 1 to 32 lower-case letters, digits and
    /// underscores, and begins with a letter. Otherwise opening fails. Default: `usermgr_`.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets the [realm](crate::UserStore::realm) of the users. Give each tenant a realm of its own if tenants have a
    /// database each, under the same prefix. Default: the prefix without its last underscore, and none for the prefix
    /// `usermgr_`. An empty name is no realm.
    ///
    /// Sealed data and tokens belong to a realm. So set the former name if you rename the tables.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> Result<(), usermgr::StoreError> {
    /// use usermgr::{sql::SqlOptions, SqliteStore, UserStore};
    ///
    /// let acme: SqliteStore = SqlOptions::new().realm("acme").open("acme.db").await?;
    /// assert_eq!(acme.realm(), Some("acme"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn realm(mut self, name: impl Into<String>) -> Self {
        self.realm = Some(name.into());
        self
    }

    /// Opens without migrating. Opening fails if migrations are missing, and the error names them. Opening then only
    /// reads, and the database account needs no right to create tables. The guide's page on
    /// [deploying](crate::guide::deploying#least-rights) lists the grants.
    #[must_use]
    pub fn without_migrating(mut self) -> Self {
        self.migrate = false;
        self
    }

    /// Sets how long the store waits for the answer to one statement, at least one millisecond. Default: ten seconds. A
    /// statement without an answer fails, and its connection is closed. The store then does not know whether a write
    /// was done. The store also waits at most so long for a connection, whatever a pool of your own allows.
    ///
    /// A store that [`connect`](SqlStore::connect) opens tells the server to give up after nine tenths of this time, so
    /// that the server does not go on with what no caller waits for: PostgreSQL and MariaDB for every statement, MySQL for
    /// those that only read. Migrations are not limited.
    ///
    /// [`Engine::purge`](crate::Engine::purge) must delete the rows of one table within this time. For a first purge
    /// of many rows, open a store with a longer one.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> Result<(), usermgr::StoreError> {
    /// use std::time::Duration;
    /// use usermgr::{sql::SqlOptions, SqliteStore};
    ///
    /// let store: SqliteStore = SqlOptions::new().statement_timeout(Duration::from_secs(3)).open("shop.db").await?;
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn statement_timeout(mut self, limit: Duration) -> Self {
        self.statement_timeout = limit.max(Duration::from_millis(1));
        self
    }

    /// Opens a store as [`SqlStore::with_pool`] does, with these options.
    ///
    /// # Errors
    /// The errors of [`SqlStore::with_pool`], and [`StoreError::Backend`] if the prefix is invalid.
    pub async fn with_pool<D: Dialect, P: Profile, I: SqlId>(
        &self,
        pool: Pool<D>,
    ) -> Result<SqlStore<D, P, I>, StoreError> {
        self.over(Pools::one(pool, false)).await
    }

    #[cfg(feature = "sqlite")]
    pub(super) fn migrates(&self) -> bool {
        self.migrate
    }

    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(super) fn statement_limit(&self) -> Duration {
        self.statement_timeout
    }

    /// Opens a store over one pool for reading and one for writing.
    pub(super) async fn over<D: Dialect, P: Profile, I: SqlId>(
        &self,
        pools: Pools<D>,
    ) -> Result<SqlStore<D, P, I>, StoreError> {
        if !is_prefix(&self.prefix) {
            return Err(SqlError::Prefix(self.prefix.clone()).into());
        }
        let (texts, limit) = (Texts::of_prefix(&self.prefix), self.statement_timeout);
        let tables = Tables { texts, kind: I::KIND, migrate: self.migrate, limit };
        let patience = tables.open(&pools.writer).await?;
        let statements = Statements::new::<D>(&tables.texts, self.realm_name());
        Ok(SqlStore::over(pools, statements, patience))
    }

    fn realm_name(&self) -> Option<String> {
        let of_prefix = || {
            let name = self.prefix.strip_suffix('_').unwrap_or(&self.prefix);
            (self.prefix != PREFIX).then(|| name.to_owned())
        };
        self.realm.clone().or_else(of_prefix)
    }
}

impl Default for SqlOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl<D: Dialect, P: Profile, I: SqlId> SqlStore<D, P, I> {
    /// Opens a store in the application's own database, beside its tables. Missing tables are created. If none is
    /// missing, opening only reads. The application configures the pool. In SQLite, foreign keys and write-ahead
    /// logging should be on.
    ///
    /// ```no_run
    /// # #[cfg(feature = "sqlite")]
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use sqlx::SqlitePool;
    /// use usermgr::SqliteStore;
    ///
    /// let pool = SqlitePool::connect("sqlite://shop.db").await?;
    /// let store: SqliteStore = SqliteStore::with_pool(pool.clone()).await?;
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`StoreError::Backend`] in these cases:
    /// - The database does not answer.
    /// - A pooler in front of PostgreSQL loses prepared statements, or pools by statement.
    /// - Tables are missing and the account may not create them.
    /// - The ids in the database are of another type.
    /// - The tables are of a later version of this library, and this version may not use them.
    pub async fn with_pool(pool: Pool<D>) -> Result<Self, StoreError> {
        SqlOptions::new().with_pool(pool).await
    }
}

/// Returns whether every database accepts the prefix without quotes. The longest table name with the prefix must not be
/// too long.
fn is_prefix(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (1..=32).contains(&text.len()) && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_name_without_quotes() {
        for good in ["usermgr_", "a", "staff2_", &"x".repeat(32)] {
            assert!(is_prefix(good), "{good}");
        }
        for bad in ["", "_a", "2a", "Staff_", "a-b", "a b", "a\"", "a;--", "caf\u{e9}", &"x".repeat(33)] {
            assert!(!is_prefix(bad), "{bad}");
        }
    }
}
