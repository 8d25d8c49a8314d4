//! Distinguishes a failure of the database, which may be retried, from an error of a statement.

#[cfg(feature = "mysql")]
use sqlx::mysql::MySqlDatabaseError;
use sqlx::{Error, error::DatabaseError};

/// PostgreSQL's classes of error codes (Appendix A): connection, resources, operator intervention, system, server
/// files, internal.
const POSTGRES: [&str; 6] = ["08", "53", "57", "58", "F0", "XX"];
/// PostgreSQL's `read_only_sql_transaction`: the server is read-only, for example after a failover.
const READ_ONLY: &str = "25006";
/// SQLite's primary codes: busy, locked, no memory, read-only, interrupted, input or output, corrupt, full, cannot
/// open, protocol, not a database.
const SQLITE: [u32; 11] = [5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26];
/// MariaDB's and MySQL's numbers: file errors, disk full, memory, connections, shutdown, engine, table full, crashed
/// table, locks, read-only, killed.
#[cfg(feature = "mysql")]
const MYSQL: [u16; 22] = [
    1015, 1021, 1026, 1030, 1037, 1040, 1041, 1053, 1114, 1194, 1195, 1203, 1205, 1206, 1213, 1226, 1290, 1317, 1836,
    1927, 3024, 3100,
];

/// Returns whether the database could not be reached or could not work. A refused constraint, statement or value is not
/// an outage.
pub(crate) fn is_outage(error: &Error) -> bool {
    match error {
        Error::Database(cause) => fails(&**cause),
        Error::Io(_)
        | Error::Tls(_)
        | Error::Protocol(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed
        | Error::BeginFailed => true,
        _ => false,
    }
}

/// Decides the same by the database's error code.
pub(crate) fn fails(cause: &(dyn DatabaseError + 'static)) -> bool {
    #[cfg(feature = "mysql")]
    if let Some(cause) = cause.try_downcast_ref::<MySqlDatabaseError>() {
        let connection = cause.code().is_some_and(|code| code.starts_with("08"));
        return connection || MYSQL.contains(&cause.number());
    }
    cause.code().is_some_and(|code| match code.parse::<u32>() {
        // SQLite's codes are numbers of up to four digits with the primary code in the lowest byte. PostgreSQL's codes
        // have five characters.
        Ok(number) if code.len() < 5 => SQLITE.contains(&(number & 0xff)),
        _ => code == READ_ONLY || POSTGRES.iter().any(|class| code.starts_with(class)),
    })
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_database_that_is_not_there_is_an_outage_and_a_row_that_is_not_there_is_none() {
        for error in [Error::Io(io::ErrorKind::ConnectionRefused.into()), Error::PoolTimedOut, Error::WorkerCrashed] {
            assert!(is_outage(&error), "{error}");
        }
        for error in [Error::RowNotFound, Error::ColumnNotFound("user_id".into())] {
            assert!(!is_outage(&error), "{error}");
        }
    }
}
