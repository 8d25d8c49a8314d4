//! The codes that clients read: one table with the HTTP status, and the response to each error of an operation.

use std::time::Duration;

use crate::{
    error::{Fault, PendingLogin, PermissionRequired, Rejection, RightLost},
    password::InvalidPassword,
};

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $text:literal, $status:literal;)*) => {
        /// A code in the body of a response. Those that FastAPI Users has too mean the same there, so that its clients
        /// understand them.
        ///
        /// ```
        /// use usermgr::Code;
        /// assert_eq!(Code::LoginBadCredentials.as_str(), "LOGIN_BAD_CREDENTIALS");
        /// assert_eq!(Code::LoginBadCredentials.status(), 400);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $code,)*
        }

        impl Code {
            /// All codes, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$code,)*];

            /// Returns the text on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => $text,)* }
            }

            /// Returns the HTTP status of the response.
            pub const fn status(self) -> u16 {
                match self { $(Self::$code => $status,)* }
            }
        }
    };
}

codes! {
    /// Register: the policy refuses the password.
    RegisterInvalidPassword = "REGISTER_INVALID_PASSWORD", 400;
    /// Register, or invite: the address is taken, in any case.
    RegisterUserAlreadyExists = "REGISTER_USER_ALREADY_EXISTS", 400;
    /// Register: no one can register themselves; accounts are made by invitation, or by an administrator.
    RegisterClosed = "REGISTER_CLOSED", 403;
    /// Accept an invitation: a bad, expired or used token, or one that a newer invitation has replaced.
    AcceptInvitationBadToken = "ACCEPT_INVITATION_BAD_TOKEN", 400;
    /// Accept an invitation: the policy refuses the password.
    AcceptInvitationInvalidPassword = "ACCEPT_INVITATION_INVALID_PASSWORD", 400;
    /// Register: the user name is not allowed.
    RegisterInvalidUsername = "REGISTER_INVALID_USERNAME", 400;
    /// Register: the user name is taken, in any case.
    RegisterUsernameAlreadyExists = "REGISTER_USERNAME_ALREADY_EXISTS", 400;
    /// Login: no such account, a wrong password or passkey, or an inactive account.
    LoginBadCredentials = "LOGIN_BAD_CREDENTIALS", 400;
    /// Login: the password is right, but the address must be verified first.
    LoginUserNotVerified = "LOGIN_USER_NOT_VERIFIED", 400;
    /// Reset: a bad, expired or used token, or an unknown or inactive user.
    ResetPasswordBadToken = "RESET_PASSWORD_BAD_TOKEN", 400;
    /// Reset: the policy refuses the password.
    ResetPasswordInvalidPassword = "RESET_PASSWORD_INVALID_PASSWORD", 400;
    /// Verify: a bad or expired token, or one for another user or address.
    VerifyUserBadToken = "VERIFY_USER_BAD_TOKEN", 400;
    /// Verify: there is nothing to verify.
    VerifyUserAlreadyVerified = "VERIFY_USER_ALREADY_VERIFIED", 400;
    /// Update: the new address is taken.
    UpdateUserEmailAlreadyExists = "UPDATE_USER_EMAIL_ALREADY_EXISTS", 400;
    /// Update: the policy refuses the password.
    UpdateUserInvalidPassword = "UPDATE_USER_INVALID_PASSWORD", 400;
    /// Update: the new user name is not allowed.
    UpdateUserInvalidUsername = "UPDATE_USER_INVALID_USERNAME", 400;
    /// Update: the new user name is taken, in any case.
    UpdateUserUsernameAlreadyExists = "UPDATE_USER_USERNAME_ALREADY_EXISTS", 400;
    /// Change password: the current password is wrong.
    ChangePasswordBadPassword = "CHANGE_PASSWORD_BAD_PASSWORD", 400;
    /// Change password: the policy refuses the new password.
    ChangePasswordInvalidPassword = "CHANGE_PASSWORD_INVALID_PASSWORD", 400;
    /// Confirm a new address: a bad, expired or used token, or an unknown or inactive user.
    ChangeEmailBadToken = "CHANGE_EMAIL_BAD_TOKEN", 400;
    /// Refresh: a bad or used token, or one whose session has ended.
    RefreshBadToken = "REFRESH_BAD_TOKEN", 400;
    /// Login: the first step is right, and a second factor is needed. The response contains a pending token, see
    /// [`Cause::SecondFactorRequired`].
    LoginSecondFactorRequired = "LOGIN_SECOND_FACTOR_REQUIRED", 400;
    /// Second step of a login: the answer is wrong.
    LoginBadSecondFactor = "LOGIN_BAD_SECOND_FACTOR", 400;
    /// Second step of a login: the pending login does not exist or has ended. Login with a passkey: the same of its
    /// challenge.
    LoginNotPending = "LOGIN_NOT_PENDING", 400;
    /// Add a factor: the code of the authenticator app is wrong, or the answer of the passkey.
    FactorBadCode = "FACTOR_BAD_CODE", 400;
    /// Add a factor: what was begun does not exist or has ended.
    FactorNotPending = "FACTOR_NOT_PENDING", 400;
    /// Add or rename a factor: the label has more than 64 characters, or a control character.
    FactorInvalidLabel = "FACTOR_INVALID_LABEL", 400;
    /// Add a factor: the user has as many as they may have.
    FactorLimit = "FACTOR_LIMIT", 400;
    /// Add a factor: the address must be verified first.
    FactorNotVerified = "FACTOR_NOT_VERIFIED", 400;
    /// Add a factor: it belongs to an account already.
    FactorAlreadyAdded = "FACTOR_ALREADY_ADDED", 400;
    /// Recovery codes: the user has no second factor for which they could be used.
    FactorMissing = "FACTOR_MISSING", 400;
    /// Make an API key: it has no scope, or one that its owner may not give it.
    ApiKeyScopeNotAllowed = "API_KEY_SCOPE_NOT_ALLOWED", 400;
    /// Make or rotate an API key: the lifetime or the overlap is not allowed.
    ApiKeyInvalidLifetime = "API_KEY_INVALID_LIFETIME", 400;
    /// Make or rename an API key: the label has more than 64 characters, or a control character.
    ApiKeyInvalidLabel = "API_KEY_INVALID_LABEL", 400;
    /// Make or rotate an API key: the user has as many as they may have.
    ApiKeyLimit = "API_KEY_LIMIT", 400;
    /// Make or rotate an API key: the address must be verified first.
    ApiKeyNotVerified = "API_KEY_NOT_VERIFIED", 400;
    /// An API key came to a route or a handler that accepts none.
    ApiKeyNotAccepted = "API_KEY_NOT_ACCEPTED", 403;
    /// A route that requires it needs a session in which a second factor was proved.
    SecondFactorRequired = "SECOND_FACTOR_REQUIRED", 403;
    /// A user who must have a second factor has none yet, or has not proved it in this session.
    SecondFactorSetupRequired = "SECOND_FACTOR_SETUP_REQUIRED", 403;
    /// A handler with [`Requires`](crate::permissions) needs permissions that the caller does not have. The response has their
    /// names, see [`Cause::PermissionRequired`].
    PermissionRequired = "PERMISSION_REQUIRED", 403;
    /// Login by mail: the link is forged, expired or used, or its user cannot log in by mail any more.
    LoginBadToken = "LOGIN_BAD_TOKEN", 400;
    /// Login by mail: the code is wrong, or its request is expired, used, or was answered wrongly too often.
    LoginBadCode = "LOGIN_BAD_CODE", 400;
    /// Sign-in through a provider: the callback has no state of this server.
    AccessTokenDecodeError = "ACCESS_TOKEN_DECODE_ERROR", 400;
    /// Sign-in through a provider: it took too long.
    AccessTokenAlreadyExpired = "ACCESS_TOKEN_ALREADY_EXPIRED", 400;
    /// Sign-in through a provider: it was begun by another browser, or for another provider, purpose or user; or the
    /// callback was used before.
    OAuthInvalidState = "OAUTH_INVALID_STATE", 400;
    /// Sign-in of an application: the one-time code is wrong, used or too old, or the verifier is wrong.
    OAuthInvalidCode = "OAUTH_INVALID_CODE", 400;
    /// Sign-in through a provider: a new account would have no address.
    OAuthNotAvailableEmail = "OAUTH_NOT_AVAILABLE_EMAIL", 400;
    /// Sign-in through a provider: the address has an account. Log in, and link the provider.
    OAuthUserAlreadyExists = "OAUTH_USER_ALREADY_EXISTS", 400;
    /// Sign-in through a provider: the provider has refused the code, or its answer is wrong.
    OAuthRefused = "OAUTH_REFUSED", 400;
    /// Sign-in through a provider: the provider cannot be reached. `Retry-After` says how long to wait.
    OAuthProviderUnavailable = "OAUTH_PROVIDER_UNAVAILABLE", 503;
    /// Link: the account at the provider is linked to another user.
    OAuthAlreadyLinked = "OAUTH_ALREADY_LINKED", 400;
    /// Unlink: it is the last way to log in.
    OAuthLastLoginMethod = "OAUTH_LAST_LOGIN_METHOD", 400;
    /// Sign-in through a provider: no new account is made through it.
    OAuthRegistrationClosed = "OAUTH_REGISTRATION_CLOSED", 400;
    /// Sign-in through a provider: it does not say everything that a new account needs.
    OAuthProfileIncomplete = "OAUTH_PROFILE_INCOMPLETE", 400;
    /// A mail with a token, requested for a certain user: the account is inactive.
    UserInactive = "USER_INACTIVE", 400;
    /// Update or delete: at least one active superuser must remain.
    LastSuperuser = "LAST_SUPERUSER", 400;
    /// A new address or password, or a route that requires it, needs a fresh login or the current password.
    ReauthenticationRequired = "REAUTHENTICATION_REQUIRED", 403;
    /// An administrator who acts as a user has asked for what only users themselves do, such as a new password.
    ImpersonatedSession = "IMPERSONATED_SESSION", 403;
    /// Act as a user: it is the administrator's own account, that of another superuser, or that of a program.
    ImpersonateForbidden = "IMPERSONATE_FORBIDDEN", 403;
    /// Update: a superuser may not choose the password of another user.
    UpdateUserPasswordForbidden = "UPDATE_USER_PASSWORD_FORBIDDEN", 403;
    /// Update: a superuser who may not choose another user's password may not choose their address either.
    UpdateUserEmailForbidden = "UPDATE_USER_EMAIL_FORBIDDEN", 403;
    /// Too many failed attempts, or too many requests for mails or accounts. `Retry-After` says how long to wait.
    TooManyRequests = "TOO_MANY_REQUESTS", 429;
    /// Captcha: the answer is missing. Show the captcha, and send the request again with the answer.
    CaptchaRequired = "CAPTCHA_REQUIRED", 400;
    /// Captcha: the answer is wrong, or was used before. Show a new captcha.
    CaptchaWrong = "CAPTCHA_WRONG", 400;
    /// Captcha: the answer cannot be verified now. `Retry-After` says how long to wait.
    CaptchaUnavailable = "CAPTCHA_UNAVAILABLE", 503;
    /// A state-changing request that carries or requests a session cookie came from a page of another origin.
    CrossOriginRequest = "CROSS_ORIGIN_REQUEST", 403;
}

