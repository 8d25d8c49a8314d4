//! The errors of a registration.

use crate::{
    error::{Cause, Code, Fault, Rejection, operation_errors},
    password::InvalidPassword,
    user::{InvalidEmail, InvalidProfile, InvalidUsername},
};

/// Why a user was not registered or created.
///
/// ```
/// use usermgr::RegisterError;
///
/// fn message(error: &RegisterError) -> String {
///     match error {
///         RegisterError::AlreadyExists => "you already have an account".into(),
///         RegisterError::Fault(_) => "try again later".into(),
///         error => error.to_string(),
///     }
/// }
/// assert_eq!(message(&RegisterError::AlreadyExists), "you already have an account");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// The address is invalid.
    #[error("the e-mail address is not valid: {0}")]
    InvalidEmail(#[from] InvalidEmail),
    /// The user name is not allowed.
    #[error(transparent)]
    InvalidUsername(#[from] InvalidUsername),
    /// The policy refuses the password.
    #[error(transparent)]
    InvalidPassword(#[from] InvalidPassword),
    /// The profile cannot be read back from the store.
    #[error(transparent)]
    InvalidProfile(#[from] InvalidProfile),
    /// Another user has the address, in any case.
    #[error("a user with this e-mail address already exists")]
    AlreadyExists,
    /// No one can register themselves, because the engine has a [closed
    /// registration](crate::engine::EngineBuilder::closed_registration).
    #[error("the registration is closed")]
    Closed,
    /// Another user has the user name, in any case.
    #[error("a user with this user name already exists")]
    UsernameAlreadyExists,
    /// `on_before_register` or `on_before_commit` refused.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A fault, which the caller has not caused.
    #[error(transparent)]
    Fault(#[from] Fault),
}

operation_errors! {
    RegisterError {
        InvalidEmail(error) => Cause::InvalidEmail(*error),
        InvalidUsername(error) => Cause::Username(Code::RegisterInvalidUsername, error),
        InvalidPassword(error) => Cause::Password(Code::RegisterInvalidPassword, error),
        InvalidProfile(error) => Cause::InvalidProfile(error),
        AlreadyExists => Cause::Code(Code::RegisterUserAlreadyExists),
        Closed => Cause::Code(Code::RegisterClosed),
        UsernameAlreadyExists => Cause::Code(Code::RegisterUsernameAlreadyExists),
        Rejected(rejection) => Cause::Rejection(rejection),
    }
}
