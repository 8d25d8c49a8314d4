//! The errors of changing and deleting an account.

use crate::{
    error::{Cause, Code, Fault, Rejection, operation_errors},
    password::InvalidPassword,
    user::{InvalidEmail, InvalidProfile, InvalidUsername},
};

/// Why a user was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The new address is invalid.
    #[error("the e-mail address is not valid: {0}")]
    InvalidEmail(#[from] InvalidEmail),
    /// Another user has the new address.
    #[error("a user with this e-mail address already exists")]
    EmailAlreadyExists,
    /// The new user name is not allowed.
    #[error(transparent)]
    InvalidUsername(#[from] InvalidUsername),
    /// Another user has the new user name.
    #[error("a user with this user name already exists")]
    UsernameAlreadyExists,
    /// The policy refuses the new password.
    #[error(transparent)]
    InvalidPassword(#[from] InvalidPassword),
    /// The profile cannot be read back from the store.
    #[error(transparent)]
    InvalidProfile(#[from] InvalidProfile),
    /// A new address, user name or password needs a fresh login or the current password.
    #[error("a recent login or the current password is needed")]
    ReauthenticationRequired,
    /// The user has a second factor, so a new address must be proved before the account gets it: use
    /// [`update_proving_email`](crate::Operations::update_proving_email). Otherwise a reset at an address of a thief would
    /// take the account over, with its factors.
    #[error("an account with a second factor gets a new address only after it is proved")]
    EmailProofRequired,
    /// A superuser may not choose the password of another user.
    #[error("a superuser may not choose the password of another user")]
    PasswordForbidden,
    /// A superuser who may not choose another user's password may not choose their address either, because a password
    /// can be reset by mail.
    #[error("a superuser may not choose the address of another user")]
    EmailForbidden,
    /// At least one active superuser must remain.
    #[error("this is the last active superuser")]
    LastSuperuser,
    /// `on_before_update` or `on_before_commit` refused.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The user was deleted.
    #[error("there is no such user")]
    NotFound,
    /// A fault, which the caller has not caused.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a user was not deleted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeleteError {
    /// At least one active superuser must remain.
    #[error("this is the last active superuser")]
    LastSuperuser,
    /// `on_before_delete` or `on_before_commit` refused.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The user was already deleted.
    #[error("there is no such user")]
    NotFound,
    /// A fault, which the caller has not caused.
    #[error(transparent)]
    Fault(#[from] Fault),
}

operation_errors! {
    UpdateError {
        InvalidEmail(error) => Cause::InvalidEmail(*error),
        EmailAlreadyExists => Cause::Code(Code::UpdateUserEmailAlreadyExists),
        InvalidUsername(error) => Cause::Username(Code::UpdateUserInvalidUsername, error),
        UsernameAlreadyExists => Cause::Code(Code::UpdateUserUsernameAlreadyExists),
        InvalidPassword(error) => Cause::Password(Code::UpdateUserInvalidPassword, error),
        InvalidProfile(error) => Cause::InvalidProfile(error),
        ReauthenticationRequired => Cause::Code(Code::ReauthenticationRequired),
        EmailProofRequired => Cause::Code(Code::ReauthenticationRequired),
        PasswordForbidden => Cause::Code(Code::UpdateUserPasswordForbidden),
        EmailForbidden => Cause::Code(Code::UpdateUserEmailForbidden),
        LastSuperuser => Cause::Code(Code::LastSuperuser),
        Rejected(rejection) => Cause::Rejection(rejection),
        NotFound => Cause::NotFound,
    }
    DeleteError {
        LastSuperuser => Cause::Code(Code::LastSuperuser),
        Rejected(rejection) => Cause::Rejection(rejection),
        NotFound => Cause::NotFound,
    }
}
