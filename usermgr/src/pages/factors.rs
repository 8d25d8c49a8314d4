//! The second factors on the account: the list, the forms about one of them, the app that is being set up, and the recovery codes.

use ::http::StatusCode;
use serde_json::Value;

use super::{
    ErrorView, FactorView, FactorsView, LinkView, PageView, PictureView, SetUpView,
    address::return_to,
    failure::Failure,
    fields::{CODE, LABEL_OF_APP, PENDING_TOKEN, RETURN_TO, URI},
    passkeys::Listed,
    row::{Does, Form, Sends, form},
    screens::text_of,
    templates::{CODES, SET_UP},
    visit::{Reply, Visit},
};
use crate::{
    Code,
    http::{Endpoint, Guard},
    manager::UserManager,
    session::Principal,
    store::{Directory, SessionStore},
};

/// The kind of recovery codes, which are no factor without another one.
const RECOVERY: &str = "recovery";
/// What confirms an app. The answer to a wrong code shows the picture again, and nothing else has kept its address.
const CONFIRMATION: Form = form(&[CODE, LABEL_OF_APP, PENDING_TOKEN, URI, RETURN_TO]);
/// The beginning of the address of an app.
const APP: &str = "otpauth://totp/";

impl<M: UserManager<Store: SessionStore + Directory>> Visit<'_, M> {
    /// The second factors of the user, if the engine has any.
    pub(super) async fn factors(&self) -> Result<Option<FactorsView>, Failure> {
        if !self.has_route(Endpoint::ListFactors) {
            return Ok(None);
        }
        let listed = self.read(Endpoint::ListFactors, "", None).await?;
        let passkeys = self.passkeys().await?;
        let rows = listed.as_array().into_iter().flatten().map(|factor| self.factor(factor, &passkeys)).collect();
        let (adds_app, adds_passkey) = (self.adds_app(), self.adds_passkey());
        Ok(Some(FactorsView { rows, adds_app, adds_passkey, signal: passkeys.signal }))
    }

    /// Whether there are the pages that add an app: the second one is no use without the first, and the first leads to the second.
    fn adds_app(&self) -> bool {
        self.are_served(&["add-app", SET_UP])
    }

    fn factor(&self, factor: &Value, passkeys: &Listed) -> FactorView {
        let text = |name: &str| factor[name].as_str().map(str::to_owned);
        let (kind, added_at, used_at) = (text_of(&factor["kind"]), text_of(&factor["created_at"]), text("used_at"));
        let name = self.pages.optional(&self.language, &format!("factor.{kind}"), &[]);
        FactorView {
            id: text_of(&factor["id"]),
            name: name.unwrap_or_else(|| kind.clone()),
            kind,
            label: text("label"),
            added: self.moment(&added_at),
            added_at,
            used: used_at.as_deref().map(|at| self.moment(at)),
            used_at,
            is_synced: passkeys.is_synced(&text_of(&factor["id"])),
            codes_left: factor["codes_left"].as_u64(),
        }
    }

    /// A form about the factor in the path, or about the recovery codes of the user.
    pub(super) async fn factor_form(
        &mut self,
        form: Form,
        principal: &Principal<M::Store>,
        errors: Vec<ErrorView>,
    ) -> Result<Box<PageView>, Failure> {
        let FactorsView { rows, .. } = self.factors().await?.ok_or_else(Failure::not_found)?;
        let mut factors = rows.into_iter().filter(|factor| factor.kind != RECOVERY);
        let factor = match self.page.path.contains("{id}") {
            true => factors.find(|factor| factor.id == self.param()).ok_or_else(Failure::not_found)?,
            false => {
                factors.next().ok_or_else(|| Failure::code(StatusCode::BAD_REQUEST, Code::FactorMissing.as_str()))?
            }
        };
        // The route would refuse it too, but only after the form was sent.
        if !principal.session.amr.is_multi_factor() {
            return Err(Failure::code(StatusCode::FORBIDDEN, Code::SecondFactorRequired.as_str()));
        }
        let form = self.filled_for_label(form, factor.label.as_deref(), &errors);
        let mut view = self.view_of(principal, errors);
        view.lead = self.lead(&[("factor", factor.label.as_deref().unwrap_or(&factor.name))]);
        view.form = Some(form);
        Ok(view)
    }

    /// Begins to set an app up. The address of the app goes on in the form: neither a cookie nor a URL has it.
    pub(super) async fn begun(&mut self, answer: &Value) -> Result<Reply, Failure> {
        for name in ["pending_token", "uri"] {
            self.form.insert(name.to_owned(), text_of(&answer[name]));
        }
        Ok(Reply::Page(StatusCode::OK, self.set_up(Vec::new()).await?))
    }

    /// The picture of the app that is being set up, with the form for its first code.
    async fn set_up(&mut self, errors: Vec<ErrorView>) -> Result<Box<PageView>, Failure> {
        let uri = self.form.get("uri").cloned().unwrap_or_default();
        let secret = uri.split_once("secret=").map_or("", |(_, rest)| rest.split('&').next().unwrap_or_default());
        let secret: Vec<char> = secret.chars().collect();
        let groups: Vec<String> = secret.chunks(4).map(|group| group.iter().collect()).collect();
        let mut view = self.answering(SET_UP, "confirm_app").await?;
        view.lead = vec![self.text("pages.confirm_app.lead")];
        view.form = Some(self.filled_of(SET_UP, CONFIRMATION, "confirm_app", &errors));
        view.errors = errors;
        view.set_up = Some(SetUpView { picture: picture(&uri), secret: groups.join(" "), uri });
        Ok(view)
    }

    /// Shows new recovery codes. Without any, the factor was not the first one.
    pub(super) async fn codes(&mut self, answer: &Value, done: Option<&'static str>) -> Result<Reply, Failure> {
        let Some(codes) = answer["recovery_codes"].as_array() else {
            return Ok(match self.wanted() {
                Some(wanted) => Reply::Go(wanted, done),
                None => self.to("account", done),
            });
        };
        let mut view = self.answering(CODES, "codes").await?;
        view.notice = done.map(|done| self.text(&format!("pages.done.{done}")));
        view.lead = ["lead", "once"].map(|part| self.text(&format!("pages.codes.{part}"))).into();
        view.codes = Some(codes.iter().map(text_of).collect());
        let wanted = self.wanted().map(|wanted| wanted.as_str().to_owned());
        let href = wanted.unwrap_or_else(|| self.href_of_account());
        view.links = vec![LinkView { href, text: self.text("pages.link.go_on") }];
        Ok(Reply::Page(StatusCode::OK, view))
    }

    /// What a failure of setting an app up leads to, if it is not a page that says what is wrong: the picture once more, or the beginning.
    pub(super) async fn set_up_again(&mut self, does: Does, failure: &Failure) -> Option<Reply> {
        if !matches!(does.sends, Sends::Confirmation) {
            return None;
        }
        let is_typo = failure.is(Code::FactorBadCode)
            || failure.is(Code::FactorInvalidLabel)
            || failure.status == StatusCode::UNPROCESSABLE_ENTITY;
        let has_app = self.form.get("uri").is_some_and(|uri| uri.starts_with(APP));
        if failure.is(Code::FactorNotPending) || is_typo && !has_app {
            return Some(self.to_with("add-app", &[("return_to", self.wanted_text())], Some("begin_again")));
        }
        if !is_typo {
            return None;
        }
        let errors = self.errors(failure, &[]);
        let view = self.set_up(errors).await.ok()?;
        Some(Reply::Page(failure.status, view))
    }

    /// Leads a user who must have a second factor to where one is added. `back` is where they wanted to be. If that is where one is added,
    /// they go there as they are: the end of it would lead to its beginning otherwise.
    pub(super) fn to_set_up(&self, back: Option<&str>) -> Option<Reply> {
        let pages = [("add-app", self.adds_app()), ("add-passkey", self.adds_passkey())];
        let there: Vec<_> = pages.into_iter().filter(|(_, is_there)| *is_there).map(|(page, _)| page).collect();
        let path = back.and_then(|back| back.split(['?', '#']).next());
        let adds = there.iter().any(|page| path == Some(&self.pages.href(page)));
        let own = back.filter(|_| adds).and_then(|back| return_to(back, &self.pages.origins));
        match own {
            Some(own) => Some(Reply::Go(own, Some("set_up"))),
            None => Some(self.to_with(there.first()?, &[("return_to", back)], Some("set_up"))),
        }
    }

    /// Whether a user must add a second factor before anything else.
    pub(super) fn must_set_up(&self, principal: &Principal<M::Store>) -> bool {
        let admitted = Guard::active().admit(self.manager.engine_ref(), Some(principal.clone()));
        admitted.is_err_and(|problem| Failure::from(problem).is(Code::SecondFactorSetupRequired))
    }
}

/// The QR code of the address of an app.
#[cfg(feature = "totp")]
fn picture(uri: &str) -> Option<PictureView> {
    let picture = crate::slices::totp::Picture::of(uri)?;
    Some(PictureView { size: picture.size, path: picture.path })
}

#[cfg(not(feature = "totp"))]
fn picture(_: &str) -> Option<PictureView> {
    None
}
