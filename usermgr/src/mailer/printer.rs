//! A mailer for development, which prints what it is given.

use std::io::{self, Write};

use async_trait::async_trait;

use super::{Mail, MailError, Mailer};

/// Writes each mail to the standard output, for development.
///
/// ```
/// use usermgr::{EmailAddress, Mail, Mailer, mail::Printer};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let mail = Mail::to(&EmailAddress::parse("ada@example.com")?).subject("Welcome").text("Hello!");
/// Printer::dangerous().send(mail).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Printer(());

impl Printer {
    /// Creates the mailer. Mails contain tokens, which grant access to accounts: a reader of the output of
    /// the program can use them.
    pub fn dangerous() -> Self {
        Self(())
    }
}

#[async_trait]
impl Mailer for Printer {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        Ok(write(&mut io::stdout().lock(), &mail)?)
    }
}

fn write(out: &mut impl Write, mail: &Mail) -> io::Result<()> {
    writeln!(out, "mail to {}: {}\n{}", mail.to, mail.subject, mail.text)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EmailAddress;

    #[test]
    fn a_mail_is_printed_with_its_recipient_subject_and_text() {
        let mail = Mail::to(&EmailAddress::parse("ada@example.com").unwrap()).subject("Welcome").text("Hello!");
        let mut out = Vec::new();
        write(&mut out, &mail).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "mail to ada@example.com: Welcome\nHello!\n");
    }

    #[test]
    fn an_output_that_is_closed_is_an_error() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mail = Mail::to(&EmailAddress::parse("ada@example.com").unwrap());
        assert_eq!(write(&mut Closed, &mail).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
