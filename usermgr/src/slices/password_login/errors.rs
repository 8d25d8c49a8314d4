//! Why a password was not changed. What a login says is [`LoginError`](crate::LoginError), whatever it was proved by.

use crate::{
    error::{Cause, Code, Fault, Rejection, operation_errors},
    password::InvalidPassword,
};

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangePasswordError {
    /// The current password is another.
    #[error("the current password is not right")]
    WrongPassword,
    /// The policy refuses the new password.
    #[error(transparent)]
    InvalidPassword(#[from] InvalidPassword),
    /// The user is gone.
    #[error("there is no such user")]
    NotFound,
    /// `on_before_commit` said no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Not the caller's fault.
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
