//! A separate database for each test, on the servers that `tests/servers` starts, which is dropped after the test.

use std::{
    env, fmt, process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, PgConnection};

use crate::skip;

/// The servers that databases are made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DatabaseServer {
    /// PostgreSQL, at `USERMGR_TEST_POSTGRES`.
    Postgres,
    /// MariaDB, at `USERMGR_TEST_MARIADB`.
    MariaDb,
}

impl DatabaseServer {
    fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "USERMGR_TEST_POSTGRES",
            Self::MariaDb => "USERMGR_TEST_MARIADB",
        }
    }

    /// Makes an empty database, or notes that the tests over this server are skipped.
    ///
    /// # Panics
    /// When the server is named but makes none.
    pub fn database(self) -> Option<Database> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = env::var(self.variable()) else {
            skip(&format!("the tests over {self:?}: {} is not set", self.variable()));
            return None;
        };
        let name = format!("usermgr_{}_{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let (base, _) = server.rsplit_once('/').expect("the URL names a database");
        let database = Database { server: self, url: format!("{base}/{name}"), name };
        // A process that died may have left one of this name behind.
        database.statements(["DROP DATABASE IF EXISTS", "CREATE DATABASE"]).expect("the database is made");
        Some(database)
    }
}

/// An empty database for one test. It is dropped with this value.
pub struct Database {
    server: DatabaseServer,
    url: String,
    name: String,
}

impl Database {
    /// Its URL, with the account's password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The server it is on.
    pub fn server(&self) -> DatabaseServer {
        self.server
    }

    /// Runs statements about this database over a connection to the server. On its own thread, since it is called in a runtime and
    /// outside of one.
    fn statements<const N: usize>(&self, statements: [&'static str; N]) -> sqlx::Result<()> {
        let server = env::var(self.server.variable()).map_err(sqlx::Error::config)?;
        let (kind, name) = (self.server, self.name.clone());
        let work = async move {
            for statement in statements {
                let text = AssertSqlSafe(format!("{statement} {name}"));
                match kind {
                    DatabaseServer::Postgres => PgConnection::connect(&server).await?.execute(text).await.map(drop)?,
                    DatabaseServer::MariaDb => {
                        MySqlConnection::connect(&server).await?.execute(text).await.map(drop)?
                    }
                }
            }
            Ok(())
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::spawn(move || runtime.block_on(work)).join().expect("the statements do not panic")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Connections of a process that is ending may still be open.
        let force = if self.server == DatabaseServer::Postgres { " WITH (FORCE)" } else { "" };
        let name = self.name.clone();
        self.name.push_str(force);
        if let Err(error) = self.statements(["DROP DATABASE"]) {
            eprintln!("the database {name} is left behind: {error}");
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("server", &self.server).field("name", &self.name).finish_non_exhaustive()
    }
}
