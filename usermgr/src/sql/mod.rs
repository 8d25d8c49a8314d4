//! Accounts and sessions in SQL databases, over sqlx. One body of Rust is expanded for each database; the texts, the column types and
//! the few things a dialect does in its own way stand in the file of that database.

mod body;
mod error;
mod id;
mod import;
mod migrate;
mod row;
mod sqlite;
#[cfg(all(test, feature = "testing"))]
mod tests;

pub use id::SqlId;
pub use sqlite::SqliteStore;
