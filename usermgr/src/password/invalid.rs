//! The error of a password policy.

use std::borrow::Cow;

/// A password that the policy refuses, with a reason that is shown to the user.
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
    /// Creates the error with a reason, in words for the user.
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: reason.into() }
    }

    /// Returns the reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}
