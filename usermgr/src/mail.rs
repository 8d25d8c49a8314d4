//! Mail as a hook sends it: the [`Mailer`] trait, which an application implements over its mail service, and the [`Mail`] it gets.

use std::{error::Error, fmt};

use async_trait::async_trait;

use crate::user::EmailAddress;

/// Sends mail. The library itself never does: hooks decide what is sent, and the testing kit has one that captures.
///
/// ```
/// use usermgr::{Mail, MailError, Mailer};
///
/// /// Prints mails instead of sending them.
/// struct Printer;
///
/// #[async_trait::async_trait]
/// impl Mailer for Printer {
///     async fn send(&self, mail: Mail) -> Result<(), MailError> {
///         match mail.text.is_empty() {
///             true => Err(MailError::new("there is nothing to say")),
///             false => Ok(println!("to {}: {}", mail.to, mail.subject)),
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Hands one mail over.
    ///
    /// # Errors
    /// [`MailError`] when it could not be handed over.
    async fn send(&self, mail: Mail) -> Result<(), MailError>;
}

/// A mail to one address. Its `Debug` does not show the text, which is where tokens stand.
///
/// ```
/// use usermgr::{EmailAddress, Mail};
/// let mail = Mail::to(&EmailAddress::parse("ada@example.com")?).subject("Welcome").text("Hello.");
/// assert_eq!(mail.subject, "Welcome");
/// # Ok::<(), usermgr::InvalidEmail>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The one recipient.
    pub to: EmailAddress,
    /// The subject, free of control characters.
    pub subject: String,
    /// The body, as plain text.
    pub text: String,
}

impl Mail {
    /// An empty mail to an address.
    pub fn to(address: &EmailAddress) -> Self {
        Self { to: address.clone(), subject: String::new(), text: String::new() }
    }

    /// Sets the subject. Control characters become spaces: a line break would begin another header.
    #[must_use]
    pub fn subject(mut self, subject: &str) -> Self {
        self.subject = subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("to", &self.to).field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// A mail could not be handed over.
#[derive(Debug, thiserror::Error)]
#[error("the mail could not be sent: {0}")]
pub struct MailError(#[source] Box<dyn Error + Send + Sync>);

impl MailError {
    /// Wraps the error of a mail service.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u3_a_subject_has_no_line_break() {
        let mail = Mail::to(&EmailAddress::parse("ada@example.com").unwrap()).subject("Hi\r\nBcc: eve@example.com");
        assert_eq!(mail.subject, "Hi  Bcc: eve@example.com");
    }
}
