//! Passkeys on the pages. The script of the pages hands the options of a form to the browser, and sends its answer in the form, so that a page
//! asks for nothing by itself. Without the script, or in a browser without passkeys, these forms are not shown.

use ::http::StatusCode;
use serde_json::{Value, json};

use super::{
    ErrorView, FormView, LinkView, PageView, PasskeyView,
    cookies::OFFERED,
    failure::Failure,
    fields::{CREDENTIAL, LABEL_OF_PASSKEY, PENDING_TOKEN, RETURN_TO},
    row::{Does, Form, Sends, form},
    screens::text_of,
    templates::MAKE,
    visit::{Reply, Visit, json as read},
};
use crate::{
    Code,
    http::Endpoint,
    manager::UserManager,
    session::{Method, Principal},
    store::{Directory, SessionStore},
};

/// The route that gives the options of a login, and the one that lists the passkeys of a user.
#[cfg(feature = "passkeys")]
const ROUTES: Option<[Endpoint; 2]> = Some([Endpoint::BeginPasskeyLogin, Endpoint::ListPasskeys]);
#[cfg(not(feature = "passkeys"))]
const ROUTES: Option<[Endpoint; 2]> = None;

/// The page that signs in with a passkey alone.
const SIGN_IN: &str = "passkey-sign-in";
/// The pages that lead to it.
const ADD: [&str; 2] = ["add-passkey", "offer-passkey"];
const ANSWER: Form = form(&[PENDING_TOKEN, CREDENTIAL, RETURN_TO]);
const MADE: Form = form(&[PENDING_TOKEN, CREDENTIAL, LABEL_OF_PASSKEY, RETURN_TO]);

/// What the list of factors shows of passkeys.
#[derive(Default)]
pub(super) struct Listed {
    rows: Vec<Value>,
    /// What tells the browser which passkeys are left.
    pub(super) signal: Option<String>,
}

impl Listed {
    /// Whether a factor is a passkey that its owner has on other devices too.
    pub(super) fn is_synced(&self, id: &str) -> Option<bool> {
        self.rows.iter().find(|row| row["id"] == id).and_then(|row| row["is_synced"].as_bool())
    }
}

impl PasskeyView {
    fn new(makes: bool, options: &Value) -> Self {
        Self { makes, waits: false, options: options["publicKey"].to_string() }
    }
}

