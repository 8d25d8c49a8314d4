//! The shipped renderer: a few templates serve all pages, and a template of the application under the name of a page wins over them.

use std::collections::BTreeMap;

use minijinja::{Environment, UndefinedBehavior, value::Serde};

use super::{
    PageView,
    renderer::{PageRenderer, RenderError},
    table::{Does, PAGES, Page, Then},
};

macro_rules! shipped {
    ($($name:literal)*) => { [$(($name, include_str!(concat!("templates/", $name)))),*] };
}

/// The templates that serve every page without one of its own. Those whose names begin with `_` are parts of others.
const SHIPPED: [(&str, &str); 9] = shipped! {
    "layout.html" "form.html" "account.html" "users.html" "user.html" "undelivered.html" "_form.html" "_providers.html" "_sessions.html"
};

/// The template of a page without one of its own name.
const USUAL: &str = "form.html";

/// All templates, compiled.
pub(super) struct Templates(Environment<'static>);

impl Templates {
    /// Compiles the shipped templates and those of the application.
    pub(super) fn new(own: &[(String, String)], faults: &mut Vec<String>) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let shipped = SHIPPED.iter().map(|(name, source)| ((*name).to_owned(), (*source).to_owned()));
        let sources: BTreeMap<String, String> = shipped.chain(own.iter().cloned()).collect();
        for (name, source) in sources {
            if !is_used(&name) {
                let pages: Vec<_> = PAGES.iter().filter(|page| has_template(page)).map(|page| page.name).collect();
                faults.push(format!(
                    "no page takes the template `{name}`: name it `layout.html`, `form.html`, or for one page as in `sign-in.html`; the \
                     pages are {}. A template that others include begins with `_`",
                    pages.join(", ")
                ));
            } else if let Err(error) = environment.add_template_owned(name.clone(), source) {
                faults.push(format!("the template `{name}` cannot be read: {error}"));
            }
        }
        Self(environment)
    }
}

impl PageRenderer for Templates {
    fn render(&self, view: &PageView) -> Result<String, RenderError> {
        let own = self.0.get_template(&format!("{}.html", view.page));
        let template = match own {
            Ok(template) => template,
            Err(_) => self.0.get_template(USUAL)?,
        };
        Ok(template.render(minijinja::Value::from(Serde(view)))?)
    }
}

/// Whether a page is HTML.
pub(super) fn has_template(page: &Page) -> bool {
    (page.is_shown() || matches!(page.does, Some(Does { then: Then::Leave, .. }))) && !page.path.contains('.')
}

/// Whether a template of this name is taken for something.
fn is_used(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".html") else { return false };
    stem.starts_with('_')
        || SHIPPED.iter().any(|(shipped, _)| *shipped == name)
        || Page::named(stem).is_some_and(has_template)
        || [FAILED, GONE].contains(&stem)
}

/// The page that says what went wrong, if there is no form to say it.
pub(super) const FAILED: &str = "failed";
/// The page of a link that does not work any more.
pub(super) const GONE: &str = "gone";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pg3_no_template_has_a_script_a_style_or_a_value_that_is_not_escaped() {
        for (name, source) in SHIPPED {
            for refused in ["|safe", "| safe", "autoescape", "style=", "<style", " on", "javascript:"] {
                let found = source.match_indices(refused).map(|(at, _)| &source[at..]).find(|rest| {
                    // ` on` is refused as the beginning of a handler such as `onclick=`.
                    refused != " on"
                        || rest[3..]
                            .split(|c: char| !c.is_ascii_alphabetic())
                            .next()
                            .is_some_and(|word| rest[3 + word.len()..].starts_with('='))
                });
                assert_eq!(found, None, "{name}");
            }
            assert!(source.matches("<script").all(|_| source.contains("<script src=\"{{ script }}\" defer></script>")));
        }
    }
}
