//! Mail from hooks: the [`Mailer`] trait, which an application implements for its mail service, and the [`Mail`] type.

mod message;
mod printer;

use std::{error::Error, fmt, sync::Arc};

use async_trait::async_trait;

use crate::user::EmailAddress;

pub use message::{Message, Messenger};
pub use printer::Printer;

/// Sends mail. The library itself does not send mail: hooks decide what is sent. [`Printer`] prints mail for development,
/// and the testing kit has a mailer that captures it.
///
/// ```
/// use usermgr::{Mail, mail::MailError, Mailer};
///
/// /// Notes who gets a mail, instead of sending it.
/// struct Recipients;
///
/// // From the crate `async-trait`, which the application must depend on.
/// #[async_trait::async_trait]
/// impl Mailer for Recipients {
///     async fn send(&self, mail: Mail) -> Result<(), MailError> {
///         if mail.text.is_empty() {
///             return Err(MailError::new("there is nothing to say"));
///         }
///         // `?` takes any error.
///         Ok(writeln!(std::io::stdout(), "to {}: {}", mail.to, mail.subject)?)
///     }
/// }
/// # use std::io::Write;
/// ```
///
/// A mailer in an [`Arc`] or a [`Box`] is a mailer too, so a program can choose one at its start: `Arc<dyn Mailer>`.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Passes one mail to the mail service.
    ///
    /// # Errors
    /// [`MailError`] if the service does not accept the mail.
    async fn send(&self, mail: Mail) -> Result<(), MailError>;
}

macro_rules! behind {
    ($($pointer:ident),*) => {$(
        #[async_trait]
        impl<M: Mailer + ?Sized> Mailer for $pointer<M> {
            async fn send(&self, mail: Mail) -> Result<(), MailError> {
                M::send(self, mail).await
            }
        }
    )*};
}

behind!(Arc, Box);

/// A mail to one address. `Debug` does not show the text, because it may contain a token.
///
/// ```
/// use usermgr::{EmailAddress, Mail};
/// let mail = Mail::to(&EmailAddress::parse("ada@example.com")?).subject("Welcome").text("Hello.");
/// assert_eq!(mail.subject, "Welcome");
/// # Ok::<(), usermgr::user::InvalidEmail>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mail {
    /// The recipient.
    pub to: EmailAddress,
    /// The subject, without control characters.
    pub subject: String,
    /// The body, as plain text.
    pub text: String,
}

impl Mail {
    /// Creates an empty mail to an address.
    pub fn to(address: &EmailAddress) -> Self {
        Self { to: address.clone(), subject: String::new(), text: String::new() }
    }

    /// Sets the subject. Control characters become spaces, because a line break would begin another header.
    #[must_use]
    pub fn subject(mut self, subject: &str) -> Self {
        self.subject = subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self
    }

    /// Sets the body, as plain text.
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

/// The mail service did not accept a mail. `?` converts any error to this type, and this type to the error of a hook.
///
/// Like [`HookError`](crate::HookError) it does not implement [`Error`], so that any error can be converted to it. It
/// converts to `Box<dyn Error + Send + Sync>`.
///
/// ```
/// use usermgr::{HookError, Mail, mail::MailError, Mailer};
///
/// fn render() -> Result<String, MailError> {
///     Ok(std::fs::read_to_string("/no/such/template")?)
/// }
///
/// async fn welcome(mailer: &dyn Mailer, mail: Mail) -> Result<(), HookError> {
///     Ok(mailer.send(mail.text(render()?)).await?)
/// }
/// assert!(render().is_err());
/// ```
pub struct MailError(Box<dyn Error + Send + Sync>);

/// The form of the error that implements `Error`.
#[derive(Debug, thiserror::Error)]
#[error("the mail could not be sent: {0}")]
struct NotSent(#[source] Box<dyn Error + Send + Sync>);

impl MailError {
    /// Creates an error from a text or from a boxed error.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for MailError {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl From<MailError> for Box<dyn Error + Send + Sync> {
    fn from(error: MailError) -> Self {
        Box::new(NotSent(error.0))
    }
}

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the mail could not be sent: {}", self.0)
    }
}

impl fmt::Debug for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MailError").field(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HookError;

    struct Broken;

    #[async_trait]
    impl Mailer for Broken {
        async fn send(&self, _: Mail) -> Result<(), MailError> {
            Err(std::io::Error::other("no route"))?
        }
    }

    #[tokio::test]
    async fn a_mailer_is_one_behind_a_pointer_and_its_failure_goes_on_by_the_question_mark() {
        async fn hook(mailer: impl Mailer) -> Result<(), HookError> {
            Ok(mailer.send(Mail::to(&EmailAddress::parse("ada@example.com").unwrap())).await?)
        }

        let shared: Arc<dyn Mailer> = Arc::new(Broken);
        let boxed: Box<dyn Mailer> = Box::new(Broken);
        let words = "the mail could not be sent: no route";
        assert_eq!(hook(Arc::clone(&shared)).await.unwrap_err().to_string(), words);
        assert_eq!(hook(boxed).await.unwrap_err().to_string(), words);
        let error = shared.send(Mail::to(&EmailAddress::parse("ada@example.com").unwrap())).await.unwrap_err();
        assert_eq!(error.to_string(), words);
        assert!(Box::<dyn Error + Send + Sync>::from(error).source().is_some_and(|cause| cause.is::<std::io::Error>()));
    }

    #[test]
    fn u3_a_subject_has_no_line_break() {
        let mail = Mail::to(&EmailAddress::parse("ada@example.com").unwrap()).subject("Hi\r\nBcc: eve@example.com");
        assert_eq!(mail.subject, "Hi  Bcc: eve@example.com");
    }
}
