//! The errors of sign-ins through other providers.

use std::time::Duration;

use crate::{
    error::{Cause, Code, Fault, Rejection, operation_errors},
    login::LoginError,
};

/// Why a user was not signed in through another provider, or an account there was not linked or unlinked.
///
/// ```
/// use usermgr::oauth::OAuthError;
///
/// fn message(error: &OAuthError) -> String {
///     match error {
///         OAuthError::AlreadyExists => "log in with your password, and link the account in your settings".into(),
///         OAuthError::LastLoginMethod => "set a password first".into(),
///         error => error.to_string(),
///     }
/// }
/// assert_eq!(message(&OAuthError::LastLoginMethod), "set a password first");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OAuthError {
    /// The engine has no provider of this name, or the user no such identity.
    #[error("there is no such provider or identity")]
    NotFound,
    /// The callback has no state of this server.
    #[error("the state is not valid")]
    ForgedState,
    /// The state is older than its lifetime.
    #[error("the sign-in took too long: begin again")]
    ExpiredState,
    /// The state belongs to another browser, provider, purpose or user, or was used before.
    #[error("the sign-in was not begun by this browser: begin again")]
    InvalidState,
    /// The one-time code of an application is wrong, used or too old, or its verifier is wrong.
    #[error("the code is wrong or was used: begin again")]
    InvalidCode,
    /// The user said no at the provider, or the provider did. Contains the provider's code.
    #[error("the provider has answered with an error")]
    Denied(Rejection),
    /// The provider's answer is not what it must be.
    #[error("the provider's answer is refused")]
    Refused,
    /// The provider cannot be reached.
    #[error("the provider is not available; try again in {} s", retry_after.as_secs())]
    Unavailable {
        /// The time to wait before a retry, in whole seconds.
        retry_after: Duration,
    },
    /// A new account would have no address.
    #[error("the provider reports no address")]
    NoEmail,
    /// The address has an account to which the identity is not linked.
    #[error("a user with this e-mail address already exists")]
    AlreadyExists,
    /// The identity belongs to another account.
    #[error("the identity is linked to another user")]
    AlreadyLinked,
    /// The user would have no way to log in.
    #[error("this is the last way to log in")]
    LastLoginMethod,
    /// The provider is not configured with [`keep_tokens`](crate::oauth::Provider::keep_tokens). A handler of the
    /// application answers 404.
    #[error("the tokens of this provider are not kept: configure it with `keep_tokens`")]
    TokensNotKept,
    /// There is no token to call the provider with: none was kept yet, the provider has refused to refresh it, or it has
    /// expired and the provider gave no refresh token. The next sign-in brings another one. A handler of the application
    /// answers with the code `OAUTH_REFUSED`.
    #[error("the user must sign in at the provider again")]
    SignInAgain,
    /// No new account is made through this provider, or the engine has a [closed
    /// registration](crate::engine::EngineBuilder::closed_registration).
    #[error("no user can register through this provider")]
    RegistrationClosed,
    /// The claims do not make a profile: one is missing, or has another type.
    #[error("the provider does not say everything that an account needs")]
    IncompleteProfile,
    /// The login was refused after the provider had said who it is.
    #[error(transparent)]
    Login(LoginError),
    /// A gate or `on_before_commit` refused.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A fault, which the caller has not caused.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A fault of the login is one of the sign-in.
impl From<LoginError> for OAuthError {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Fault(fault) => Self::Fault(fault),
            error => Self::Login(error),
        }
    }
}

operation_errors! {
    OAuthError {
        NotFound => Cause::NotFound,
        ForgedState => Cause::Code(Code::AccessTokenDecodeError),
        ExpiredState => Cause::Code(Code::AccessTokenAlreadyExpired),
        InvalidState => Cause::Code(Code::OAuthInvalidState),
        InvalidCode => Cause::Code(Code::OAuthInvalidCode),
        Denied(rejection) => Cause::Rejection(rejection),
        Refused => Cause::Code(Code::OAuthRefused),
        Unavailable { retry_after } => Cause::Unavailable(Code::OAuthProviderUnavailable, *retry_after),
        NoEmail => Cause::Code(Code::OAuthNotAvailableEmail),
        AlreadyExists => Cause::Code(Code::OAuthUserAlreadyExists),
        AlreadyLinked => Cause::Code(Code::OAuthAlreadyLinked),
        LastLoginMethod => Cause::Code(Code::OAuthLastLoginMethod),
        TokensNotKept => Cause::NotFound,
        SignInAgain => Cause::Code(Code::OAuthRefused),
        RegistrationClosed => Cause::Code(Code::OAuthRegistrationClosed),
        IncompleteProfile => Cause::Code(Code::OAuthProfileIncomplete),
        Login(error) => crate::error::Coded::cause(error),
        Rejected(rejection) => Cause::Rejection(rejection),
    }
}
