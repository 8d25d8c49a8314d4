//! The shipped renderer: a few templates serve all pages, and a template of the application under the name of a page wins over them.

use super::{
    PageView,
    renderer::{PageRenderer, RenderError},
    row::{Does, Page, Then},
    table::PAGES,
};
use crate::presentation::Templates;

macro_rules! shipped {
    ($($name:literal)*) => { [$(($name, include_str!(concat!("templates/", $name)))),*] };
}

/// The templates that serve every page without one of its own. Those whose names begin with `_` are parts of others.
const SHIPPED: [(&str, &str); 15] = shipped! {
    "layout.html" "form.html" "account.html" "confirm-app.html" "codes.html" "users.html" "user.html" "invitations.html"
    "undelivered.html" "_form.html" "_factors.html" "_keys.html" "_providers.html" "_sessions.html" "_logins.html"
};

/// The template of a page without one of its own name.
const USUAL: &str = "form.html";

/// The templates of pages.
pub(super) struct PageTemplates(Templates);

impl PageTemplates {
    /// Compiles the shipped templates and those of the application.
    pub(super) fn new(own: &[(String, String)], faults: &mut Vec<String>) -> Self {
        let unused = |name: &str| {
            let pages: Vec<_> = PAGES.iter().filter(|page| has_template(page)).map(|page| page.name).collect();
            let fault = format!(
                "no page takes the template `{name}`: name it `layout.html`, `form.html`, or for one page as in `sign-in.html`; the \
                 pages are {}. A template that others include begins with `_`",
                pages.join(", ")
            );
            (!is_used(name)).then_some(fault)
        };
        Self(Templates::new(&SHIPPED, own, unused, faults))
    }
}

impl PageRenderer for PageTemplates {
    fn render(&self, view: &PageView) -> Result<String, RenderError> {
        Ok(self.0.render(&format!("{}.html", view.page), USUAL, view)?)
    }
}

/// Whether a page is HTML.
pub(super) fn has_template(page: &Page) -> bool {
    let is_answered = ANSWERS.contains(&page.name) || matches!(page.does, Some(Does { then: Then::Leave, .. }));
    (page.is_shown() || is_answered) && !page.path.contains('.')
}

/// Whether a template of this name is taken for something.
fn is_used(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".html") else { return false };
    stem.starts_with('_')
        || SHIPPED.iter().any(|(shipped, _)| *shipped == name)
        || Page::named(stem).is_some_and(has_template)
        || [FAILED, GONE, CODES].contains(&stem)
}

/// The page that says what went wrong, if there is no form to say it.
pub(super) const FAILED: &str = "failed";
/// The page of a link that does not work any more.
pub(super) const GONE: &str = "gone";
/// The page with new recovery codes, or with a new API key.
pub(super) const CODES: &str = "codes";
/// The pages that answer a form.
const ANSWERS: [&str; 2] = [SET_UP, MAKE];
/// The page of an app that is being set up. It answers a form.
pub(super) const SET_UP: &str = "confirm-app";
/// The page on which the browser makes a passkey. It answers a form.
pub(super) const MAKE: &str = "confirm-passkey";

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
            // The own script, and the one of a captcha, whose URL the policy of its page allows.
            let scripts = ["<script src=\"{{ script }}\" defer></script>", "<script src=\"{{ captcha.script }}\"{% if"];
            let known: usize = scripts.iter().map(|script| source.matches(script).count()).sum();
            assert_eq!(source.matches("<script").count(), known, "{name}");
        }
    }
}
