//! Why nobody was registered.

use crate::{
    error::{Cause, Code, Fault, Rejection, operation_errors},
    password::InvalidPassword,
    user::{InvalidEmail, InvalidProfile},
};

/// Why nobody was registered or created.
///
/// ```
/// use usermgr::RegisterError;
///
/// fn told(error: &RegisterError) -> String {
///     match error {
///         RegisterError::AlreadyExists => "you have an account already".into(),
///         RegisterError::Fault(_) => "try again later".into(),
///         error => error.to_string(),
///     }
/// }
/// assert_eq!(told(&RegisterError::AlreadyExists), "you have an account already");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// The address is none.
    #[error("the e-mail address is not valid: {0}")]
    InvalidEmail(#[from] InvalidEmail),
    /// The policy refuses the password.
    #[error(transparent)]
    InvalidPassword(#[from] InvalidPassword),
    /// The profile could not be read back from the store.
    #[error(transparent)]
    InvalidProfile(#[from] InvalidProfile),
    /// Somebody has the address, in whatever case.
    #[error("a user with this e-mail address exists already")]
    AlreadyExists,
    /// `on_before_register` or `on_before_commit` said no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Not the caller's fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

operation_errors! {
    RegisterError {
        InvalidEmail(error) => Cause::InvalidEmail(error.reason()),
        InvalidPassword(error) => Cause::Password(Code::RegisterInvalidPassword, error),
        InvalidProfile(error) => Cause::InvalidProfile(error),
        AlreadyExists => Cause::Code(Code::RegisterUserAlreadyExists),
        Rejected(rejection) => Cause::Rejection(rejection),
    }
}
