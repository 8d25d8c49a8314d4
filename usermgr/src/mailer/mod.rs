//! What the core knows of mail: the messages to users, the messenger that sends them, and the mailer that passes a mail on.

mod error;
mod login_mail;
mod message;
mod one;
mod printer;

use std::sync::Arc;

use async_trait::async_trait;

pub use error::MailError;
pub use login_mail::LoginMail;
pub use message::{Message, Messenger};
pub use one::Mail;
pub use printer::Printer;

/// Sends mail, for a hook or for [`Mails`](crate::mail). The feature `smtp` has one for mail servers, [`Printer`] prints mail
/// for development, and the testing kit has a mailer that captures it.
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
