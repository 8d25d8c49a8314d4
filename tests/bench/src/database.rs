//! The databases of the contenders: a SQLite file in a folder, or a database on the server that a variable names; both go with their
//! owner. And many users at once, written into the tables of usermgr.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, SqliteConnection, postgres::PgConnectOptions,
};

use crate::Failure;

/// The variable that `tests/servers` exports.
pub(crate) const POSTGRES: &str = "USERMGR_TEST_POSTGRES";

pub(crate) struct Database {
    folder: PathBuf,
    url: String,
    on_server: Option<OnServer>,
}

struct OnServer {
    server: String,
    name: String,
}

impl Database {
    /// A SQLite file that does not exist yet.
    pub(crate) fn sqlite(out: &Path) -> Result<Self, Failure> {
        let folder = folder(out)?;
        Ok(Self { url: format!("sqlite://{}", folder.join("bench.db").display()), folder, on_server: None })
    }

    /// An empty database on the server.
    pub(crate) async fn postgres(out: &Path, server: &str) -> Result<Self, Failure> {
        let folder = folder(out)?;
        let number = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let name = format!("usermgr_bench_{}", number.replace('-', "_"));
        let mut connection = server.parse::<PgConnectOptions>()?.connect().await?;
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
        connection.close().await?;
        let (base, _) = server.rsplit_once('/').ok_or("the URL of the server names no database")?;
        let url = format!("{base}/{name}");
        Ok(Self { folder, url, on_server: Some(OnServer { server: server.to_owned(), name }) })
    }

    /// What is left of one that was given away.
    pub(crate) fn none(folder: PathBuf) -> Self {
        Self { folder, url: String::new(), on_server: None }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn is_on_server(&self) -> bool {
        self.on_server.is_some()
    }

    /// Deletes it. What a run that was broken off has left goes with the next one.
    pub(crate) async fn remove(self) -> Result<(), Failure> {
        if let Some(OnServer { server, name }) = &self.on_server {
            let mut connection = server.parse::<PgConnectOptions>()?.connect().await?;
            connection.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await?;
        }
        Ok(fs::remove_dir_all(&self.folder)?)
    }

    /// Fills the tables of usermgr in a SQLite file with users who have the password of the first one, up to a number of them, and makes
    /// the first one a superuser. Their ids are in the order of time, as usermgr makes them; their addresses are in no order.
    pub(crate) async fn fill(&self, users: u32) -> Result<(), Failure> {
        let mut connection = SqliteConnection::connect(&self.url).await?;
        for setting in ["PRAGMA synchronous = OFF", "PRAGMA cache_size = -1000000"] {
            connection.execute(setting).await?;
        }
        sqlx::query(FILL).bind(users).execute(&mut connection).await?;
        connection.execute("UPDATE usermgr_users SET is_superuser = 1 WHERE email_key = 'user0@example.com'").await?;
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        Ok(connection.close().await?)
    }
}

/// The address of the n-th user that [`Database::fill`] makes.
pub(crate) fn filled(number: u32) -> String {
    format!("{:08x}@example.com", u64::from(number) * 2_654_435_761 % 4_294_967_296)
}

/// An odd factor makes another number of each, in no order, and none twice.
const FILL: &str = "
    WITH RECURSIVE numbers(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
    INSERT INTO usermgr_users (id, email, email_key, password_hash, is_active, is_superuser, is_verified, created_at, stamp, version, profile)
    SELECT unhex(printf('%08x%04x7%03x%04x%012x', 26000000 + n / 65536, n % 65536, n % 4096, 32768 + n % 16384, n)),
        printf('%08x@example.com', n * 2654435761 % 4294967296), printf('%08x@example.com', n * 2654435761 % 4294967296),
        u.password_hash, 1, 0, 1, u.created_at + n, randomblob(16), 0, u.profile
    FROM numbers, usermgr_users u WHERE u.email_key = 'user0@example.com'";

fn folder(out: &Path) -> Result<PathBuf, Failure> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("{}-{}", std::process::id(), NUMBER.fetch_add(1, Relaxed));
    let folder = out.join("databases").join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder.canonicalize()?)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_users_have_one_address() {
        assert_eq!((1..=100_000).map(filled).collect::<HashSet<_>>().len(), 100_000);
    }
}
