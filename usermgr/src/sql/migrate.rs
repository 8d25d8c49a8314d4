//! Migration of the tables. The list of applied migrations is read first. Only if some are missing, a lock is taken and
//! they are applied. So a server starts over up-to-date tables even if its account may not create tables or its
//! database is read-only.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, Connection as _, Pool, SqlSafeStr as _, SqlStr};
use tokio::time::timeout;

use super::{
    cells::Cells,
    dialect::{Dialect, Migration},
    error::{Ended, SqlError, failed, is_given_up, refused},
    link::{Link, Patience, no_answer},
    statements::Texts,
    value::Kind,
};
use crate::StoreError;

/// How long to wait for other processes that use the database while it is opened. The first process creates a new
/// database.
const PATIENCE: Duration = Duration::from_secs(30);

/// The column that the lists of earlier versions do not have.
const OLDEST: &str = "oldest";

/// A row of the list in the database.
struct Applied {
    version: i64,
    checksum: String,
    oldest: i64,
}

/// The tables of a store.
pub(super) struct Tables {
    pub(super) texts: Texts,
    pub(super) kind: Kind,
    /// Whether missing migrations may be applied.
    pub(super) migrate: bool,
    /// How long to wait for an answer, except to a migration.
    pub(super) limit: Duration,
}

impl Tables {
    /// Checks the tables, and applies the missing migrations. Returns how long the store waits for its database.
    pub(super) async fn open<D: Dialect>(&self, writer: &Pool<D>) -> Result<Patience, StoreError> {
        let most = self.limit.max(PATIENCE);
        timeout(most, D::check(writer)).await.map_err(|_| failed(no_answer(most)))??;
        let busy = |ended: &Ended| match ended {
            // Where several servers write, no lock keeps another process from migrating. Then one of them is given up.
            Ended::Failed(error) => D::is_busy(error) || is_given_up(error),
            Ended::Refused(refused) => matches!(refused, StoreError::Stale),
        };
        Ok(patiently(|| self.attempt(writer), busy).await?)
    }

