//! The errors of a change of address.

use crate::error::{Cause, Code, Fault, Rejection, operation_errors};

/// Why an address was not changed, or no mail was requested.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeEmailError {
    /// The token is forged, expired, used or for another purpose, or its user was deleted or is inactive.
    #[error("the token is not valid")]
    InvalidToken,
    /// Another user has the new address.
    #[error("a user with this e-mail address already exists")]
    AlreadyExists,
    /// A new address needs a fresh login.
    #[error("a recent login is needed")]
    ReauthenticationRequired,
    /// The user was deleted or is inactive.
    #[error("there is no such active user")]
    Inactive,
    /// `on_before_update` or `on_before_commit` refused.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A fault, which the caller has not caused.
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
