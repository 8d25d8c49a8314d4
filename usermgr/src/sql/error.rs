//! How the errors of a database become those of a store.

use std::path::Path;

use super::id::Kind;
use crate::StoreError;

/// What can be said better than the database does. No message repeats a stored value but the id of the row.
#[derive(Debug, thiserror::Error)]
pub(super) enum SqlError {
    #[error("cannot open the database {path}: {reason}")]
    Open { path: String, reason: String },
    #[error("the {what} of the user {id} cannot be read ({reason}); correct or delete that row")]
    Unreadable { what: &'static str, id: String, reason: String },
    #[error("the id of a user cannot be read; the store is for ids of type {}", expected.name())]
    UnreadableId { expected: Kind },
    #[error("the store is for ids of type {}, but the database was made with ids of type {}", expected.name(), found.name())]
    OtherIds { expected: Kind, found: Kind },
    #[error("the tables of the database were made by a later version of usermgr (migration {0})")]
    Later(i64),
    #[error("the tables of the database were not made by usermgr as it is: migration {0} is another one")]
    Altered(i64),
}

impl From<SqlError> for StoreError {
    fn from(error: SqlError) -> Self {
        Self::backend(error)
    }
}

/// Opening went wrong.
pub(super) fn open(path: &Path, reason: impl ToString) -> StoreError {
    SqlError::Open { path: path.display().to_string(), reason: reason.to_string() }.into()
}

/// Reading, deleting or committing went wrong. A constraint that speaks here is one of the application's own tables.
pub(super) fn failed(error: sqlx::Error) -> StoreError {
    StoreError::backend(error)
}

/// Writing a row went wrong: perhaps it is there already.
pub(super) fn refused(error: sqlx::Error) -> StoreError {
    if error.as_database_error().is_some_and(|cause| cause.is_unique_violation()) {
        return StoreError::Conflict;
    }
    failed(error)
}

/// Writing a row that belongs to a user went wrong: perhaps it is there already, perhaps the user is gone.
pub(super) fn orphaned(error: sqlx::Error) -> StoreError {
    if error.as_database_error().is_some_and(|cause| cause.is_foreign_key_violation()) {
        return StoreError::Stale;
    }
    refused(error)
}
