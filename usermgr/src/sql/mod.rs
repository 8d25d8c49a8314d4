//! Accounts and sessions in SQL databases, over sqlx. One body of Rust is expanded for each database; the texts, the column types and
//! the few things a dialect does in its own way stand in the file of that database.

mod body;
mod counters;
mod error;
mod id;
mod import;
mod migrate;
#[cfg(feature = "mysql")]
mod mysql;
mod outage;
#[cfg(feature = "outbox")]
mod outbox;
#[cfg(feature = "postgres")]
mod postgres;
mod row;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod server;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(all(test, feature = "sqlite", feature = "testing"))]
mod tests;
mod text;

pub(crate) use error::{gives_up, is_given_up};
pub use id::SqlId;
#[cfg(feature = "mysql")]
pub use mysql::MysqlStore;
pub(crate) use outage::{fails, is_outage};
#[cfg(feature = "postgres")]
pub use postgres::PgStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