impl Code {
    /// Returns whether the response contains the reason of the policy, see [`Cause::Password`], or of the rules for user
    /// names, see [`Cause::Username`].
    pub const fn has_reason(self) -> bool {
        matches!(
            self,
            Self::RegisterInvalidUsername
                | Self::UpdateUserInvalidUsername
                | Self::RegisterInvalidPassword
                | Self::AcceptInvitationInvalidPassword
                | Self::ResetPasswordInvalidPassword
                | Self::UpdateUserInvalidPassword
                | Self::ChangePasswordInvalidPassword
        )
    }
}

#[cfg(feature = "openapi")]
impl Code {
    /// Returns whether only an engine with user names refuses with it.
    pub(crate) const fn is_about_usernames(self) -> bool {
        matches!(
            self,
            Self::RegisterInvalidUsername
                | Self::RegisterUsernameAlreadyExists
                | Self::UpdateUserInvalidUsername
                | Self::UpdateUserUsernameAlreadyExists
        )
    }
}

/// The response to an error, independent of the framework.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Cause<'a> {
    /// A code.
    Code(Code),
    /// A code with the policy's reason.
    Password(Code, &'a InvalidPassword),
    /// A code with the broken rule for user names.
    Username(Code, &'a crate::user::InvalidUsername),
    /// [`Code::LoginSecondFactorRequired`] with what the second step needs.
    SecondFactorRequired(&'a PendingLogin),
    /// [`Code::PermissionRequired`] with the names of the missing permissions.
    PermissionRequired(&'a PermissionRequired),
    /// The code of a hook.
    Rejection(&'a Rejection),
    /// The address is invalid. Contains the broken rule.
    InvalidEmail(crate::user::InvalidEmail),
    /// The profile cannot be read back from the store. Contains the place.
    InvalidProfile(&'a crate::user::InvalidProfile),
    /// A code that lasts for a time: 503 with `Retry-After`, in whole seconds.
    Unavailable(Code, Duration),
    /// The object does not exist.
    NotFound,
    /// The caller has lost the right to the operation: 401 or 403 without a code, as from a guard.
    RightLost(RightLost),
    /// A fault, which the caller has not caused.
    Fault(&'a Fault),
}

/// An error that can be sent to a client.
///
/// ```
/// use usermgr::{error::{Cause, Coded}, Code, LoginError};
/// assert!(matches!(LoginError::BadCredentials.cause(), Cause::Code(Code::LoginBadCredentials)));
/// ```
pub trait Coded {
    /// Returns the response to the error.
    fn cause(&self) -> Cause<'_>;
}

/// For the application's own handlers: `Err(Rejection::new("CART_EMPTY").status(409))?` is answered like a hook's
/// refusal.
impl Coded for Rejection {
    fn cause(&self) -> Cause<'_> {
        Cause::Rejection(self)
    }
}

/// For the application's own handlers: `require(..)?` is answered as the extractor answers.
impl Coded for PermissionRequired {
    fn cause(&self) -> Cause<'_> {
        Cause::PermissionRequired(self)
    }
}

impl Coded for Fault {
    fn cause(&self) -> Cause<'_> {
        match self {
            Self::RightLost(lost) => Cause::RightLost(*lost),
            fault => Cause::Fault(fault),
        }
    }
}
