//! Why an address was not changed.

use crate::error::{Cause, Code, Fault, Rejection, operation_errors};

/// Why an address was not changed, or no mail asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeEmailError {
    /// The token is forged, expired, used, of another purpose, or its user is gone or not active.
    #[error("the token is not valid")]
    InvalidToken,
    /// Somebody has the new address.
    #[error("a user with this e-mail address exists already")]
    AlreadyExists,
    /// A new address needs a fresh login.
    #[error("a recent login is needed")]
    ReauthenticationRequired,
    /// The user is gone or not active.
    #[error("there is no such active user")]
    Inactive,
    /// `on_before_update` or `on_before_commit` said no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Not the caller's fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

operation_errors! {
    ChangeEmailError {
        InvalidToken => Cause::Code(Code::ChangeEmailBadToken),
        AlreadyExists => Cause::Code(Code::UpdateUserEmailAlreadyExists),
        ReauthenticationRequired => Cause::Code(Code::ReauthenticationRequired),
        Inactive => Cause::NotFound,
        Rejected(rejection) => Cause::Rejection(rejection),
    }
}
