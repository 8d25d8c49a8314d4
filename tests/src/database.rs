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
        // A process that died may have left one of this name behind.
        let statements = ["DROP DATABASE IF EXISTS", "CREATE DATABASE"].map(|words| format!("{words} {name}"));
        let database = Database { server: self, url: format!("{base}/{name}"), name, accounts: Vec::new() };
        database.statements(statements.into()).expect("the database is made");
        Some(database)
    }

    /// What the server calls an account.
    fn account(self) -> &'static str {
        match self {
            Self::Postgres => "ROLE",
            Self::MariaDb => "USER",
        }
    }
}

/// An empty database for one test. It is dropped with this value.
pub struct Database {
    server: DatabaseServer,
    url: String,
    name: String,
    /// Further accounts of the server, which are dropped with the database.
    accounts: Vec<String>,
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

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Makes an account without rights, and returns its name. It is dropped with the database.
    ///
    /// # Panics
    /// When the server makes none.
    pub fn account(&mut self, role: &str) -> String {
        let (kind, name) = (self.server.account(), format!("{}_{role}", self.name));
        let login = match self.server {
            DatabaseServer::Postgres => "LOGIN PASSWORD",
            DatabaseServer::MariaDb => "IDENTIFIED BY",
        };
        let create = format!("CREATE {kind} {name} {login} 'canary'");
        self.statements(vec![format!("DROP {kind} IF EXISTS {name}"), create]).expect("the account is made");
        self.accounts.push(name.clone());
        name
    }

    /// Its URL with such an account.
    ///
    /// # Panics
    /// When its own URL names no account.
    pub fn url_as(&self, account: &str) -> String {
        let (scheme, rest) = self.url.split_once("://").expect("a URL has a scheme");
        let (_, place) = rest.rsplit_once('@').expect("the URL names an account");
        format!("{scheme}://{account}:canary@{place}")
    }

    /// Runs statements over connections to the server. On its own thread, since it is called in a runtime and outside of one.
    fn statements(&self, statements: Vec<String>) -> sqlx::Result<()> {
        let server = env::var(self.server.variable()).map_err(sqlx::Error::config)?;
        let kind = self.server;
        let work = async move {
            for statement in statements {
                let text = AssertSqlSafe(statement);
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
        let database = format!("DROP DATABASE {}{force}", self.name);
        let accounts = self.accounts.iter().map(|account| format!("DROP {} {account}", self.server.account()));
        if let Err(error) = self.statements(std::iter::once(database).chain(accounts).collect()) {
            eprintln!("the database {} is left behind: {error}", self.name);
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("server", &self.server).field("name", &self.name).finish_non_exhaustive()
    }
}
