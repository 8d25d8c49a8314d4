//! The errors of a login.

use crate::error::{Cause, Code, Fault, PendingLogin, Rejection, operation_errors};

/// Why a user was not logged in.
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
    /// The account does not exist, is inactive or has no password, or the password or the passkey is wrong. The error
    /// does not distinguish these cases.
    #[error("the credentials are not valid")]
    BadCredentials,
    /// The password is right, but the address must be verified first.
    #[error("the e-mail address is not verified")]
    NotVerified,
    /// The first step was right, and the user has a second factor. The login is complete only after
    /// [`finish_login`](crate::Operations::finish_login).
    #[error("a second factor is needed")]
    SecondFactorRequired(PendingLogin),
    /// The answer to the second factor is wrong.
    #[error("the second factor is not valid")]
    BadSecondFactor,
    /// The pending login is forged, expired, finished, or was answered wrongly too often. Or it belongs to another
    /// backend, or to a user who is inactive or has a new stamp. The same holds for the challenge of a passkey.
    #[error("the login is not pending: log in again")]
    NotPending,
    /// The link of a mail is forged, expired, used or for another purpose, or its user was deleted, is inactive, or has
    /// another address or a new stamp.
    #[error("the link is not valid")]
    BadToken,
    /// The code of a mail is wrong. Or its request is forged, expired, used, or was answered wrongly too often.
    #[error("the code is not valid")]
    BadCode,
    /// `on_before_login` refused.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The engine has no backend of this name, or the backend does not support logins.
    #[error("there is no such backend")]
    UnknownBackend,
    /// A fault, which the caller has not caused.
    #[error(transparent)]
    Fault(#[from] Fault),
}

operation_errors! {
    LoginError {
        BadCredentials => Cause::Code(Code::LoginBadCredentials),
        NotVerified => Cause::Code(Code::LoginUserNotVerified),
        SecondFactorRequired(pending) => Cause::SecondFactorRequired(pending),
        BadSecondFactor => Cause::Code(Code::LoginBadSecondFactor),
        NotPending => Cause::Code(Code::LoginNotPending),
        BadToken => Cause::Code(Code::LoginBadToken),
        BadCode => Cause::Code(Code::LoginBadCode),
        Rejected(rejection) => Cause::Rejection(rejection),
        UnknownBackend => Cause::NotFound,
    }
}
