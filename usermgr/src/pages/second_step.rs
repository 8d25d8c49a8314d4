//! The second step of a sign-in. Its token waits in a cookie, so that it is in no address, and the page can be reloaded, left and opened again
//! until the sign-in is over.

use ::http::StatusCode;
use percent_encoding::percent_decode_str;

use super::{
    ErrorView,
    cookies::PENDING,
    failure::Failure,
    row::{Does, Form, Sends},
    visit::{Reply, Visit},
};
use crate::{
    Code,
    http::pending_value,
    manager::UserManager,
    store::{Directory, SessionStore},
};

/// The pages that ask for a second factor, each with the kind of its factor.
const STEPS: [(&str, &str); 3] = [("second-step", "totp"), (PASSKEY_STEP, "passkey"), ("recovery", "recovery")];
const PASSKEY_STEP: &str = "passkey-step";

/// A sign-in that waits for its second factor.
pub(super) struct Waiting {
    pub(super) token: String,
    /// The kinds of factors with which it goes on.
    kinds: Vec<String>,
}

impl Waiting {
    fn read(value: &str) -> Option<Self> {
        let (token, kinds) = value.split_once('.')?;
        let kinds = percent_decode_str(kinds).decode_utf8().ok()?;
        Some(Self { token: token.to_owned(), kinds: kinds.split(' ').map(str::to_owned).collect() })
    }

    /// Whether a page has nothing to ask: the page of another kind of factor. A page that asks for no factor is led to as always.
    fn lacks(&self, page: &str) -> bool {
        STEPS.iter().any(|(step, kind)| *step == page && !self.kinds.iter().any(|known| known == kind))
    }
}

impl<M: UserManager<Store: SessionStore + Directory>> Visit<'_, M> {
    /// The sign-in that waits in this browser.
    pub(super) fn waiting(&self) -> Option<Waiting> {
        PENDING.read(&self.parts.headers, self.cookie).as_deref().and_then(Waiting::read)
    }

    /// Asks for the second factor.
    pub(super) async fn second_step(
        &mut self,
        form: Form,
        errors: Vec<ErrorView>,
        status: StatusCode,
    ) -> Result<Reply, Failure> {
        let Some(waiting) = self.waiting() else {
            let return_to = [("return_to", self.wanted_text())];
            return Ok(match self.principal().await? {
                // They came back after the end.
                Some(_) => self.to_with("signed-in", &return_to, None),
                None => self.to_with("sign-in", &return_to, Some("not_pending")),
            });
        };
        let is_other = waiting.lacks(self.page.name);
        let fits = |(page, _): &&(&str, _)| !waiting.lacks(page) && self.pages.page(page).is_some();
        if let Some((page, _)) = STEPS.iter().find(fits).filter(|_| is_other) {
            return Ok(self.to_with(page, &[("return_to", self.wanted_text())], None));
        }
        let mut view = self.view(self.page.name, self.page.texts);
        let links: Vec<_> = self.page.links.iter().copied().filter(|(page, _)| !waiting.lacks(page)).collect();
        view.links = self.links(&links);
        if is_other {
            view.lead = vec![self.text("pages.second_step.other")];
        } else {
            view.lead = self.lead(&[]);
            let mut form = self.filled(form, None, &errors);
            if self.page.name == PASSKEY_STEP {
                form.passkey = match self.passkey_of_step(&waiting.token).await {
                    Err(failure) if failure.is(Code::LoginNotPending) => return Ok(self.over()),
                    passkey => passkey?,
                };
            }
            view.form = Some(form);
        }
        view.errors = errors;
        Ok(Reply::Page(status, view))
    }

    /// Leads a sign-in on to its second step, or back to the beginning.
    pub(super) fn stepped(&mut self, does: Does, failure: &Failure) -> Option<Reply> {
        if failure.is(Code::LoginSecondFactorRequired) {
            self.pages.page("second-step")?;
            let (token, kinds) = (failure.said("pending_token")?, failure.said("factors").unwrap_or_default());
            let value = pending_value(token, kinds);
            self.cookies.extend(PENDING.set(&value, self.cookie));
            return Some(self.to_with("second-step", &[("return_to", self.wanted_text())], None));
        }
        let is_over = failure.is(Code::LoginNotPending) || failure.is(Code::LoginBadCredentials);
        (is_over && matches!(does.sends, Sends::Answer(_))).then(|| self.over())
    }

    /// Leads back to the beginning: the sign-in can no longer go on.
    fn over(&mut self) -> Reply {
        self.cookies.extend(PENDING.clear(self.cookie));
        self.to_with("sign-in", &[("return_to", self.wanted_text())], Some("not_pending"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_read_as_it_was_written() {
        let waiting = Waiting::read(&pending_value("abc-_9", "totp recovery")).unwrap();
        assert_eq!(waiting.token, "abc-_9");
        assert_eq!(["second-step", "recovery", "sign-in"].map(|page| waiting.lacks(page)), [false; 3]);
        let waiting = Waiting::read("abc.badge").unwrap();
        assert_eq!(["second-step", "recovery", "sign-in"].map(|page| waiting.lacks(page)), [true, true, false]);
        assert!(Waiting::read("abc").is_none());
    }
}
