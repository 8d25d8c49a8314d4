//! How a SQL store finds its tables: under which prefix, and whether it may make those that are missing.

use sqlx::Pool;

use super::{
    dialect::Dialect,
    error::SqlError,
    id::SqlId,
    migrate::Tables,
    statements::{PREFIX, Statements, Texts},
    store::SqlStore,
};
use crate::{StoreError, user::Profile};

/// How a SQL store is opened: the prefix of its tables, and whether it migrates. The constructors of [`SqlStore`] use the default, which is
/// the prefix `usermgr_` and to migrate.
///
/// Two kinds of users, each with an engine of its own, live in one database under two prefixes:
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
    migrate: bool,
}

impl SqlOptions {
    /// The prefix `usermgr_`; what is missing is migrated.
    pub fn new() -> Self {
        Self { prefix: PREFIX.to_owned(), migrate: true }
    }

    /// Another prefix for the tables, the list of migrations among them: 1 to 32 small letters, digits and underscores of which the first is
    /// a letter. Opening fails with any other.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Opens without migrating: tables that are missing or not up to date are an error that names the missing migrations. The database is
    /// only read while it is opened, and the account needs no right to create tables; the guide's page on [stores](crate::guide::stores)
    /// has the grants.
    #[must_use]
    pub fn without_migrating(mut self) -> Self {
        self.migrate = false;
        self
    }

    /// As [`SqlStore::with_pool`], with these options.
    ///
    /// # Errors
    /// As [`SqlStore::with_pool`], and [`StoreError::Backend`] for a prefix that is none.
    pub async fn with_pool<D: Dialect, P: Profile, I: SqlId>(
        &self,
        pool: Pool<D>,
    ) -> Result<SqlStore<D, P, I>, StoreError> {
        self.over(pool.clone(), pool).await
    }

    #[cfg(feature = "sqlite")]
    pub(super) fn migrates(&self) -> bool {
        self.migrate
    }

    /// A store over a pool to read from and one to write to.
    pub(super) async fn over<D: Dialect, P: Profile, I: SqlId>(
        &self,
        pool: Pool<D>,
        writer: Pool<D>,
    ) -> Result<SqlStore<D, P, I>, StoreError> {
        if !is_prefix(&self.prefix) {
            return Err(SqlError::Prefix(self.prefix.clone()).into());
        }
        let tables = Tables { texts: Texts::of_prefix(&self.prefix), kind: I::KIND, migrate: self.migrate };
        tables.open(&writer).await?;
        Ok(SqlStore::over(pool, writer, Statements::new::<D>(&tables.texts)))
    }
}

impl Default for SqlOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl<D: Dialect, P: Profile, I: SqlId> SqlStore<D, P, I> {
    /// Keeps accounts in the application's own database, beside its tables. Tables of ours that are missing are made; if nothing is missing
    /// the database is only read. The settings of the pool are the application's business; in SQLite foreign keys and write-ahead logging
    /// should be on.
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
    /// [`StoreError::Backend`] when the database does not answer, when tables are missing and the account may not create them, when the ids
    /// are of another type, or when the tables are of a later version of this library that this one may not serve.
    pub async fn with_pool(pool: Pool<D>) -> Result<Self, StoreError> {
        SqlOptions::new().with_pool(pool).await
    }
}

/// What may stand before the name of a table in every database without quotes, and leaves room for the longest name behind it.
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
