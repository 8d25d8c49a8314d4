//! The errors of a password change. The error of a login is [`LoginError`](crate::LoginError), independent of what was
//! proved.

use crate::{
    error::{Cause, Code, Fault, Rejection, operation_errors},
    password::InvalidPassword,
};

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangePasswordError {
    /// The current password is wrong.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The policy refuses the new password.
    #[error(transparent)]
    InvalidPassword(#[from] InvalidPassword),
    /// The user was deleted.
    #[error("there is no such user")]
    NotFound,
    /// `on_before_commit` refused.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A fault, which the caller has not caused.
    #[error(transparent)]
    Fault(#[from] Fault),
}

operation_errors! {
    ChangePasswordError {
        WrongPassword => Cause::Code(Code::ChangePasswordBadPassword),
        InvalidPassword(error) => Cause::Password(Code::ChangePasswordInvalidPassword, error),
        NotFound => Cause::NotFound,
        Rejected(rejection) => Cause::Rejection(rejection),
    }
}
