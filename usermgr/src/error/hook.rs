//! What hooks say: a policy's and a gate's no, which the client is told, and another hook's failure.

use std::{borrow::Cow, error::Error, fmt};

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

/// A hook's failure, from any error by `?`: one of the standard library's kind, a boxed one, one of `anyhow`, or a text. Of an
/// after-hook it becomes an event, and what the operation did stays done; that of `on_before_commit` takes the change back.
///
/// ```
/// use usermgr::HookError;
/// fn render(template: &str) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
///     Ok(std::fs::read_to_string(template)?)
/// }
/// fn hook() -> Result<(), HookError> {
///     match render("/no/such/template")?.is_empty() {
///         true => Err("the template is empty")?,
///         false => Ok(()),
///     }
/// }
/// assert!(hook().is_err());
/// ```
pub struct HookError(Box<dyn Error + Send + Sync>);

impl HookError {
    /// A failure in words.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into().into())
    }

    /// The error that `?` took.
    pub(crate) fn source(&self) -> &(dyn Error + 'static) {
        &*self.0
    }

    pub(crate) fn into_source(self) -> Box<dyn Error + Send + Sync> {
        self.0
    }

    /// The error that `?` took, when it is of that type.
    pub(crate) fn downcast<E: Error + 'static>(self) -> Result<E, Self> {
        self.0.downcast().map(|error| *error).map_err(Self)
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for HookError {
    fn from(error: E) -> Self {
        Self(error.into())
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
