//! What a password policy says when it refuses.

use std::borrow::Cow;

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
