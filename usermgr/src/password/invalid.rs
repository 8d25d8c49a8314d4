//! The error of a password policy.

use std::borrow::Cow;

use crate::user::{Password, PasswordTooLong};

/// A password that the policy refuses: a reason that is shown to the user, and a code for programs that say it in their own words.
///
/// ```
/// use usermgr::InvalidPassword;
/// let refused = InvalidPassword::new("at least one dragon").with_code("no_dragon");
/// assert_eq!((refused.reason(), refused.code()), ("at least one dragon", Some("no_dragon")));
/// ```
///
/// The built-in policy has these codes: `too_short` and `too_long` with a [limit](Self::limit), `common`, `like_address` and
/// `like_username`.
/// [`Breaches`](crate::password::Breaches) have `breached`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password is refused: {reason}")]
pub struct InvalidPassword {
    reason: Cow<'static, str>,
    code: Option<Cow<'static, str>>,
    limit: Option<usize>,
}

impl InvalidPassword {
    /// Creates the error with a reason, in words for the user.
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: reason.into(), code: None, limit: None }
    }

    /// Sets the code: a stable name of the rule, so that a front end can translate the reason.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Sets the number that the rule demands.
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Returns the reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns the code, if the rule has one.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// Returns the number that the rule demands: of `too_short` the fewest characters, of `too_long` the most bytes.
    pub fn limit(&self) -> Option<usize> {
        self.limit
    }
}

impl From<PasswordTooLong> for InvalidPassword {
    fn from(error: PasswordTooLong) -> Self {
        Self::new(error.to_string()).with_code("too_long").with_limit(Password::MAX_BYTES)
    }
}
