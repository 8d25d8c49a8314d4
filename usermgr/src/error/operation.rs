//! The errors of the operations. A client is told of each by the table of codes.

use std::error::Error;

use super::{Fault, PendingLogin, Rejection};
use crate::{
    password::{HashError, InvalidPassword},
    store::StoreError,
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

/// Why nobody is logged in.
///
/// ```
/// use usermgr::{LoginError, prelude::*};
///
/// # async fn example(accounts: impl UserManager<Store = MemoryStore>, typed: Credentials) {
/// match accounts.login(typed, "bearer", &Context::default()).await {
///     Ok(login) => println!("hello, {}", login.user.email),
///     Err(LoginError::NotVerified) => println!("open the link in our mail first"),
///     Err(LoginError::SecondFactorRequired(pending)) => println!("and now one of {:?}", pending.factors),
///     Err(error) => println!("{error}"),
/// }
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// No such account, a wrong password, no password, or an inactive account: they are not told apart.
    #[error("the credentials are not valid")]
    BadCredentials,
    /// The password is right, but the address must be verified first.
    #[error("the e-mail address is not verified")]
    NotVerified,
    /// The first step was right, and the user has a second factor: nobody is logged in until it is proved too, by
    /// [`finish_login`](crate::Operations::finish_login).
    #[error("a second factor is needed")]
    SecondFactorRequired(PendingLogin),
    /// The answer to the second factor is wrong.
    #[error("the second factor is not valid")]
    BadSecondFactor,
    /// There is no such pending login: it is forged, has expired, was finished, or was answered wrongly too often; or it belongs to
    /// another backend, or to a user who was deactivated or has another stamp by now.
    #[error("the login is not pending")]
    NotPending,
    /// `on_before_login` said no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The engine has no backend of this name, or logins do not go through it.
    #[error("there is no such backend")]
    UnknownBackend,
    /// Not the caller's fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why an address was not verified, or no mail asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The token is forged, expired, of another purpose, for another address, or its user is gone.
    #[error("the token is not valid")]
    InvalidToken,
    /// There is nothing to verify.
    #[error("the user is verified already")]
    AlreadyVerified,
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

/// Why a user was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The new address is none.
    #[error("the e-mail address is not valid: {0}")]
    InvalidEmail(#[from] InvalidEmail),
    /// Somebody else has the new address.
    #[error("a user with this e-mail address exists already")]
    EmailAlreadyExists,
    /// The policy refuses the new password.
    #[error(transparent)]
    InvalidPassword(#[from] InvalidPassword),
    /// The profile could not be read back from the store.
    #[error(transparent)]
    InvalidProfile(#[from] InvalidProfile),
    /// A new address or password needs a fresh login or the current password.
    #[error("a recent login or the current password is needed")]
    ReauthenticationRequired,
    /// A superuser may not choose the password of another user.
    #[error("only the users themselves may choose their password")]
    PasswordForbidden,
    /// A superuser who may not choose the password of another user may not choose their address either: a password can be set by mail.
    #[error("only the users themselves may choose their address")]
    EmailForbidden,
    /// There must be an active superuser left.
    #[error("this is the last active superuser")]
    LastSuperuser,
    /// `on_before_update` or `on_before_commit` said no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The user is gone.
    #[error("there is no such user")]
    NotFound,
    /// Not the caller's fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a user was not deleted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeleteError {
    /// There must be an active superuser left.
    #[error("this is the last active superuser")]
    LastSuperuser,
    /// `on_before_delete` or `on_before_commit` said no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The user is gone.
    #[error("there is no such user")]
    NotFound,
    /// Not the caller's fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a session was not ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// It is not there, has ended, or is somebody else's; or the user is gone.
    #[error("there is no such session")]
    NotFound,
    /// Not the caller's fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why there are no new tokens.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// The token is forged or was used, or its session has ended; or the user is gone or not active. They are not told apart.
    #[error("the token is not valid")]
    InvalidToken,
    /// The engine has no backend of this name, or its strategy has no refresh tokens.
    #[error("there is no such backend with refresh tokens")]
    UnknownBackend,
    /// Not the caller's fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What a store or a hasher says is a fault in every operation; everything else is a refusal.
macro_rules! faults {
    ($($error:ident),* $(,)?) => {$(
        impl From<StoreError> for $error {
            fn from(error: StoreError) -> Self {
                Self::Fault(error.into())
            }
        }

        impl From<HashError> for $error {
            fn from(error: HashError) -> Self {
                Self::Fault(error.into())
            }
        }
    )*

        /// Whether an error, or what it came of, is an operation's refusal, which it would repeat.
        pub(crate) fn is_refusal(error: &(dyn Error + 'static)) -> bool {
            let mut cause = Some(error);
            while let Some(link) = cause {
                $(if let Some(error) = link.downcast_ref::<$error>() {
                    return !matches!(error, $error::Fault(_));
                })*
                cause = link.source();
            }
            false
        }
    };
}

faults!(
    RegisterError,
    LoginError,
    VerifyError,
    ResetError,
    ChangePasswordError,
    ChangeEmailError,
    UpdateError,
    DeleteError,
    SessionError,
    RefreshError,
);
