//! What a GET shows. It changes nothing.

use ::http::StatusCode;

use super::{
    ErrorView, FieldView, FormView, LinkView, PageView, ProviderView,
    address::{return_to, with_query},
    failure::Failure,
    fields::{Field, Kind, ProfileField},
    row::{Form, Mailed, Shows},
    templates::{FAILED, GONE},
    visit::{Reply, Visit},
};
use crate::{
    Code, TokenState,
    engine::Usernames,
    http::{Problem, RequestContext, demand},
    manager::UserManager,
    session::Principal,
    slices::index::Operations as _,
    store::{Directory, SessionStore},
};

impl<M: UserManager<Store: SessionStore + Directory>> Visit<'_, M> {
    pub(super) async fn show(&mut self) -> Reply {
        match self.shown(Vec::new(), StatusCode::OK).await {
            Ok(reply) => reply,
            Err(failure) => self.refused(failure).await,
        }
    }

    /// The page, with the errors of a form that was sent.
    pub(super) async fn shown(&mut self, errors: Vec<ErrorView>, status: StatusCode) -> Result<Reply, Failure> {
        let mut reply = self.screen(errors, status).await?;
        if let Reply::Page(_, view) = &mut reply {
            self.add_captcha(view).await;
        }
        Ok(reply)
    }

    /// The same without the captcha.
    async fn screen(&mut self, errors: Vec<ErrorView>, status: StatusCode) -> Result<Reply, Failure> {
        let principal = self.admitted().await?;
        let Some(shows) = self.page.shows else { return Err(Failure::not_found()) };
        if !self.serves(self.page) {
            // It is about a part that the engine does not have.
            return Err(Failure::not_found());
        }
        if self.is_closed(self.page) {
            return Err(Failure::code(StatusCode::FORBIDDEN, Code::RegisterClosed.as_str()));
        }
        let page = |view| Ok(Reply::Page(status, view));
        let user = || principal.as_ref().ok_or_else(Failure::not_found);
        match shows {
            Shows::Style => Ok(Reply::File(self.pages.style.answer(self.parts.uri.query()))),
            Shows::Script => Ok(Reply::File(self.pages.script.answer(self.parts.uri.query()))),
            Shows::WellKnown => Ok(self.to("password", None)),
            Shows::SignedIn => self.signed_in().await,
            Shows::Token(form, mailed) => self.token(form, mailed, errors, status).await,
            Shows::CheckMail(form) => page(self.check_mail(form, errors)),
            Shows::Form(form) => page(self.form_page(form, errors, principal.as_ref()).await?),
            Shows::Account => page(self.account(user()?, errors).await?),
            Shows::Users => page(self.users(user()?).await?),
            Shows::User => page(self.user(user()?, errors).await?),
            Shows::AskFirst(form) => page(self.ask_first(form, user()?, errors).await?),
            Shows::Key(form) => page(self.key_form(form, user()?, errors).await?),
            Shows::NewKey(form) => page(self.new_key(form, user()?, errors)),
            Shows::Undelivered => page(self.undelivered(user()?, errors).await?),
            Shows::Invitations => page(self.invitations(user()?, errors).await?),
            Shows::SecondStep(form) => self.second_step(form, errors, status).await,
            Shows::PasskeySignIn => page(self.passkey_page(errors).await?),
            Shows::OfferPasskey(form) => page(self.offer(form, user()?, errors).await?),
            Shows::Factor(form) => page(self.factor_form(form, user()?, errors).await?),
            Shows::Profile => page(self.profile(user()?, errors)?),
        }
    }

    /// The user that the page asks for.
    pub(super) async fn admitted(&self) -> Result<Option<Principal<M::Store>>, Failure> {
        match self.page.guard {
            Some(guard) => Ok(Some(demand(&**self.manager, &self.parts, guard).await?)),
            None => Ok(None),
        }
    }

    /// What a failure leads to: to the sign-in, to where a second factor is added, to the form with its errors, or to a page that says what is wrong.
    pub(super) async fn refused(&mut self, failure: Failure) -> Reply {
        let done = match failure.status {
            StatusCode::UNAUTHORIZED => Some("sign_in"),
            _ if failure.asks_for_a_login() => Some("again"),
            _ => None,
        };
        let back = self.way_back();
        if done.is_some() {
            return self.to_with("sign-in", &[("return_to", Some(&back))], done);
        }
        let lacks_factor = failure.is(Code::SecondFactorSetupRequired);
        if let Some(reply) = self.to_set_up(Some(&back)).filter(|_| lacks_factor) {
            return reply;
        }
        let forbidden = match failure.status {
            StatusCode::FORBIDDEN => self.principal().await.ok().flatten(),
            _ => None,
        };
        let is_unverified = forbidden.as_ref().is_some_and(|principal| self.must_verify(principal));
        let failure = if is_unverified { Failure::code(failure.status, "unverified") } else { failure };
        let mut view = self.view(FAILED, "failed");
        view.errors = self.errors(&failure, &[]);
        let must_verify = is_unverified || failure.asks_to_verify();
        let links = if must_verify { [("check-mail", "resend")] } else { [("account", "account")] };
        view.links = self.links(&links);
        // They can do nothing else than sign out, or see who acts as them.
        let is_acted = |principal: &Principal<_>| principal.session.actor.is_some();
        let stuck = forbidden.filter(|principal| is_unverified || lacks_factor || is_acted(principal));
        view.menu = stuck.map(|principal| self.menu(&principal));
        let is_there = self.page.is_shown() && self.pages.has(self.page) && self.serves(self.page);
        if is_there && failure.status != StatusCode::FORBIDDEN {
            // The same link once more: what was in it is still good.
            let kept = ["token", "return_to"].map(|name| (name, self.given(name)));
            view.links.push(LinkView { href: with_query(&self.own_href(), kept), text: self.text("pages.link.retry") });
        }
        Reply::Page(failure.status, view)
    }

    /// Whether a user must confirm the address before anything else.
    fn must_verify(&self, principal: &Principal<M::Store>) -> bool {
        self.manager.engine_ref().requires_verified() && !principal.user().is_verified
    }

    /// A way to a new link for the address, for a failure that asks to confirm it: the mail may have got lost.
    pub(super) fn resend_links(&self, failure: &Failure) -> Vec<LinkView> {
        if failure.asks_to_verify() { self.links(&[("check-mail", "resend")]) } else { Vec::new() }
    }

    /// Where a person comes back to: this page, with where they want to be after it. For a page that only takes forms, it is where they
    /// want to be, or the account.
    fn way_back(&self) -> String {
        let wanted = self.wanted_text();
        if !self.page.is_shown() {
            return wanted.map_or_else(|| self.pages.href("account"), str::to_owned);
        }
        let (own, whole) = (self.own_href(), with_query(&self.own_href(), [("return_to", wanted)]));
        // One that is too long would lead nowhere.
        if return_to(&whole, &self.pages.origins).is_some() { whole } else { own }
    }

    /// A page that is a form.
    async fn form_page(
        &mut self,
        form: Form,
        errors: Vec<ErrorView>,
        principal: Option<&Principal<M::Store>>,
    ) -> Result<Box<PageView>, Failure> {
        let mut view = self.view(self.page.name, self.page.texts);
        // Who signs in once more need not type the address.
        let other = if principal.is_none() { self.principal().await? } else { None };
        let known = principal.or(other.as_ref()).map(|principal| principal.user().email.to_string());
        if let Some(principal) = principal {
            view.menu = Some(self.menu(principal));
        }
        view.lead = self.lead(&[("address", known.as_deref().unwrap_or_default())]);
        let mut shown = self.filled(form, known.as_deref(), &errors);
        if form.has_profile {
            self.add_profile(&mut shown, true, &errors);
        }
        if form.has_providers {
            view.providers = self.providers("provider", "pages.link.with", &[]).await?;
        }
        if form.has_passkey {
            view.passkey_form = self.passkey_form().await?;
        }
        if let Some(passkey) = view.passkey_form.as_mut().and_then(|form| form.passkey.as_mut()) {
            passkey.waits = true;
            for field in shown.fields.iter_mut().filter(|field| field.autocomplete == "username") {
                "username webauthn".clone_into(&mut field.autocomplete);
            }
        }
        view.form = Some(shown);
        view.errors = errors;
        if view.errors.is_empty() {
            self.add_provider_errors(&mut view);
        }
        Ok(view)
    }

    /// Puts the fields of the profile before the password, or at the end. `demands` is whether the required ones must be filled in.
    fn add_profile(&self, form: &mut FormView, demands: bool, errors: &[ErrorView]) {
        let at = form.fields.iter().position(|field| field.kind == "password").unwrap_or(form.fields.len());
        let mut profile = self.profile_fields(|name| self.form.get(name).cloned(), errors);
        profile.iter_mut().for_each(|field| field.is_required &= demands);
        form.fields.splice(at..at, profile);
    }

    /// The paragraph of a form.
    pub(super) fn lead(&self, values: &[(&str, &str)]) -> Vec<String> {
        let key = format!("pages.{}.lead", self.page.texts);
        self.pages.optional(&self.language, &key, values).into_iter().collect()
    }

    /// A form with the values that were sent. `known` is the address of the user.
    pub(super) fn filled(&self, form: Form, known: Option<&str>, errors: &[ErrorView]) -> FormView {
        FormView {
            action: self.own_href(),
            fields: form
                .fields
                .iter()
                .filter(|field| self.has_field(field))
                .map(|field| self.field(field, known, errors))
                .collect(),
            button: self.text(&format!("pages.{}.button", self.page.texts)),
            is_grave: form.is_grave,
            passkey: None,
            captcha: None,
        }
    }

    /// A form with the label that something has now, until another one was typed.
    pub(super) fn filled_for_label(&self, form: Form, label: Option<&str>, errors: &[ErrorView]) -> FormView {
        let mut form = self.filled(form, None, errors);
        let field = form.fields.iter_mut().find(|field| field.name == "label" && self.form.is_empty());
        if let (Some(field), Some(label)) = (field, label) {
            label.clone_into(&mut field.value);
        }
        form
    }

    /// A form of another page, for the answer to this one.
    pub(super) fn filled_of(&self, page: &str, form: Form, texts: &str, errors: &[ErrorView]) -> FormView {
        let button = self.text(&format!("pages.{texts}.button"));
        FormView { action: self.pages.href(page), button, ..self.filled(form, None, errors) }
    }

    /// A page that answers a form and has no address. A link to it in another language would begin again, or lead away from what is shown
    /// once.
    pub(super) async fn answering(&mut self, page: &'static str, texts: &str) -> Result<Box<PageView>, Failure> {
        let mut view = self.view(page, texts);
        view.languages.clear();
        view.menu = self.principal().await?.map(|principal| self.menu(&principal));
        Ok(view)
    }

    /// Where a page that answers a form leads: the account, or without its page the home of the application.
    pub(super) fn href_of_account(&self) -> String {
        let account = self.pages.page("account").map(|page| self.pages.href(page.name));
        account.unwrap_or_else(|| self.pages.home.as_str().to_owned())
    }

    /// Whether the form has the field with this engine.
    fn has_field(&self, field: &Field) -> bool {
        field.kind != Kind::NewUsername || !self.page.registers() || self.manager.engine_ref().registers_usernames()
    }

    fn field(&self, field: &Field, known: Option<&str>, errors: &[ErrorView]) -> FieldView {
        let sent = || self.given(field.name).map(str::to_owned);
        let known = || known.map(str::to_owned);
        let usernames = self.manager.engine_ref().usernames();
        let label = match field.kind {
            Kind::Identifier if usernames.is_some() => "identifier",
            _ => field.label,
        };
        let input_mode = match field.kind {
            Kind::Digits | Kind::Number => "numeric",
            Kind::RecoveryCode | Kind::NewUsername => "text",
            // The keyboard for addresses has the letters of names too.
            Kind::Identifier if usernames.is_some() => "email",
            _ => "",
        };
        let is_optional =
            field.kind == Kind::NewUsername && self.page.registers() && !usernames.is_some_and(Usernames::is_required);
        let (kind, value) = match field.kind {
            Kind::Password => ("password", None),
            // The next code is another one.
            Kind::Digits | Kind::RecoveryCode => ("text", None),
            Kind::Text | Kind::Number | Kind::NewUsername => ("text", self.form.get(field.name).cloned()),
            Kind::Hidden => ("hidden", sent()),
            Kind::Answer => ("hidden", None),
            Kind::Username => ("email", known()),
            // Only a form fills an address in: a link must not put one there.
            Kind::Email if field.autocomplete != "username" => ("email", self.form.get(field.name).cloned()),
            Kind::Identifier if usernames.is_some() => ("text", self.form.get(field.name).cloned().or_else(known)),
            Kind::Email | Kind::Identifier => ("email", self.form.get(field.name).cloned().or_else(known)),
        };
        let limit = [("limit", &*self.pages.password_length)];
        FieldView {
            name: field.name.to_owned(),
            label: self.text(&format!("pages.field.{label}")),
            kind,
            input_mode,
            autocomplete: field.autocomplete.to_owned(),
            value: value.unwrap_or_default(),
            hint: field.hint.map(|hint| self.pages.filled(&self.language, &format!("pages.hint.{hint}"), &limit)),
            error: error_of(field.name, errors),
            is_read_only: field.kind == Kind::Username,
            is_required: field.is_required && !is_optional,
        }
    }

    /// The fields of the profile.
    pub(super) fn profile_fields(
        &self,
        value: impl Fn(&str) -> Option<String>,
        errors: &[ErrorView],
    ) -> Vec<FieldView> {
        let field = |field: &ProfileField| FieldView {
            label: self.text(&format!("pages.field.{}", field.name)),
            kind: "text",
            input_mode: "",
            autocomplete: field.autocomplete.clone(),
            value: value(&field.name).unwrap_or_default(),
            hint: None,
            error: error_of(&field.name, errors),
            is_read_only: false,
            is_required: field.is_required,
            name: field.name.clone(),
        };
        self.pages.fields.iter().map(field).collect()
    }

    /// The form for a token, or the page that says that its link does not work any more. It is found out before anything is typed.
    async fn token(
        &mut self,
        form: Form,
        mailed: Mailed,
        errors: Vec<ErrorView>,
        status: StatusCode,
    ) -> Result<Reply, Failure> {
        let token = self.given("token").unwrap_or_default().to_owned();
        let manager = &**self.manager;
        let cx = RequestContext::of(manager, &self.parts, self.ip).await?;
        let state = match mailed {
            Mailed::Verify => manager.inspect(&crate::VerifyToken::from(token), &cx).await,
            Mailed::Reset => manager.inspect(&crate::ResetToken::from(token), &cx).await,
            Mailed::ChangeEmail => manager.inspect(&crate::ChangeEmailToken::from(token), &cx).await,
            Mailed::Login => manager.inspect(&crate::token::MagicLinkToken::from(token), &cx).await,
            Mailed::Invitation => manager.inspect(&crate::token::InvitationToken::from(token), &cx).await,
        };
        let why = match state.map_err(|fault| Failure::from(Problem::from(fault)))? {
            TokenState::Good { email, .. } => {
                let mut view = self.view(self.page.name, self.page.texts);
                view.lead = self.lead(&[("address", email.as_str())]);
                let mut shown = self.filled(form, Some(email.as_str()), &errors);
                if form.has_profile {
                    // Who has invited has filled in what is required.
                    self.add_profile(&mut shown, false, &errors);
                }
                view.form = Some(shown);
                view.errors = errors;
                return Ok(Reply::Page(status, view));
            }
            TokenState::Spent => "spent",
            TokenState::Expired => "expired",
            _ => "invalid",
        };
        Ok(Reply::Page(StatusCode::GONE, self.gone(mailed, why)))
    }

    /// The page of a link that does not work any more, with a way to a new one.
    fn gone(&mut self, mailed: Mailed, why: &str) -> Box<PageView> {
        let mut view = self.view(GONE, "gone");
        let (next, links): (_, &[_]) = match mailed {
            Mailed::Verify => ("again", &[("sign-in", "sign_in"), ("check-mail", "resend")]),
            Mailed::Reset => ("again", &[("forgot", "forgot"), ("sign-in", "sign_in")]),
            Mailed::ChangeEmail => ("change", &[("email", "sign_in")]),
            Mailed::Login => ("again", &[("mail-sign-in", "by_mail"), ("sign-in", "sign_in")]),
            Mailed::Invitation => ("invited", &[("sign-in", "sign_in")]),
        };
        view.lead = vec![self.text(&format!("pages.gone.{why}")), self.text(&format!("pages.gone.{next}"))];
        view.links = self.links(links);
        view
    }

    /// Where a sign-in ends. Without the cookie, the browser has not kept it: over plain HTTP it drops one that needs TLS.
    async fn signed_in(&mut self) -> Result<Reply, Failure> {
        if self.query.contains_key("error") {
            // A provider has led back without signing the person in.
            let is_pending =
                self.query.get("error").is_some_and(|code| code == Code::LoginSecondFactorRequired.as_str());
            if is_pending && self.waiting().is_some() && self.pages.page("second-step").is_some() {
                return Ok(self.to_with("second-step", &[("return_to", self.wanted_text())], None));
            }
            let names = ["error", "return_to"].map(|name| (name, self.query.get(name).map(String::as_str)));
            return Ok(self.to_with("sign-in", &names, None));
        }
        if let Some(principal) = self.principal().await? {
            // The page of the application would refuse them.
            let set_up = self.to_set_up(self.wanted_text()).filter(|_| self.must_set_up(&principal));
            if let Some(reply) = set_up {
                return Ok(reply);
            }
            if self.offers_passkey(&principal).await? {
                return Ok(self.to_with("offer-passkey", &[("return_to", self.wanted_text())], None));
            }
            return Ok(Reply::Go(self.wanted().unwrap_or_else(|| self.pages.home.clone()), None));
        }
        let mut view = self.view(self.page.name, self.page.texts);
        view.lead = self.lead(&[]);
        Ok(Reply::Page(StatusCode::OK, view))
    }

    /// Says what a provider led back with. A code without a text is one of the provider.
    pub(super) fn add_provider_errors(&mut self, view: &mut PageView) {
        let Some(code) = self.query.get("error").cloned() else { return };
        let is_ours = code.starts_with(|first: char| first.is_ascii_uppercase())
            && self.pages.optional(&self.language, &format!("pages.code.{code}"), &[]).is_some();
        let code = if is_ours { &code } else { Code::OAuthRefused.as_str() };
        let failure = Failure::code(StatusCode::BAD_REQUEST, code);
        view.links.extend(self.resend_links(&failure));
        view.errors = self.errors(&failure, &[]);
    }

    /// The buttons of the providers, without some of them.
    pub(super) async fn providers(
        &self,
        page: &str,
        text: &str,
        without: &[String],
    ) -> Result<Vec<ProviderView>, Failure> {
        let Some(page) = self.pages.page(page) else { return Ok(Vec::new()) };
        let listed = self.listed_providers().await?;
        let shown = listed.into_iter().filter(|(name, _)| !without.contains(name));
        let return_to = match page.guard {
            Some(_) => self.pages.href("account"),
            None => with_query(&self.pages.href("signed-in"), [("return_to", self.given("return_to"))]),
        };
        let views = shown.map(|(name, label)| ProviderView {
            text: self.pages.filled(&self.language, text, &[("provider", &label)]),
            action: self.href_of(page.name, &name),
            return_to: return_to.clone(),
        });
        Ok(views.collect())
    }
}

/// What is wrong with a field.
pub(super) fn error_of(field: &str, errors: &[ErrorView]) -> Option<String> {
    errors.iter().find(|error| error.field.as_deref() == Some(field)).map(|error| error.text.clone())
}
