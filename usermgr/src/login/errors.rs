//! Why nobody is logged in.

use crate::error::{Cause, Code, Fault, PendingLogin, Rejection, operation_errors};

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

operation_errors! {
    LoginError {
        BadCredentials => Cause::Code(Code::LoginBadCredentials),
        NotVerified => Cause::Code(Code::LoginUserNotVerified),
        SecondFactorRequired(pending) => Cause::SecondFactorRequired(pending),
        BadSecondFactor => Cause::Code(Code::LoginBadSecondFactor),
        NotPending => Cause::Code(Code::LoginNotPending),
        Rejected(rejection) => Cause::Rejection(rejection),
        UnknownBackend => Cause::NotFound,
    }
}
