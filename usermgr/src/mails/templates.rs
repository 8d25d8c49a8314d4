//! The shipped renderer: two templates serve all mails, and a template of the application under the name of a mail wins over them.

use std::collections::BTreeMap;

use minijinja::{Environment, UndefinedBehavior, value::Serde};

use super::{
    kind::{self, Kind},
    view::{MailBody, MailRenderer, MailView},
};
use crate::mailer::MailError;

/// The templates that serve every mail without one of its own.
const SHARED: [(&str, &str); 2] =
    [("mail.html", include_str!("templates/mail.html")), ("mail.txt", include_str!("templates/mail.txt"))];

/// All templates, compiled.
pub(super) struct Templates(Environment<'static>);

impl Templates {
    /// Compiles the shipped templates and those of the application.
    pub(super) fn new(own: &[(String, String)], faults: &mut Vec<String>) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let shipped = SHARED.iter().map(|(name, source)| ((*name).to_owned(), (*source).to_owned()));
        let sources: BTreeMap<String, String> = shipped.chain(own.iter().cloned()).collect();
        for (name, source) in sources {
            if !is_used(&name) {
                faults.push(format!(
                    "no mail takes the template `{name}`: name it `mail.html`, `mail.txt`, or for one mail as in `verify.html`; the mails \
                     are {}. A template that others include begins with `_`",
                    kind::names()
                ));
            } else if let Err(error) = environment.add_template_owned(name.clone(), source) {
                faults.push(format!("the template `{name}` cannot be read: {error}"));
            }
        }
        Self(environment)
    }

    /// Renders a part of a mail: by its own template, or by the shared one.
    fn part(&self, view: &MailView, extension: &str) -> Result<String, MailError> {
        let own = self.0.get_template(&format!("{}.{extension}", view.message));
        let template = match own {
            Ok(template) => template,
            Err(_) => self.0.get_template(&format!("mail.{extension}"))?,
        };
        Ok(template.render(minijinja::Value::from(Serde(view)))?)
    }
}

impl MailRenderer for Templates {
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
