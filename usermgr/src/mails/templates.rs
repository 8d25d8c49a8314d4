//! The shipped renderer: two templates serve all mails, and a template of the application under the name of a mail wins over them.

use super::{
    kind::{self, Kind},
    view::{MailBody, MailRenderer, MailView},
};
use crate::{mailer::MailError, presentation::Templates};

/// The templates that serve every mail without one of its own.
const SHARED: [(&str, &str); 2] =
    [("mail.html", include_str!("templates/mail.html")), ("mail.txt", include_str!("templates/mail.txt"))];

/// The templates of mails.
pub(super) struct MailTemplates(Templates);

impl MailTemplates {
    /// Compiles the shipped templates and those of the application.
    pub(super) fn new(own: &[(String, String)], faults: &mut Vec<String>) -> Self {
        let unused = |name: &str| {
            let fault = format!(
                "no mail takes the template `{name}`: name it `mail.html`, `mail.txt`, or for one mail as in `verify.html`; the mails \
                 are {}. A template that others include begins with `_`",
                kind::names()
            );
            (!is_used(name)).then_some(fault)
        };
        Self(Templates::new(&SHARED, own, unused, faults))
    }

    /// Renders a part of a mail: by its own template, or by the shared one.
    fn part(&self, view: &MailView, extension: &str) -> Result<String, MailError> {
        let own = format!("{}.{extension}", view.message);
        Ok(self.0.render(&own, &format!("mail.{extension}"), view)?)
    }
}

impl MailRenderer for MailTemplates {
    fn render(&self, view: &MailView) -> Result<MailBody, MailError> {
        Ok(MailBody::new(self.part(view, "txt")?).html(self.part(view, "html")?))
    }
}

/// Whether a template of this name is taken for something.
fn is_used(name: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let is_named = stem == "mail" || stem.starts_with('_') || Kind::named(stem).is_some();
    is_named && ["html", "txt"].contains(&extension)
}
