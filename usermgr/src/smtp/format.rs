//! A mail as it goes over the wire (RFC 5322), with the headers of a mail that a program writes (RFC 3834).

use std::fmt;

use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};

use super::Failure;
use crate::{config_error::ConfigError, mailer::Mail, user::EmailAddress};

/// The sender, and where answers go.
#[derive(Clone)]
pub(super) struct Format {
    from: Mailbox,
    reply_to: Option<Mailbox>,
}

impl Format {
    pub(super) fn new(from: &str) -> Result<Self, ConfigError> {
        Ok(Self { from: mailbox(from)?, reply_to: None })
    }

    pub(super) fn reply_to(&mut self, address: &str) -> Result<(), ConfigError> {
        self.reply_to = Some(mailbox(address)?);
        Ok(())
    }

    /// The domain of the sender: the name with which the server is greeted, and that of message ids.
    pub(super) fn domain(&self) -> &str {
        self.from.email.domain()
    }

    /// Writes a mail.
    pub(super) fn message(&self, mail: &Mail) -> Result<Message, Failure> {
        let fault = |error: &dyn std::error::Error| Failure::Format(error.to_string().into());
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, recipient(&mail.to)?))
            .subject(mail.subject.clone())
            .message_id(mail.id.as_ref().map(|id| format!("<{id}@{}>", self.domain())));
        if let Some(reply_to) = &self.reply_to {
            message = message.reply_to(reply_to.clone());
        }
        let language = mail.language.as_deref().unwrap_or_default();
        for (name, value) in
            [("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All"), ("Content-Language", language)]
        {
            if !value.is_empty() {
                let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|error| fault(&error))?;
                message = message.raw_header(HeaderValue::new(name, value.to_owned()));
            }
        }
        let text = part(ContentType::TEXT_PLAIN, &mail.text);
        let message = match &mail.html {
            Some(html) => {
                let both = MultiPart::alternative().singlepart(text).singlepart(part(ContentType::TEXT_HTML, html));
                message.multipart(both)
            }
            None => message.singlepart(text),
        };
        message.map_err(|error| fault(&error))
    }
}

fn part(kind: ContentType, text: &str) -> SinglePart {
    SinglePart::builder().header(kind).header(ContentTransferEncoding::QuotedPrintable).body(text.to_owned())
}

/// The recipient, from its two parts: it is never parsed as a list of mailboxes with names. The domain is in ASCII, which every server
/// transports.
fn recipient(address: &EmailAddress) -> Result<Address, Failure> {
    let domain = address.canonical().rsplit_once('@').map_or("", |(_, domain)| domain);
    let local = address.as_str().rsplit_once('@').map_or("", |(local, _)| local);
    Address::new(local, domain).map_err(|error| Failure::Format(Box::new(error)))
}

/// The mailbox of the application.
fn mailbox(text: &str) -> Result<Mailbox, ConfigError> {
    let parsed = text.parse::<Mailbox>().ok().filter(|mailbox| mailbox.email.domain().is_ascii());
    parsed.ok_or_else(|| {
        ConfigError::new(format!("`{text}` is no sender of mails: write it as in `Shop <accounts@shop.example>`"))
    })
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.from, f)
    }
}
