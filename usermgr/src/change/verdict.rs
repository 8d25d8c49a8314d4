//! What an error says that comes out of the hook inside a transaction: a no, a transaction that was given up, an outage, or a failure of
//! the application's own.

use std::error::Error;

use crate::{
    error::{HookError, Rejection},
    store::StoreError,
};

/// What an error of the hook says.
pub(super) enum Judged {
    /// No.
    Rejected(Rejection),
    /// The store gave the transaction up for another's sake.
    GivenUp,
    /// The database itself failed.
    Outage(Box<dyn Error + Send + Sync>),
    /// Something else: a constraint of the application's own tables among it, which says nothing about ours.
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

/// What a database or a store says by an error.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    /// The transaction can be tried again.
    GivenUp,
    /// It failed, or could not be reached.
    Outage,
    /// What it was asked cannot be.
    Refused,
}

/// What the innermost error that is known says: a store's own word counts where no database is behind it.
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

/// `anyhow::Error` hides the error of sqlx that it was made of, but not what the database had said to that.
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
        // The application's own table, not an address that is taken.
        assert!(matches!(judge(StoreError::Conflict.into()), Judged::Failed(_)));
        assert!(matches!(judge(HookError::new("broken")), Judged::Failed(_)));
    }
}
