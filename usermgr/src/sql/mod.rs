//! Accounts and sessions in SQL databases, over sqlx. The stores are written once, over [`Dialect`]. The file with the
//! name of a database contains the differences of that database.

mod cells;
mod counters;
mod credentials;
mod dialect;
mod error;
mod history;
mod id;
mod import;
mod link;
mod migrate;
#[cfg(feature = "mysql")]
mod mysql;
mod options;
mod outage;
mod outbox;
#[cfg(feature = "postgres")]
mod pooler;
#[cfg(feature = "postgres")]
mod postgres;
mod readers;
mod row;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod server;
mod sessions;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statements;
mod store;
#[cfg(all(test, feature = "sqlite", feature = "testing"))]
mod tests;
mod transaction;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod url;
mod users;
mod value;

pub use dialect::Dialect;
pub(crate) use error::{gives_up, is_given_up};
pub use id::SqlId;
#[cfg(feature = "mysql")]
pub use mysql::MysqlStore;
pub use options::SqlOptions;
pub(crate) use outage::{fails, is_outage};
#[cfg(feature = "postgres")]
pub use postgres::PgStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
pub use store::SqlStore;
pub use transaction::SqlTransaction;
