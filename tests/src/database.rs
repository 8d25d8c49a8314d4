//! A separate database or schema for each test, on the servers that `tests/servers` starts, which is dropped after the test.

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
        let (server, name) = self.place()?;
        let (base, _) = server.rsplit_once('/').expect("the URL names a database");
        Some(Database::made(self, Kind::Database, format!("{base}/{name}"), name))
    }

    /// Makes an empty schema in the database that the URL of the server names; for MariaDB, where a schema is a database, it makes one.
    /// PostgreSQL makes a schema much faster than a database, whose catalog each connection reads again. What looks at the whole database
    /// needs one of its own.
    ///
    /// # Panics
    /// When the server is named but makes none.
    pub fn schema(self) -> Option<Database> {
        if self == Self::MariaDb {
            return self.database();
        }
        let (server, name) = self.place()?;
        let sign = if server.contains('?') { '&' } else { '?' };
        Some(Database::made(self, Kind::Schema, format!("{server}{sign}options=-csearch_path%3D{name}"), name))
    }

    /// The URL of the server, and a name that is not used yet; nothing where the tests over this server are skipped.
    fn place(self) -> Option<(String, String)> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = env::var(self.variable()) else {
            skip(&format!("the tests over {self:?}: {} is not set", self.variable()));
            return None;
        };
        Some((server, format!("usermgr_{}_{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed))))
    }

    /// What the server calls an account.
    fn account(self) -> &'static str {
        match self {
            Self::Postgres => "ROLE",
            Self::MariaDb => "USER",
        }
    }
}

/// What the server calls it.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Database,
    Schema,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Database => "DATABASE",
            Self::Schema => "SCHEMA",
        }
    }
}

/// An empty database for one test, or a schema. It is dropped with this value.
pub struct Database {
    server: DatabaseServer,
    kind: Kind,
    url: String,
    name: String,
    /// Further accounts of the server, which are dropped with the database.
    accounts: Vec<String>,
}

impl Database {
    fn made(server: DatabaseServer, kind: Kind, url: String, name: String) -> Self {
        let database = Self { server, kind, url, name, accounts: Vec::new() };
        // A process that died may have left one of this name behind.
        let statements =
            vec![database.drop_statement("IF EXISTS "), format!("CREATE {} {}", kind.word(), database.name)];
        database.statements(statements).expect("the database is made");
        database
    }

    fn drop_statement(&self, condition: &str) -> String {
        let all = match (self.server, self.kind) {
            // Connections of a process that is ending may still be open.
            (DatabaseServer::Postgres, Kind::Database) => " WITH (FORCE)",
            (DatabaseServer::Postgres, Kind::Schema) => " CASCADE",
            (DatabaseServer::MariaDb, _) => "",
        };
        format!("DROP {} {condition}{}{all}", self.kind.word(), self.name)
    }

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

    /// Runs statements over a connection to the server. On its own thread, since it is called in a runtime and outside of one.
    fn statements(&self, statements: Vec<String>) -> sqlx::Result<()> {
        let server = env::var(self.server.variable()).map_err(sqlx::Error::config)?;
        let kind = self.server;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let work = move || {
            runtime.block_on(async {
                match kind {
                    DatabaseServer::Postgres => execute(PgConnection::connect(&server).await?, statements).await,
                    DatabaseServer::MariaDb => execute(MySqlConnection::connect(&server).await?, statements).await,
                }
            })
        };
        thread::spawn(work).join().expect("the statements do not panic")
    }
}

/// One after the other: PostgreSQL makes no database in a transaction, which several at once would be.
async fn execute<C>(mut connection: C, statements: Vec<String>) -> sqlx::Result<()>
where
    C: Connection,
    for<'c> &'c mut C: Executor<'c>,
{
    for statement in statements {
        connection.execute(AssertSqlSafe(statement)).await?;
    }
    connection.close().await
}

impl Drop for Database {
    fn drop(&mut self) {
        let database = self.drop_statement("");
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
