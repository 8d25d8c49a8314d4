//! A database with two more accounts, which have the rights that the guide's page on deploying lists and no others: one owns the tables, and
//! one serves.

use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, PgConnection};

use crate::{Database, DatabaseServer};

/// The database and its two accounts, which go with this value.
#[derive(Debug)]
pub struct Rights {
    database: Database,
    owner: String,
    app: String,
}

impl Rights {
    /// Makes the accounts without rights, or notes that the tests over this server are skipped.
    ///
    /// # Panics
    /// When the server is named but makes none.
    pub fn on(server: DatabaseServer) -> Option<Self> {
        let mut database = server.database()?;
        let [owner, app] = ["owner", "app"].map(|role| database.account(role));
        Some(Self { database, owner, app })
    }

    /// The URL with the account that owns the tables.
    pub fn owner(&self) -> String {
        self.database.url_as(&self.owner)
    }

    /// The URL with the account that serves.
    pub fn app(&self) -> String {
        self.database.url_as(&self.app)
    }

    /// Grants what the guide lists for the time before the first migration.
    ///
    /// # Panics
    /// When the guide has no such list, or the server refuses it.
    pub async fn grant_to_migrate(&self) {
        let line = match self.database.server() {
            DatabaseServer::Postgres => "PostgreSQL, as an administrator",
            DatabaseServer::MariaDb => "MariaDB, MySQL, as an administrator",
        };
        self.grant(line, self.database.url()).await;
    }

    /// Grants what the guide lists for the time after each migration.
    ///
    /// # Panics
    /// When the guide has no such list, or the server refuses it.
    pub async fn grant_to_serve(&self) {
        match self.database.server() {
            DatabaseServer::Postgres => {
                self.grant("PostgreSQL, as the owner, after each migration", &self.owner()).await;
            }
            DatabaseServer::MariaDb => {
                let line = "MariaDB, MySQL, as an administrator, after each migration";
                self.grant(line, self.database.url()).await;
            }
        }
    }

    /// Runs the statements behind a comment of the page, up to the next comment or the end of the block.
    async fn grant(&self, line: &str, url: &str) {
        let page = include_str!("../../usermgr/docs/deploying.md");
        let (_, behind) = page.split_once(&format!("\n-- {line}\n")).expect("the guide has this list");
        let end = ["\n--", "\n```"].iter().filter_map(|end| behind.find(end)).min().expect("the list ends");
        for text in behind[..end].split_inclusive(';') {
            let text = text.replace(" TO owner;", &format!(" TO {};", self.owner));
            let text = text.replace(" TO app;", &format!(" TO {};", self.app));
            let text = AssertSqlSafe(text.replace("shop.", &format!("{}.", self.database.name())));
            let granted = match self.database.server() {
                DatabaseServer::Postgres => {
                    let mut connection = PgConnection::connect(url).await.expect("the account may connect");
                    connection.execute(text).await.map(drop)
                }
                DatabaseServer::MariaDb => {
                    let mut connection = MySqlConnection::connect(url).await.expect("the account may connect");
                    connection.execute(text).await.map(drop)
                }
            };
            granted.expect("the server grants it");
        }
    }
}
