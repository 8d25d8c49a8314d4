//! One mail, as a [`Mailer`](super::Mailer) gets it.

use std::fmt;

use crate::user::EmailAddress;

/// A mail to one address. `Debug` does not show the texts and the link, because they may contain a token.
///
/// ```
/// use usermgr::{EmailAddress, Mail};
/// let mail = Mail::to(&EmailAddress::parse("ada@example.com")?).subject("Welcome").text("Hello.").language("en");
/// assert_eq!((mail.subject.as_str(), mail.html), ("Welcome", None));
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
    /// The same body as HTML, for programs that show it.
    pub html: Option<String>,
    /// The id of the mail, which all attempts to send it share: the `Message-ID` without its domain, or the idempotency key of a mail
    /// service. Letters, digits, `.`, `_` and `-` only.
    pub id: Option<String>,
    /// The language of the texts (RFC 5646), as in `de` or `pt-BR`.
    pub language: Option<String>,
    /// The link that the recipient is to open, for a mail service that has templates of its own. It is in the texts too.
    pub link: Option<String>,
}

impl Mail {
    /// Creates an empty mail to an address.
    pub fn to(address: &EmailAddress) -> Self {
        Self {
            to: address.clone(),
            subject: String::new(),
            text: String::new(),
            html: None,
            id: None,
            language: None,
            link: None,
        }
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

    /// Sets the body as HTML.
    #[must_use]
    pub fn html(mut self, html: impl Into<String>) -> Self {
        self.html = Some(html.into());
        self
    }

    /// Sets the id. Other characters than letters, digits, `.`, `_` and `-` are left out, because the id becomes a part of a header.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        let allowed = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
        self.id = Some(id.chars().filter(allowed).collect()).filter(|id: &String| !id.is_empty());
        self
    }

    /// Sets the language of the texts.
    #[must_use]
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// Sets the link.
    #[must_use]
    pub fn link(mut self, link: impl Into<String>) -> Self {
        self.link = Some(link.into());
        self
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("to", &self.to)
            .field("subject", &self.subject)
            .field("language", &self.language)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u3_neither_a_subject_nor_an_id_begins_another_header() {
        let mail = Mail::to(&EmailAddress::parse("ada@example.com").unwrap());
        let mail = mail.subject("Hi\r\nBcc: eve@example.com").id("a-1>\r\nBcc: eve@example.com");
        assert_eq!(mail.subject, "Hi  Bcc: eve@example.com");
        assert_eq!(mail.id.as_deref(), Some("a-1Bcceveexample.com"));
    }

    #[test]
    fn nm8_a_mail_shows_no_token_when_it_is_printed() {
        let mail = Mail::to(&EmailAddress::parse("ada@example.com").unwrap());
        let mail = mail.text("secret-1").html("secret-2").link("https://shop.example/?token=secret-3");
        assert!(!format!("{mail:?}").contains("secret"));
    }
}
