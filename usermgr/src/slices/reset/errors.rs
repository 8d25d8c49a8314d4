//! Why a password was not reset.

use crate::{
    error::{Cause, Code, Fault, Rejection, operation_errors},
    password::InvalidPassword,
};

/// Why a password was not reset, or no mail asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResetError {
    /// The token is forged, expired, used, of another purpose, or its user is gone or not active.
    #[error("the token is not valid")]
    InvalidToken,
    /// The policy refuses the new password.
    #[error(transparent)]
    InvalidPassword(#[from] InvalidPassword),
    /// The account is not active.
    #[error("the user is not active")]
    Inactive,
    /// `on_before_commit` said no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Not the caller's fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

operation_errors! {
    ResetError {
        InvalidToken => Cause::Code(Code::ResetPasswordBadToken),
        InvalidPassword(error) => Cause::Password(Code::ResetPasswordInvalidPassword, error),
        Inactive => Cause::Code(Code::ResetPasswordBadToken),
        Rejected(rejection) => Cause::Rejection(rejection),
    }
}