impl<M: UserManager<Store: SessionStore + Directory>> Visit<'_, M> {
    /// The form that signs in with a passkey alone, if the engine has passkeys. Its options name no user, and asking for them writes nothing.
    pub(super) async fn passkey_form(&self) -> Result<Option<FormView>, Failure> {
        let Some(begin) = ROUTES.map(|[begin, _]| begin).filter(|_| self.served(SIGN_IN).is_some()) else {
            return Ok(None);
        };
        let begun = read(&self.ask(begin, "", None).await?);
        let mut form = self.filled_of(SIGN_IN, ANSWER, "passkey_sign_in", &[]);
        form.passkey = Some(PasskeyView::new(false, &begun["options"]));
        fill(&mut form, "pending_token", &text_of(&begun["pending_token"]));
        Ok(Some(form))
    }

    /// The page with that form and nothing else, for an answer that was refused.
    pub(super) async fn passkey_page(&mut self, errors: Vec<ErrorView>) -> Result<Box<PageView>, Failure> {
        let form = self.passkey_form().await?.ok_or_else(Failure::not_found)?;
        let mut view = self.view(self.page.name, self.page.texts);
        view.lead = self.lead(&[]);
        view.form = Some(form);
        view.errors = errors;
        Ok(view)
    }

    /// The passkey that answers the second step of a sign-in: its options, as the first step has left them.
    pub(super) async fn passkey_of_step(&self, token: &str) -> Result<Option<PasskeyView>, Failure> {
        let asked = json!({ "pending_token": token });
        let pending = read(&self.ask(Endpoint::PendingLogin, "", Some(&asked)).await?);
        let mut factors = pending["factors"].as_array().into_iter().flatten();
        Ok(factors.find(|factor| factor["kind"] == "passkey").map(|factor| PasskeyView::new(false, &factor["options"])))
    }

    /// The page on which the browser makes a passkey.
    pub(super) async fn make_passkey(&mut self, begun: &Value) -> Result<Reply, Failure> {
        let mut view = self.answering(MAKE, "confirm_passkey").await?;
        view.lead = vec![self.text("pages.confirm_passkey.lead")];
        let mut form = self.filled_of(MAKE, MADE, "confirm_passkey", &[]);
        form.passkey = Some(PasskeyView::new(true, &begun["options"]));
        fill(&mut form, "pending_token", &text_of(&begun["pending_token"]));
        view.form = Some(form);
        Ok(Reply::Page(StatusCode::OK, view))
    }

    /// What a failure of adding a passkey leads to: the beginning, since an answer is good once, with what is wrong.
    pub(super) async fn passkey_again(&mut self, does: Does, failure: &Failure) -> Option<Reply> {
        if !matches!(does.sends, Sends::Credential(_)) || self.page.name != MAKE || failure.asks_for_a_login() {
            return None;
        }
        let first = ADD.iter().find(|page| self.served(page).is_some())?;
        if failure.is(Code::FactorNotPending) {
            return Some(self.to_with(first, &[("return_to", self.wanted_text())], Some("begin_again")));
        }
        let errors = self.errors(failure, &[]);
        let principal = self.principal().await.ok().flatten()?;
        let mut view = self.view(first, "add_passkey");
        view.menu = Some(self.menu(&principal));
        view.links.extend(self.resend_links(failure));
        view.errors = errors;
        view.form = Some(self.filled_of(first, form(&[RETURN_TO]), "add_passkey", &[]));
        Some(Reply::Page(failure.status, view))
    }

    /// The passkeys of the user.
    pub(super) async fn passkeys(&self) -> Result<Listed, Failure> {
        let Some(list) = ROUTES.map(|[_, list]| list).filter(|list| self.has_route(*list)) else {
            return Ok(Listed::default());
        };
        let listed = self.read(list, "", None).await?;
        let rows = listed["passkeys"].as_array().cloned().unwrap_or_default();
        let ids: Vec<_> = rows.iter().map(|row| row["credential_id"].clone()).collect();
        let (rp_id, handle) = (&listed["rp_id"], &listed["user_handle"]);
        let signal = json!({ "rpId": rp_id, "userId": handle, "allAcceptedCredentialIds": ids });
        Ok(Listed { rows, signal: handle.is_string().then(|| signal.to_string()) })
    }

    /// Whether there are the pages that add a passkey.
    pub(super) fn adds_passkey(&self) -> bool {
        self.are_served(&[ADD[0], MAKE])
    }

    /// Whether a user who has just signed in is offered a passkey: they have none, and this browser has not offered one for some time.
    pub(super) async fn offers_passkey(&self, principal: &Principal<M::Store>) -> Result<bool, Failure> {
        let is_offered = OFFERED.read(&self.parts.headers, self.cookie).is_some();
        let has_used_one = principal.session.amr.contains(&Method::KEY);
        let may = principal.user().is_verified && self.are_served(&[ADD[1], MAKE]);
        Ok(may && !is_offered && !has_used_one && self.passkeys().await?.rows.is_empty())
    }

    /// Offers a passkey, once for some time. A browser that can make none goes on by itself.
    pub(super) async fn offer(
        &mut self,
        form: Form,
        principal: &Principal<M::Store>,
        errors: Vec<ErrorView>,
    ) -> Result<Box<PageView>, Failure> {
        self.cookies.extend(OFFERED.set("yes", self.cookie));
        let form = self.filled(form, None, &errors);
        let mut view = self.view_of(principal, errors);
        let on = self.wanted().unwrap_or_else(|| self.pages.home.clone()).as_str().to_owned();
        view.lead = ["lead", "then"].map(|part| self.text(&format!("pages.offer_passkey.{part}"))).into();
        view.form = Some(form);
        view.links = vec![LinkView { href: on.clone(), text: self.text("pages.link.not_now") }];
        view.skips_to = Some(on);
        Ok(view)
    }
}

/// What a route says about the answer of a passkey, in the words for passkeys: its code is that of passwords and codes too.
pub(super) fn in_words_of_passkeys(does: Does, failure: Failure) -> Failure {
    let answers = match does.sends {
        Sends::Credential(_) => true,
        Sends::Answer(names) => names.iter().any(|(name, _)| *name == CREDENTIAL.name),
        _ => false,
    };
    let is_refused = [Code::LoginBadCredentials, Code::LoginBadSecondFactor, Code::FactorBadCode];
    match answers && is_refused.into_iter().any(|code| failure.is(code)) {
        true => Failure::code(failure.status, "passkey"),
        false => failure,
    }
}

fn fill(form: &mut FormView, name: &str, value: &str) {
    for field in form.fields.iter_mut().filter(|field| field.name == name) {
        value.clone_into(&mut field.value);
    }
}
