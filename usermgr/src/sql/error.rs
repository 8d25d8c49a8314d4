//! The conversion of database errors to store errors.

use std::fmt::Display;

use sqlx::error::{DatabaseError, ErrorKind};
#[cfg(feature = "mysql")]
use sqlx::mysql::MySqlDatabaseError;

use super::value::Kind;
use crate::StoreError;

/// Errors with a clearer message than the database's own. The id of the row is the only stored value that a message
/// repeats.
#[derive(Debug, thiserror::Error)]
pub(super) enum SqlError {
    #[error("cannot open the database {name}: {reason}")]
    Open { name: String, reason: String },
    #[error("the {what} of the user {id} cannot be read ({reason}); correct or delete that row")]
    Unreadable { what: &'static str, id: String, reason: String },
    #[error("the store is for ids of type {}, but the database was made with ids of type {}", expected.name(), found.name())]
    OtherIds { expected: Kind, found: Kind },
    #[error(
        "the tables of the database were made by a later version of usermgr (migration {version}), which needs one with \
         migration {oldest} at least; this one has {last}"
    )]
    Later { version: i64, oldest: i64, last: i64 },
    #[error("migration {0} of the database differs from that of this version of usermgr")]
    Altered(i64),
    #[error(
        "the tables of the database were made by a version of usermgr before its first release, which this one cannot read; \
         begin with an empty database, or another table prefix, and move the accounts"
    )]
    OfBefore,
    #[error(
        "the tables `{tables}` of the database are not up to date: these migrations are missing: {missing}; migrate them with an \
         account that may create tables"
    )]
    NotMigrated { tables: String, missing: String },
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    #[error("another process has been migrating the database for a minute")]
    OthersMigrate,
    #[cfg(feature = "postgres")]
    #[error(
        "a pooler in front of the database pools by transaction and loses prepared statements ({0}); use PgBouncer 1.21 or later \
         with `max_prepared_statements` above 0, or `pool_mode = session`"
    )]
    LosesStatements(String),
    #[cfg(feature = "postgres")]
    #[error(
        "a pooler in front of the database pools by statement and allows no transactions ({0}); set `pool_mode = transaction` or \
         `session`"
    )]
    PoolsStatements(sqlx::Error),
    #[error(
        "the table prefix `{0}` is invalid: use 1 to 32 lower-case letters, digits and underscores, beginning with a letter"
    )]
    Prefix(String),
}

impl From<SqlError> for StoreError {
    fn from(error: SqlError) -> Self {
        Self::backend(error)
    }
}

/// Why opening a database ended: a statement failed, or what was found is refused.
pub(super) enum Ended {
    Failed(sqlx::Error),
    Refused(StoreError),
}

impl From<sqlx::Error> for Ended {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<SqlError> for Ended {
    fn from(error: SqlError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<Ended> for StoreError {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Failed(error) => failed(error),
            Ended::Refused(error) => error,
        }
    }
}

/// Returns the error for a database that cannot be opened. The name contains no password.
pub(super) fn open(name: impl Display, reason: impl Display) -> StoreError {
    SqlError::Open { name: name.to_string(), reason: reason.to_string() }.into()
}

/// Converts an error of reading, deleting or committing. A violated constraint here belongs to one of the application's
/// own tables.
pub(super) fn failed(error: sqlx::Error) -> StoreError {
    if is_given_up(&error) { StoreError::Stale } else { StoreError::backend(error) }
}

/// Converts the error of a look-up by a text from outside. A text that the database cannot store matches no row.
pub(super) fn looked_up<T: Default>(outcome: Result<T, sqlx::Error>) -> Result<T, StoreError> {
    match outcome {
        // PostgreSQL's `character_not_in_repertoire`: it cannot store U+0000.
        Err(error) if has_code(&error, &["22021"]) => Ok(T::default()),
        outcome => outcome.map_err(failed),
    }
}

/// Returns whether the database aborted a transaction in favor of another one: a deadlock, a serialization conflict or
/// a lock timeout. A retry may succeed.
pub(crate) fn is_given_up(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(gives_up)
}

/// Decides the same by the database's error code.
pub(crate) fn gives_up(cause: &(dyn DatabaseError + 'static)) -> bool {
    #[cfg(feature = "mysql")]
    if let Some(cause) = cause.try_downcast_ref::<MySqlDatabaseError>() {
        return match cause.number() {
            // A failed commit has its reason only in the text: 149 is the storage engine's deadlock.
            1180 => cause.message().contains("error 149"),
            // Lock wait timeout, deadlock, record changed since last read, and a conflict between members of a
            // replication group.
            number => [1205, 1213, 1020, 3101].contains(&number),
        };
    }
    // PostgreSQL's `serialization_failure`, `deadlock_detected` and `lock_not_available`. SQLite's codes are shorter.
    is_one_of(cause, &["40001", "40P01", "55P03"])
}

/// Returns whether the database gave one of these codes.
pub(super) fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    error.as_database_error().is_some_and(|cause| is_one_of(cause, codes))
}

fn is_one_of(cause: &(dyn DatabaseError + 'static), codes: &[&str]) -> bool {
    cause.code().is_some_and(|code| codes.contains(&&*code))
}

/// Converts the error of writing a row, which may exist already.
pub(super) fn refused(error: sqlx::Error) -> StoreError {
    if error.as_database_error().is_some_and(|cause| cause.is_unique_violation()) {
        return StoreError::Conflict;
    }
    failed(error)
}

/// Converts the error of writing a row that belongs to a user. The row may exist already, or the user may have been
/// deleted. Here `Stale` means only the latter.
pub(super) fn orphaned(error: sqlx::Error) -> StoreError {
    match error.as_database_error().map(DatabaseError::kind) {
        // The id is NULL if the user was selected and does not exist.
        Some(ErrorKind::ForeignKeyViolation | ErrorKind::NotNullViolation) => StoreError::Stale,
        Some(ErrorKind::UniqueViolation) => StoreError::Conflict,
        _ => StoreError::backend(error),
    }
}
