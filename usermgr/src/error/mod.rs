//! Why something did not happen: one enum per operation, each ending in [`Fault`], which is never the caller's mistake; and what
//! hooks say when they refuse or fail.

mod code;
mod hook;
pub(crate) mod operation;
mod pending_login;

use std::{error::Error, time::Duration};

use crate::{config_error::ConfigError, password::HashError, seal::SealError, store::StoreError, token::SigningFailed};

pub use code::{Cause, Code, Coded};
pub use hook::{HookError, HookFuture, Rejection};
pub(crate) use operation::{Recognise, operation_errors};
pub use pending_login::{OfferedFactor, PendingLogin};

/// Something other than the caller's request is wrong. It is answered with 503, with 429 for [`Limited`](Self::Limited), with 401 or 403
/// for a [right that is lost](Self::RightLost), or with 500 where waiting does not help; never with "not found" or "allowed".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too many passwords are being hashed.
    #[error("overloaded; try again in {} s", retry_after.as_secs())]
    Overloaded {
        /// When to try again, in whole seconds.
        retry_after: Duration,
    },
    /// Too many attempts have failed, or too many mails or accounts were asked for.
    #[error("too many attempts; try again in {} s", retry_after.as_secs())]
    Limited {
        /// When to try again, in whole seconds.
        retry_after: Duration,
    },
    /// The row changed again and again while it was being changed.
    #[error("the user is being changed by too many at once")]
    Busy,
    /// Whoever asks had the right to it when they were let in, and has lost it since. Nothing was written.
    #[error(transparent)]
    RightLost(#[from] RightLost),
    /// An operation was called by the hook inside the transaction of another. It would wait for a connection or a lock that the
    /// transaction holds; it belongs before the transaction or after it.
    #[error("an operation cannot be called inside the transaction of another")]
    InsideTransaction,
    /// A setting of the manager cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A hook that decides whether the operation goes on failed, panicked or took too long. Nothing was written.
    #[error("the hook `{hook}` {failure}")]
    Hook {
        /// Its name.
        hook: &'static str,
        /// How it failed.
        failure: HookFailure,
    },
    /// Hashing, signing or drawing random bytes failed.
    #[error("a cryptographic operation failed: {0}")]
    Crypto(#[source] Box<dyn Error + Send + Sync>),
}

impl From<HashError> for Fault {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Overloaded { retry_after } => Self::Overloaded { retry_after },
            HashError::Failed(error) => Self::Crypto(error),
        }
    }
}

impl From<SigningFailed> for Fault {
    fn from(error: SigningFailed) -> Self {
        Self::Crypto(error.into())
    }
}

impl From<SealError> for Fault {
    fn from(error: SealError) -> Self {
        Self::Crypto(error.into())
    }
}

impl From<getrandom::Error> for Fault {
    fn from(error: getrandom::Error) -> Self {
        Self::Crypto(error.into())
    }
}

/// Why somebody may not do any more what they were let in for: asked inside the transaction of each change, where the answer cannot be
/// out of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RightLost {
    /// The session has ended, or the user has another stamp by now, is not active any more or is gone. It is answered with 401.
    #[error("the session has ended")]
    Session,
    /// The user is no superuser any more. It is answered with 403.
    #[error("the user is no superuser any more")]
    Role,
}

/// How a hook failed to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HookFailure {
    /// It returned an error that is no answer.
    #[error("failed")]
    Failed,
    /// It panicked.
    #[error("panicked")]
    Panicked,
    /// It took longer than the engine allows.
    #[error("took too long")]
    TimedOut,
}
