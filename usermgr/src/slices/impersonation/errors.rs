//! The errors of acting as a user.

use crate::error::{Cause, Code, Fault, operation_errors};

/// Why an administrator did not get a session in which they act as a user.
///
/// ```
/// use usermgr::{Code, error::{Cause, Coded}, impersonation::ImpersonateError};
/// assert!(matches!(ImpersonateError::Forbidden.cause(), Cause::Code(Code::ImpersonateForbidden)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImpersonateError {
    /// There is no such user.
    #[error("there is no such user")]
    NotFound,
    /// The engine does not have the part [`Impersonation`](crate::impersonation::Impersonation).
    #[error("the engine lets no one act as a user")]
    NotInstalled,
    /// The user is a superuser, such as the administrator, or the account of a program.
    #[error("no one can act as this user")]
    Forbidden,
    /// The user is not active.
    #[error("the user is not active")]
    Inactive,
    /// The administrator has not logged in recently.
    #[error("a fresh login is needed")]
    ReauthenticationRequired,
    /// The administrator has a second factor, and it was not proved in their session.
    #[error("a second factor must be proved first")]
    SecondFactorRequired,
    /// The sessions of the administrator's backend [do not keep](crate::session::Strategy::keeps_actors) who acts in them.
    #[error("the backend has no sessions in which an administrator can act as a user")]
    UnsupportedBackend,
    /// A fault, which the caller has not caused. [`Fault::RightLost`] if the administrator is the application itself, which
    /// has no session, or has lost the right.
    #[error(transparent)]
    Fault(#[from] Fault),
}

operation_errors! {
    ImpersonateError {
        NotFound => Cause::NotFound,
        NotInstalled => Cause::NotFound,
        Forbidden => Cause::Code(Code::ImpersonateForbidden),
        Inactive => Cause::Code(Code::UserInactive),
        ReauthenticationRequired => Cause::Code(Code::ReauthenticationRequired),
        SecondFactorRequired => Cause::Code(Code::SecondFactorRequired),
        UnsupportedBackend => Cause::NotFound,
    }
}