    async fn attempt<D: Dialect>(&self, writer: &Pool<D>) -> Result<Patience, Ended> {
        let mut patience = Patience { limit: self.limit, keeps: false };
        let mut link = Link::of(writer, patience).await?;
        let Ok(seen) = timeout(self.limit, self.look::<D>(link.connection())).await else {
            link.spend();
            return Err(no_answer(self.limit).into());
        };
        let (keeps, applied) = seen?;
        patience.keeps = keeps;
        let missing = self.missing::<D>(&applied)?;
        if missing.is_empty() {
            return Ok(patience);
        }
        if !self.migrate {
            let missing: Vec<_> = missing.iter().map(|(version, _)| version.to_string()).collect();
            return Err(SqlError::NotMigrated { tables: self.texts.table(".."), missing: missing.join(", ") }.into());
        }
        if D::LOCK_IS_THE_SESSIONS {
            // The lock is released in any case.
            link.spend();
        }
        let mut tx = link.connection().begin_with(SqlStr::from_static(D::BEGIN)).await?;
        D::lock_migrations(&mut tx).await?;
        // Another process may have migrated while this one waited for the lock.
        for (version, migration) in self.missing::<D>(&self.applied::<D>(&mut tx).await?)? {
            let script = self.texts.named(&filled::<D>(migration, self.kind));
            D::run(&mut tx, AssertSqlSafe(script).into_sql_str()).await?;
            let note = "INSERT INTO usermgr_migrations (version, checksum, oldest, applied_at) VALUES ($1, $2, $3, $4){unless there}";
            let checksum = checksum::<D>(migration, self.kind);
            let now = Timestamp::now().as_microsecond();
            let values = [version.into(), checksum.as_str().into(), migration.oldest.into(), now.into()];
            match D::execute(&mut tx, &self.texts.statement::<D>(note), &values).await.map_err(refused) {
                // Another process did it. Some clusters have no lock for all members.
                Ok(_) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        tx.commit().await?;
        Ok(patience)
    }

    /// Returns whether the connection is the database, and the migrations that the database lists as applied.
    async fn look<D: Dialect>(&self, connection: &mut D::Connection) -> Result<(bool, Vec<Applied>), Ended> {
        Ok((D::is_the_database(connection).await?, self.applied::<D>(connection).await?))
    }

    /// Returns the migrations that the database lists as applied.
    async fn applied<D: Dialect>(&self, connection: &mut D::Connection) -> Result<Vec<Applied>, Ended> {
        let (catalog, table) = (self.texts.statement::<D>(D::COLUMNS_OF), self.texts.table("migrations"));
        let columns = D::fetch_all(connection, &catalog, &[table.as_str().into()]).await?;
        if columns.is_empty() {
            return Ok(Vec::new());
        }
        let names = columns.iter().map(|row| Cells::<D>::of(row).text().map(|name| name.eq_ignore_ascii_case(OLDEST)));
        if !names.collect::<Result<Vec<_>, _>>()?.contains(&true) {
            return Err(SqlError::OfBefore.into());
        }
        let list =
            self.texts.statement::<D>("SELECT version, checksum, oldest FROM usermgr_migrations ORDER BY version");
        let rows = D::fetch_all(connection, &list, &[]).await?;
        let applied = |row: &D::Row| {
            let mut cells = Cells::<D>::of(row);
            Ok(Applied { version: cells.number()?, checksum: cells.text()?.to_owned(), oldest: cells.number()? })
        };
        Ok(rows.iter().map(applied).collect::<Result<_, sqlx::Error>>()?)
    }

    /// Checks the applied migrations, and returns the missing ones with their numbers.
    fn missing<D: Dialect>(&self, applied: &[Applied]) -> Result<Vec<(i64, &'static Migration)>, SqlError> {
        let ours: Vec<_> = (1..).zip(D::MIGRATIONS).collect();
        let last = ours.last().map_or(0, |(version, _)| *version);
        for done in applied {
            let Some((_, migration)) = ours.iter().find(|(version, _)| *version == done.version) else {
                // A later version applied it. Migrations only add to the tables, so this version can continue unless
                // that migration says otherwise.
                if done.oldest > last {
                    return Err(SqlError::Later { version: done.version, oldest: done.oldest, last });
                }
                continue;
            };
            if checksum::<D>(migration, self.kind) != done.checksum {
                let found = Kind::ALL.into_iter().find(|kind| checksum::<D>(migration, *kind) == done.checksum);
                return Err(found.map_or(SqlError::Altered(done.version), |found| SqlError::OtherIds {
                    expected: self.kind,
                    found,
                }));
            }
        }
        Ok(ours.into_iter().filter(|(version, _)| applied.iter().all(|done| done.version != *version)).collect())
    }
}

/// Tries again while other processes use the database.
pub(super) async fn patiently<T, E, F>(attempt: impl Fn() -> F, is_busy: impl Fn(&E) -> bool) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let start = Instant::now();
    loop {
        match attempt().await {
            Err(error) if is_busy(&error) && start.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            outcome => return outcome,
        }
    }
}

/// Returns the text of a migration for ids of one kind, with the default table names.
fn filled<D: Dialect>(migration: &Migration, kind: Kind) -> String {
    let (id, user_id) = D::columns(kind);
    // Line ends differ between checkouts, but checksums must not.
    let text = migration.text.replace("\r\n", "\n");
    text.replace("{id}", id).replace("{user_id}", user_id).replace("{kind}", kind.name())
}

/// Returns the checksum in hexadecimal digits.
fn checksum<D: Dialect>(migration: &Migration, kind: Kind) -> String {
    Sha256::digest(filled::<D>(migration, kind)).iter().map(|byte| format!("{byte:02x}")).collect()
}
