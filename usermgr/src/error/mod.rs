//! Why an operation was not carried out. There is one enum per operation. Each ends in [`Fault`], which is never the
//! caller's mistake. Hooks refuse or fail with [`Rejection`] and [`HookError`].

mod code;
mod hook;
pub(crate) mod operation;
pub(crate) mod outlook;
mod pending_login;
mod permission;

use std::{error::Error, time::Duration};

use crate::{config_error::ConfigError, password::HashError, seal::SealError, store::StoreError, token::SigningFailed};

pub use code::{Cause, Code, Coded};
pub use hook::{HookError, HookFuture, Rejection};
pub(crate) use operation::{Recognize, operation_errors};
pub use pending_login::{OfferedFactor, PendingLogin};
pub use permission::PermissionRequired;

/// The service cannot handle the request, and the request itself is not the cause. The status is 503, 429 for
/// [`Limited`](Self::Limited), 401 or 403 for a [lost right](Self::RightLost), or 500 if a retry does not help. A fault
/// never means "not found" or "allowed".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too many passwords are being hashed, or too much background work is waiting.
    #[error("overloaded; try again in {} s", retry_after.as_secs())]
    Overloaded {
        /// The time to wait before a retry, in whole seconds.
        retry_after: Duration,
    },
    /// Too many failed attempts, or too many requests for mails or accounts.
    #[error("too many attempts; try again in {} s", retry_after.as_secs())]
    Limited {
        /// The time to wait before a retry, in whole seconds.
        retry_after: Duration,
    },
    /// Concurrent writes changed the row at every try.
    #[error("too many concurrent changes of the user; try again later")]
    Busy,
    /// The caller had the right when the guard checked it, and has lost it since. Nothing was written.
    #[error(transparent)]
    RightLost(#[from] RightLost),
    /// The hook inside a transaction called an operation. The operation would wait for a connection or a lock that the
    /// transaction holds. Call it before or after the transaction.
    #[error("an operation cannot be called inside the transaction of another")]
    InsideTransaction,
    /// A setting of the manager is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A hook that decides whether the operation continues has failed, panicked or exceeded the time limit. Nothing was
    /// written.
    #[error("the hook `{hook}` {failure}")]
    Hook {
        /// The name of the hook.
        hook: &'static str,
        /// How it failed.
        failure: HookFailure,
    },
    /// A new password could not be checked against data breaches, and a [closed](crate::password::Breaches::closed) check
    /// does not accept it. Nothing was written. Contains the reason.
    #[error("the check for breached passwords failed: {0}")]
    BreachCheck(String),
    /// Hashing, signing or generating random bytes failed.
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

/// Why a caller has lost a right that the guard had confirmed, or lacks one that no guard has asked for. Each change checks
/// the right again inside its transaction, where the result cannot be out of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RightLost {
    /// The session has ended, or the user has a new stamp, is inactive or was deleted. The status is 401.
    #[error("the session has ended")]
    Session,
    /// The user is no longer a superuser. The status is 403.
    #[error("the user is no longer a superuser")]
    Role,
    /// An administrator acts as the user, and this only users themselves do. The status is 403, with the code
    /// [`ImpersonatedSession`](Code::ImpersonatedSession).
    #[error("an administrator who acts as a user cannot do this")]
    Impersonated,
}

/// How a deciding hook failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HookFailure {
    /// It returned an error that is not a refusal.
    #[error("failed")]
    Failed,
    /// It panicked.
    #[error("panicked")]
    Panicked,
    /// It exceeded the engine's time limit.
    #[error("took too long")]
    TimedOut,
}
