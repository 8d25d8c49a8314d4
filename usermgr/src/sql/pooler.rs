//! The detection of a pooler in front of PostgreSQL that breaks what the library does over a connection. Without it,
//! the statement of another process could run in place of ours.

use sqlx::{Connection as _, PgConnection, Pool, Postgres, SqlStr, postgres::PgConnectOptions, query_scalar};

use super::{
    dialect::Own,
    error::{Ended, SqlError, failed, has_code},
    server::PATIENCE,
};
use crate::StoreError;

/// No other statement of the library has so many values. If the pooler runs another one in its place, the server refuses
/// the values.
const STATEMENT: &str = "SELECT $1::bigint + $2::bigint + $3::bigint + $4::bigint + $5::bigint + $6::bigint + $7::bigint + $8::bigint + \
     $9::bigint + $10::bigint + $11::bigint + $12::bigint + $13::bigint + $14::bigint + $15::bigint + $16::bigint";
const VALUES: i64 = 16;
/// What it returns for the numbers from 1 on.
const SUM: i64 = VALUES * (VALUES + 1) / 2;
/// How often each connection runs the statement.
const ROUNDS: usize = 3;

/// Checks over two connections of their own that each keeps what it has prepared, and that it may begin a transaction. A
/// pooler gives both the same connection to the server, on which their prepared statements have the same name. The whole
/// takes no longer than a caller waits for a connection.
pub(super) async fn check(pool: &Pool<Postgres>) -> Result<(), StoreError> {
    let options = pool.connect_options();
    match tokio::time::timeout(PATIENCE, probe(&options)).await {
        // If there is no room for another connection, there is nothing to compare with.
        Ok(Err(Ended::Failed(error))) if has_code(&error, &["53300"]) => Ok(()),
        Ok(outcome) => Ok(outcome?),
        Err(_) => Err(failed(sqlx::Error::PoolTimedOut)),
    }
}

async fn probe(options: &PgConnectOptions) -> Result<(), Ended> {
    let mut both = [PgConnection::connect_with(options).await?, PgConnection::connect_with(options).await?];
    for connection in &mut both {
        match connection.begin_with(SqlStr::from_static(Postgres::BEGIN)).await {
            Ok(tx) => tx.rollback().await?,
            Err(error) if has_code(&error, &["08P01"]) => return Err(SqlError::PoolsStatements(error).into()),
            Err(error) => return Err(error.into()),
        }
    }
    for _ in 0..ROUNDS {
        for connection in &mut both {
            let query = (1..=VALUES).fold(query_scalar(STATEMENT), |query, value| query.bind(value));
            match query.fetch_one(connection).await {
                Ok(SUM) => {}
                Ok(_) => return Err(SqlError::LosesStatements("another statement ran".to_owned()).into()),
                Err(error @ (sqlx::Error::Io(_) | sqlx::Error::Tls(_))) => return Err(error.into()),
                Err(error) => return Err(SqlError::LosesStatements(error.to_string()).into()),
            }
        }
    }
    for connection in both {
        connection.close().await?;
    }
    Ok(())
}
