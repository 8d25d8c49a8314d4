//! Why something did not happen: one enum per operation, each ending in [`Fault`], which is never the caller's mistake.

use std::{borrow::Cow, error::Error, fmt, time::Duration};

use crate::{password::HashError, store::StoreError, token::SigningFailed, user::InvalidEmail};

/// Something other than the caller's request is wrong. It is answered with 503, or with 500 where waiting does not help; never with
/// "not found" or "allowed".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too many passwords are being hashed.
    #[error("overloaded; try again in {} s", retry_after.as_secs())]
    Overloaded {
        /// When to try again, in whole seconds.
        retry_after: Duration,
    },
    /// The row changed again and again while it was being changed.
    #[error("the user is being changed by too many at once")]
    Busy,
    /// A setting of the manager cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A hook that decides whether the operation goes on panicked or took too long. Nothing was written.
    #[error("the hook `{hook}` {failure}")]
    Hook {
        /// Its name.
        hook: &'static str,
        /// How it failed.
        failure: HookFailure,
    },
    /// Hashing, signing or drawing random bytes failed.
    #[error("a cryptographic operation failed: {0}")]
    Crypto(#[source] Box<dyn Error + Send + Sync>),
}

impl From<HashError> for Fault {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Overloaded { retry_after } => Self::Overloaded { retry_after },
            HashError::Failed(error) => Self::Crypto(error),
        }
    }
}

impl From<SigningFailed> for Fault {
    fn from(error: SigningFailed) -> Self {
        Self::Crypto(error.into())
    }
}

impl From<getrandom::Error> for Fault {
    fn from(error: getrandom::Error) -> Self {
        Self::Crypto(error.into())
    }
}

/// How a hook failed to come to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HookFailure {
    /// It panicked.
    #[error("panicked")]
    Panicked,
    /// It took longer than the engine allows.
    #[error("took too long")]
    TimedOut,
}

/// The manager cannot work as it is set up. All faults are listed, each with what to do; `Debug` prints the same as `Display`, because
/// that is what `main` shows.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError(Vec<String>);

impl ConfigError {
    /// A single fault.
    pub fn new(message: impl Into<String>) -> Self {
        Self(vec![message.into()])
    }

    /// All faults in one, each said once.
    pub(crate) fn join(faults: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Vec::new();
        for fault in faults.into_iter().flat_map(|error| error.0) {
            if !all.contains(&fault) {
                all.push(fault);
            }
        }
        Self(all)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the user manager is not set up: {}", self.0.join("; "))
    }
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for ConfigError {}

/// A password that the policy refuses, with the reason, which is shown to the person.
///
/// ```
/// use usermgr::InvalidPassword;
/// assert_eq!(InvalidPassword::new("at least one dragon").reason(), "at least one dragon");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password is refused: {reason}")]
pub struct InvalidPassword {
    reason: Cow<'static, str>,
}

impl InvalidPassword {
    /// Refuses for a reason, in words for the person who typed it.
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: reason.into() }
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// A gate hook's no: the operation does not happen, and the client is told so.
///
/// ```
/// use usermgr::Rejection;
/// let rejection = Rejection::new("REGISTRATION_CLOSED").reason("come back in spring").status(403);
/// assert_eq!(rejection.code(), "REGISTRATION_CLOSED");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rejected: {code}")]
pub struct Rejection {
    code: Cow<'static, str>,
    reason: Option<Cow<'static, str>>,
    status: u16,
}

impl Rejection {
    /// A no with a code for the client, answered with status 403.
    pub fn new(code: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), reason: None, status: 403 }
    }

    /// Adds words for the person.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Answers with another HTTP status, from 400 to 499; others are taken as 403.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = if (400..500).contains(&status) { status } else { 403 };
        self
    }

    /// The code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The words for the person.
    pub fn reason_text(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// The HTTP status.
    pub fn http_status(&self) -> u16 {
        self.status
    }
}

/// An after-hook's failure, from any error by `?`. What the operation did stays done; the failure becomes an event.
///
/// ```
/// use usermgr::HookError;
/// fn hook() -> Result<(), HookError> {
///     std::fs::read("/no/such/template")?;
///     Ok(())
/// }
/// assert!(hook().is_err());
/// ```
pub struct HookError(Box<dyn Error + Send + Sync>);

impl HookError {
    /// A failure in words.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into().into())
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for HookError {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Display for HookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for HookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Why nobody was registered or created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// The address is none.
    #[error("the e-mail address is not valid: {0}")]
    InvalidEmail(#[from] InvalidEmail),
    /// The policy refuses the password.
    #[error(transparent)]
    InvalidPassword(#[from] InvalidPassword),
    /// Somebody has the address, in whatever case.
    #[error("a user with this e-mail address exists already")]
    AlreadyExists,
    /// `on_before_register` said no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Not the caller's fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why nobody is logged in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// No such account, a wrong password, no password, or an inactive account: they are not told apart.
    #[error("the credentials are not valid")]
    BadCredentials,
    /// The password is right, but the address must be verified first.
    #[error("the e-mail address is not verified")]
    NotVerified,
    /// `on_before_login` said no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The engine has no backend of this name.
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
    /// A new address or password needs a fresh login or the current password.
    #[error("a recent login or the current password is needed")]
    ReauthenticationRequired,
    /// There must be an active superuser left.
    #[error("this is the last active superuser")]
    LastSuperuser,
    /// `on_before_update` said no.
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
    /// `on_before_delete` said no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The user is gone.
    #[error("there is no such user")]
    NotFound,
    /// Not the caller's fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What a store or a hasher says is a fault in every operation.
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
    )*};
}

faults!(RegisterError, LoginError, VerifyError, ResetError, ChangePasswordError, UpdateError, DeleteError);
