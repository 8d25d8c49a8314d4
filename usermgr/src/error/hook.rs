//! The errors of hooks: the refusal of a policy or a gate, which is sent to the client, and the failure of any other
//! hook.

use std::{borrow::Cow, error::Error, fmt, pin::Pin};

use super::outlook::Outlook;

/// The future that a hook returns to the manager. It is boxed, so that a hook may call an operation that calls the
/// hook.
pub type HookFuture<'a, E, T = ()> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// The refusal of a gate. The operation is not carried out, and the client gets the code.
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
    /// Makes a refusal with a code for the client, answered with status 403.
    pub fn new(code: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), reason: None, status: 403 }
    }

    /// Adds a text for the person who reads the response.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Sets another HTTP status, from 400 to 499. Any other number becomes 403.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = if (400..500).contains(&status) { status } else { 403 };
        self
    }

    /// Returns the code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns the text for the person, if there is one.
    pub fn reason_text(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Returns the HTTP status.
    pub fn http_status(&self) -> u16 {
        self.status
    }
}

/// The failure of a hook. `?` makes it from any error: one that implements the standard trait, a boxed one, an
/// `anyhow::Error`, or a text. An error from an after-hook becomes an event, and the operation stays done. An error
/// from `on_before_commit` rolls the change back.
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
pub struct HookError {
    error: Box<dyn Error + Send + Sync>,
    outlook: Outlook,
}

impl HookError {
    /// Makes a failure from a text.
    pub fn new(message: impl Into<String>) -> Self {
        Self::from(message.into())
    }

    /// Makes a failure that a retry would only repeat, such as an address that the mail server refuses (a reply from
    /// 500 to 599, RFC 5321, 4.2.1). With the outbox the notification is given up at once, with a `delivery_failed`
    /// event. Elsewhere it is treated like any other failure.
    ///
    /// ```
    /// use usermgr::{EmailAddress, HookError};
    /// fn send(to: &EmailAddress) -> Result<(), HookError> {
    ///     match to.as_str().is_ascii() {
    ///         true => Ok(()),
    ///         false => Err(HookError::permanent("the mail server has no SMTPUTF8")),
    ///     }
    /// }
    /// assert!(send(&EmailAddress::parse("ada@example.com")?).is_ok());
    /// assert!(HookError::permanent("no such mailbox").is_permanent());
    /// # Ok::<(), usermgr::user::InvalidEmail>(())
    /// ```
    pub fn permanent(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { error: error.into(), outlook: Outlook::Permanent }
    }

    /// Returns whether the error was made by [`permanent`](Self::permanent) or from a
    /// [`MailError::permanent`](crate::mail::MailError::permanent). Delivery also gives up if an operation
    /// that the hook called refuses, for example with
    /// [`VerifyError::AlreadyVerified`](crate::VerifyError::AlreadyVerified).
    pub fn is_permanent(&self) -> bool {
        self.outlook == Outlook::Permanent
    }

    /// Returns whether the error was made from a [`MailError::misconfigured`](crate::mail::MailError::misconfigured).
    pub fn is_misconfigured(&self) -> bool {
        self.outlook == Outlook::Misconfigured
    }

    /// The error that `?` has converted.
    pub(crate) fn source(&self) -> &(dyn Error + 'static) {
        &*self.error
    }

    pub(crate) fn into_source(self) -> Box<dyn Error + Send + Sync> {
        self.error
    }

    /// The error that `?` has converted, if it has this type.
    pub(crate) fn downcast<E: Error + 'static>(self) -> Result<E, Self> {
        let Self { error, outlook } = self;
        error.downcast().map(|error| *error).map_err(|error| Self { error, outlook })
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for HookError {
    fn from(error: E) -> Self {
        let error = error.into();
        let outlook = Outlook::of(&*error);
        Self { error, outlook }
    }
}

impl fmt::Display for HookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl fmt::Debug for HookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, f)
    }
}
