//! The errors of a password reset.

use crate::{
    error::{Cause, Code, Fault, Rejection, operation_errors},
    password::InvalidPassword,
};

/// Why a password was not reset, or no mail was requested.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResetError {
    /// The token is forged, expired, used or for another purpose, or its user was deleted or is inactive.
    #[error("the token is not valid")]
    InvalidToken,
    /// The policy refuses the new password.
    #[error(transparent)]
    InvalidPassword(#[from] InvalidPassword),
    /// The account is inactive.
    #[error("the user is not active")]
    Inactive,
    /// `on_before_commit` refused.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A fault, which the caller has not caused.
    #[error(transparent)]
    Fault(#[from] Fault),
}

operation_errors! {
    ResetError {
        InvalidToken => Cause::Code(Code::ResetPasswordBadToken),
        InvalidPassword(error) => Cause::Password(Code::ResetPasswordInvalidPassword, error),
        Inactive => Cause::Code(Code::UserInactive),
        Rejected(rejection) => Cause::Rejection(rejection),
    }
}
