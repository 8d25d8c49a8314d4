//! What a template gets: the contract of custom templates, which only grows.

use std::fmt;

use serde::Serialize;

use crate::presentation::BrandView;

/// One mail, as a template sees it. Custom templates name these fields; unknown names are errors at the start. Later versions may add
/// fields, and remove none.
///
/// ```jinja
/// <h1>{{ subject }}</h1>
/// {% for line in before %}<p>{{ line }}</p>{% endfor %}
/// {% if link %}<a href="{{ link }}">{{ button }}</a>{% endif %}
/// ```
///
/// `Debug` does not show the link and the code.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct MailView {
    /// The name of the message, as in [`Message::name`](crate::mail::Message::name).
    pub message: &'static str,
    /// The language of the texts (RFC 5646).
    pub language: String,
    /// The direction of the language: `ltr` or `rtl`.
    pub direction: String,
    /// The subject.
    pub subject: String,
    /// The address to which the mail goes.
    pub recipient: String,
    /// The paragraphs before the button.
    pub before: Vec<String>,
    /// The text of the button. `None` in a mail without a link.
    pub button: Option<String>,
    /// Where the button leads. It contains a token.
    pub link: Option<String>,
    /// The sentence before the link in plain text.
    pub or_copy: String,
    /// The code to type, in a mail that has one.
    pub code: Option<String>,
    /// The sentence before the code.
    pub code_label: Option<String>,
    /// Until when the link and the code work, in words.
    pub until: Option<String>,
    /// What a notice says of the request that caused it. Empty if nothing is known.
    pub facts: Vec<Fact>,
    /// The paragraphs after the button.
    pub after: Vec<String>,
    /// The brand.
    pub brand: BrandView,
}

impl fmt::Debug for MailView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailView")
            .field("message", &self.message)
            .field("language", &self.language)
            .field("recipient", &self.recipient)
            .finish_non_exhaustive()
    }
}

/// A fact of a notice, such as the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Fact {
    /// What it is, in the language of the mail.
    pub label: String,
    /// The value.
    pub value: String,
}

/// The body of a mail, as a [`MailRenderer`] has made it.
#[derive(Clone)]
#[non_exhaustive]
pub struct MailBody {
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
}

impl MailBody {
    /// Makes a body of plain text alone.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), html: None }
    }

    /// Sets the HTML.
    #[must_use]
    pub fn html(mut self, html: impl Into<String>) -> Self {
        self.html = Some(html.into());
        self
    }
}

/// Makes the bodies of mails in place of the templates, as with a template engine that is checked by the compiler. Languages, texts, links
/// and delivery stay those of [`Mails`](super::Mails).
///
/// ```
/// use usermgr::mail::{MailBody, MailError, MailRenderer, MailView};
///
/// struct Short;
///
/// impl MailRenderer for Short {
///     fn render(&self, view: &MailView) -> Result<MailBody, MailError> {
///         let link = view.link.as_deref().unwrap_or_default();
///         Ok(MailBody::new(format!("{}\n\n{link}\n", view.before.join("\n"))))
///     }
/// }
/// ```
pub trait MailRenderer: Send + Sync + 'static {
    /// Makes the body of a mail.
    ///
    /// # Errors
    /// The mail cannot be made. At the start, every mail is made once with sample values, and an error is reported then.
    fn render(&self, view: &MailView) -> Result<MailBody, crate::mailer::MailError>;
}
