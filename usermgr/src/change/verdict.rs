//! The meaning of an error from the hook inside a transaction: a refusal, an aborted transaction, an outage, or a
//! failure of the application.

use std::error::Error;

use crate::{
    error::{HookError, Rejection},
    store::StoreError,
};

/// The meaning of the hook's error.
pub(super) enum Judged {
    /// A refusal.
    Rejected(Rejection),
    /// The store aborted the transaction in favor of another one.
    GivenUp,
    /// The database itself failed.
    Outage(Box<dyn Error + Send + Sync>),
    /// Any other failure, including a violated constraint of the application's own tables, which is not a conflict of
    /// the library's tables.
    Failed(HookError),
}

pub(super) fn judge(error: HookError) -> Judged {
    let error = match error.downcast::<Rejection>() {
        Ok(rejection) => return Judged::Rejected(rejection),
        Err(error) => error,
    };
    match verdict(error.source()) {
        Some(Verdict::GivenUp) => Judged::GivenUp,
        Some(Verdict::Outage) => Judged::Outage(error.into_source()),
        Some(Verdict::Refused) | None => Judged::Failed(error),
    }
}

/// The meaning of an error of a database or a store.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    /// The transaction was aborted and can be tried again.
    GivenUp,
    /// The database failed or cannot be reached.
    Outage,
    /// The database refused the statement.
    Refused,
}

/// Returns the meaning of the innermost known error. A store's own error counts if it has no database error behind it.
pub(super) fn verdict(error: &(dyn Error + 'static)) -> Option<Verdict> {
    let (mut cause, mut said) = (Some(error), None);
    while let Some(link) = cause {
        #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
        if let Some(verdict) = verdict_of_database(link) {
            return Some(verdict);
        }
        said = match link.downcast_ref::<StoreError>() {
            Some(StoreError::Stale) => Some(Verdict::GivenUp),
            Some(StoreError::Conflict | StoreError::InvalidProfile(_) | StoreError::UnreadableProfile { .. }) => {
                Some(Verdict::Refused)
            }
            Some(StoreError::Backend(_)) => Some(Verdict::Outage),
            None => said,
        };
        cause = link.source();
    }
    said
}

/// `anyhow::Error` hides the sqlx error that it was made from, but not the database error behind that.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
fn verdict_of_database(error: &(dyn Error + 'static)) -> Option<Verdict> {
    use crate::sql::{fails, gives_up, is_given_up, is_outage};
    let (given_up, outage) = match error.downcast_ref::<sqlx::Error>() {
        Some(error) => (is_given_up(error), is_outage(error)),
        None => {
            let cause = &**error.downcast_ref::<Box<dyn sqlx::error::DatabaseError>>()?;
            (gives_up(cause), fails(cause))
        }
    };
    Some(match () {
        () if given_up => Verdict::GivenUp,
        () if outage => Verdict::Outage,
        () => Verdict::Refused,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_a_database_is_found_behind_others() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] StoreError);

        assert!(matches!(judge(Rejection::new("NO").into()), Judged::Rejected(_)));
        assert!(matches!(judge(StoreError::Stale.into()), Judged::GivenUp));
        assert!(matches!(judge(Outer(StoreError::Stale).into()), Judged::GivenUp));
        assert!(matches!(judge(StoreError::backend("away").into()), Judged::Outage(_)));
        // A conflict in the application's own table is not a taken address.
        assert!(matches!(judge(StoreError::Conflict.into()), Judged::Failed(_)));
        assert!(matches!(judge(HookError::new("broken")), Judged::Failed(_)));
    }
}
