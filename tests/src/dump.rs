//! The content of a database, byte for byte: what a thief of it would have.

use std::fs;

use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection, Row};

use crate::{DatabaseServer, Folder};

/// All that the database of a folder holds: the bytes of the SQLite file and its log, or every value of every table on a server.
///
/// # Panics
/// When it cannot be read.
pub async fn dump(folder: &Folder) -> Vec<u8> {
    let url = folder.database_url();
    let rows = match folder.target().database {
        None => {
            let file = fs::read(folder.file("users.db")).expect("the database is a file");
            // The log goes when its last connection closes.
            return [file, fs::read(folder.file("users.db-wal")).unwrap_or_default()].concat();
        }
        Some(DatabaseServer::Postgres) => postgres(&url).await,
        Some(DatabaseServer::MariaDb) => mariadb(&url).await,
    };
    rows.expect("the tables can be read").join(&b'\n')
}

async fn postgres(url: &str) -> sqlx::Result<Vec<Vec<u8>>> {
    let mut connection = PgConnection::connect(url).await?;
    let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()";
    let mut rows = Vec::new();
    for table in sqlx::query_scalar::<_, String>(tables).fetch_all(&mut connection).await? {
        let values = AssertSqlSafe(format!("SELECT t::text FROM {table} t"));
        let texts = sqlx::query_scalar::<_, String>(values).fetch_all(&mut connection).await?;
        rows.extend(texts.into_iter().map(String::into_bytes));
    }
    Ok(rows)
}

async fn mariadb(url: &str) -> sqlx::Result<Vec<Vec<u8>>> {
    let mut connection = MySqlConnection::connect(url).await?;
    let columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()";
    let mut rows = Vec::new();
    for column in sqlx::query(columns).fetch_all(&mut connection).await? {
        let (table, name): (String, String) = (column.try_get(0)?, column.try_get(1)?);
        let values = AssertSqlSafe(format!("SELECT CAST(`{name}` AS BINARY) FROM {table} WHERE `{name}` IS NOT NULL"));
        rows.extend(sqlx::query_scalar::<_, Vec<u8>>(values).fetch_all(&mut connection).await?);
    }
    Ok(rows)
}
