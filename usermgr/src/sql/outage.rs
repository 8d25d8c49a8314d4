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
/// table, locks, read-only, killed, time limits of statements.
#[cfg(feature = "mysql")]
const MYSQL: [u16; 24] = [
    1015, 1021, 1026, 1030, 1037, 1040, 1041, 1053, 1114, 1194, 1195, 1203, 1205, 1206, 1213, 1226, 1290, 1317, 1792,
    1836, 1927, 1969, 3024, 3100,
];

/// PostgreSQL's states after which a connection is of no use: read-only, and inside a transaction that has failed.
/// MariaDB and MySQL report a read-only session by the same state. Then the classes of lost connections, and the
/// server's announcements that it shuts down.
const SPENT: [&str; 4] = [READ_ONLY, "25P02", "08", "57P"];
/// SQLite's primary codes: read-only, and input or output. The file may have been replaced.
const SPENT_SQLITE: [u32; 2] = [8, 10];
/// MariaDB's and MySQL's numbers: shutdown, read-only by an option, killed, read-only.
#[cfg(feature = "mysql")]
const SPENT_MYSQL: [u16; 4] = [1053, 1290, 1836, 1927];

/// Returns whether the connection cannot be used any further, but another one may. After a failover, the connections to
/// the old server stay read-only for as long as they are kept.
pub(crate) fn is_spent(error: &Error) -> bool {
    match error {
        Error::Database(cause) => spends(&**cause),
        error => is_broken(error),
    }
}

/// Returns whether the connection itself failed.
fn is_broken(error: &Error) -> bool {
    matches!(
        error,
        Error::Io(_)
            | Error::Tls(_)
            | Error::Protocol(_)
            | Error::WorkerCrashed
            | Error::BeginFailed
            | Error::InvalidSavePointStatement
    )
}

fn spends(cause: &(dyn DatabaseError + 'static)) -> bool {
    #[cfg(feature = "mysql")]
    if let Some(cause) = cause.try_downcast_ref::<MySqlDatabaseError>()
        && SPENT_MYSQL.contains(&cause.number())
    {
        return true;
    }
    cause.code().is_some_and(|code| match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => SPENT_SQLITE.contains(&(number & 0xff)),
        _ => SPENT.iter().any(|state| code.starts_with(state)),
    })
}

/// Returns whether the database could not be reached or could not work. A refused constraint, statement or value is not
/// an outage.
pub(crate) fn is_outage(error: &Error) -> bool {
    match error {
        Error::Database(cause) => fails(&**cause),
        Error::PoolTimedOut | Error::PoolClosed => true,
        error => is_broken(error),
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
