//! The codes that clients read: one table with the HTTP status, and for each error of an operation what is answered.

use crate::{
    error::{Fault, PendingLogin, Rejection, RightLost},
    password::InvalidPassword,
};

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $text:literal, $status:literal;)*) => {
        /// A code in the body of an answer. The first ten are those of FastAPI Users, so that its clients understand them.
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
            /// Every code, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$code,)*];

            /// The text on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => $text,)* }
            }

            /// The HTTP status it is answered with.
            pub const fn status(self) -> u16 {
                match self { $(Self::$code => $status,)* }
            }
        }
    };
}

codes! {
    /// Register: the policy refuses the password.
    RegisterInvalidPassword = "REGISTER_INVALID_PASSWORD", 400;
    /// Register: the address is taken, in whatever case.
    RegisterUserAlreadyExists = "REGISTER_USER_ALREADY_EXISTS", 400;
    /// Login: no such account, a wrong password or an inactive account.
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
    /// Change password: the current password is another.
    ChangePasswordBadPassword = "CHANGE_PASSWORD_BAD_PASSWORD", 400;
    /// Change password: the policy refuses the new one.
    ChangePasswordInvalidPassword = "CHANGE_PASSWORD_INVALID_PASSWORD", 400;
    /// Confirm a new address: a bad, expired or used token, or an unknown or inactive user.
    ChangeEmailBadToken = "CHANGE_EMAIL_BAD_TOKEN", 400;
    /// Refresh: a bad or used token, or one whose session has ended.
    RefreshBadToken = "REFRESH_BAD_TOKEN", 400;
    /// Login: the first step is right, and a second factor is needed. It comes with a pending token, as
    /// [`Cause::SecondFactorRequired`].
    LoginSecondFactorRequired = "LOGIN_SECOND_FACTOR_REQUIRED", 400;
    /// Second step of a login: the answer is wrong.
    LoginBadSecondFactor = "LOGIN_BAD_SECOND_FACTOR", 400;
    /// Second step of a login: there is no such pending login, or it has ended.
    LoginNotPending = "LOGIN_NOT_PENDING", 400;
    /// Update or delete: there must be an active superuser left.
    LastSuperuser = "LAST_SUPERUSER", 400;
    /// A new address or password, or a route that asks for it, needs a fresh login or the current password.
    ReauthenticationRequired = "REAUTHENTICATION_REQUIRED", 403;
    /// Update: a superuser may not choose the password of another user.
    UpdateUserPasswordForbidden = "UPDATE_USER_PASSWORD_FORBIDDEN", 403;
    /// Update: a superuser who may not choose the password of another user may not choose their address either.
    UpdateUserEmailForbidden = "UPDATE_USER_EMAIL_FORBIDDEN", 403;
    /// Too many attempts have failed, or too many mails or accounts were asked for: `Retry-After` tells how long to wait.
    TooManyRequests = "TOO_MANY_REQUESTS", 429;
    /// A request that would change something came with a session cookie, or for one, from a page of another origin.
    CrossOriginRequest = "CROSS_ORIGIN_REQUEST", 403;
}

impl Code {
    /// Whether it comes with the policy's reason, as [`Cause::Password`].
    pub const fn has_reason(self) -> bool {
        matches!(
            self,
            Self::RegisterInvalidPassword
                | Self::ResetPasswordInvalidPassword
                | Self::UpdateUserInvalidPassword
                | Self::ChangePasswordInvalidPassword
        )
    }
}

/// What is answered for an error, whichever framework answers.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Cause<'a> {
    /// A code.
    Code(Code),
    /// A code with the policy's reason.
    Password(Code, &'a InvalidPassword),
    /// [`Code::LoginSecondFactorRequired`] with what the second step needs.
    SecondFactorRequired(&'a PendingLogin),
    /// A hook's own code.
    Rejection(&'a Rejection),
    /// The address is not valid; the rule.
    InvalidEmail(&'static str),
    /// A profile that could not be read back from the store; the place.
    InvalidProfile(&'a crate::user::InvalidProfile),
    /// There is no such thing.
    NotFound,
    /// The right to it was lost: 401 or 403, as a guard answers, without a code.
    RightLost(RightLost),
    /// Not the caller's fault.
    Fault(&'a Fault),
}

/// An error that a client can be told.
///
/// ```
/// use usermgr::{error::{Cause, Coded}, Code, LoginError};
/// assert!(matches!(LoginError::BadCredentials.cause(), Cause::Code(Code::LoginBadCredentials)));
/// ```
pub trait Coded {
    /// What is answered for it.
    fn cause(&self) -> Cause<'_>;
}

/// For handlers of an application: `Err(Rejection::new("CART_EMPTY").status(409))?` is answered as a hook's refusal is.
impl Coded for Rejection {
    fn cause(&self) -> Cause<'_> {
        Cause::Rejection(self)
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
