//! A mailer that keeps what it is given.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::mail::{Mail, MailError, Mailer};

/// Mail that is captured instead of sent. Clones share it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// use usermgr::{EmailAddress, Mail, Mailer, testing::Mailbox};
/// let mailbox = Mailbox::default();
/// mailbox.send(Mail::to(&EmailAddress::parse("ada@example.com")?).text("hello")).await?;
/// assert_eq!(mailbox.last("ADA@example.com").unwrap().text, "hello");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Mailbox(Arc<Mutex<Vec<Mail>>>);

impl Mailbox {
    /// The newest mail to an address, in whatever case.
    pub fn last(&self, address: &str) -> Option<Mail> {
        self.all().into_iter().rev().find(|mail| mail.to.as_str().eq_ignore_ascii_case(address))
    }

    /// All mails, the oldest first.
    pub fn all(&self) -> Vec<Mail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Mailer for Mailbox {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
        Ok(())
    }
}
