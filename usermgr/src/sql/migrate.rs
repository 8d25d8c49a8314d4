//! How the tables come about: the texts of a dialect go in, what has not been applied yet is applied. The bookkeeping is sqlx's, in a
//! table of our own.

use sqlx::{
    AssertSqlSafe, SqlSafeStr,
    migrate::{AppliedMigration, Migrate, MigrateError, Migration, MigrationType},
};

use super::{error::SqlError, id::Kind};
use crate::StoreError;

/// Ours alone, so that the application's migrations are left in peace.
pub(super) const TABLE: &str = "usermgr_migrations";

/// The texts of a dialect and what fills the gaps in them.
pub(super) struct Migrations {
    /// In the order of their numbers, which begin at 1.
    pub(super) texts: &'static [&'static str],
    /// For `{id}`, how the id of a user is declared, and for `{user_id}`, the type of columns that refer to it.
    pub(super) columns: fn(Kind) -> (&'static str, &'static str),
}

impl Migrations {
    /// Applies what is missing.
    ///
    /// The caller holds a lock or a transaction that keeps others from doing the same at once, where the database's own lock does
    /// not.
    pub(super) async fn run<C: Migrate + Send>(&self, connection: &mut C, kind: Kind) -> Result<(), StoreError> {
        connection.lock().await.map_err(StoreError::backend)?;
        connection.ensure_migrations_table(TABLE).await.map_err(StoreError::backend)?;
        if let Some(version) = connection.dirty_version(TABLE).await.map_err(StoreError::backend)? {
            return Err(StoreError::backend(MigrateError::Dirty(version)));
        }
        let applied = connection.list_applied_migrations(TABLE).await.map_err(StoreError::backend)?;
        for migration in self.missing(&applied, kind)? {
            connection.apply(TABLE, &migration).await.map_err(StoreError::backend)?;
        }
        connection.unlock().await.map_err(StoreError::backend)
    }

    /// What is yet to be applied, after a look at what was.
    fn missing(&self, applied: &[AppliedMigration], kind: Kind) -> Result<Vec<Migration>, SqlError> {
        let mut migrations = self.of(kind);
        for done in applied {
            let same = |migration: &Migration| migration.version == done.version && migration.checksum == done.checksum;
            if migrations.iter().any(same) {
                migrations.retain(|migration| migration.version != done.version);
            } else if migrations.iter().all(|migration| migration.version != done.version) {
                return Err(SqlError::Later(done.version));
            } else {
                let found = Kind::ALL.into_iter().find(|other| self.of(*other).iter().any(same));
                return Err(
                    found.map_or(SqlError::Altered(done.version), |found| SqlError::OtherIds { expected: kind, found })
                );
            }
        }
        Ok(migrations)
    }

    fn of(&self, kind: Kind) -> Vec<Migration> {
        let (id, user_id) = (self.columns)(kind);
        let migration = |(index, text): (usize, &&'static str)| {
            // Line ends differ between checkouts, checksums must not.
            let text = text
                .replace("\r\n", "\n")
                .replace("{id}", id)
                .replace("{user_id}", user_id)
                .replace("{kind}", kind.name());
            let sql = AssertSqlSafe(text).into_sql_str();
            Migration::new(index as i64 + 1, "usermgr".into(), MigrationType::Simple, sql, false)
        };
        self.texts.iter().enumerate().map(migration).collect()
    }
}
