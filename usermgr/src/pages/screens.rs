//! The pages that are more than a form: the account, the profile, and the one that asks a person to look into their mail.

use ::http::StatusCode;
use serde_json::Value;

use super::{
    AccountView, ErrorView, FormView, IdentityView, LoginView, PageView, ProfileField, SessionView,
    cookies::SENT,
    failure::Failure,
    row::{Form, Mailed},
    view::FieldValueView,
    visit::{Visit, json},
};
use crate::{
    engine::Engine,
    http::{Endpoint, Outgoing, lookup_address},
    manager::UserManager,
    presentation::{agent, encoded},
    session::Principal,
    store::{Directory, SessionStore},
    user::{EmailAddress, USERNAME},
};

/// How many sessions a page asks for: more than a user can have by default.
const SESSIONS: &str = "limit=200";

impl Mailed {
    /// Those that a page waits for. An invitation is sent to another person.
    const ALL: [Self; 4] = [Self::Verify, Self::Reset, Self::ChangeEmail, Self::Login];

    /// Its name in the cookie and in the form.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::ChangeEmail => "change",
            Self::Login => "login",
            Self::Invitation => "invitation",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mailed| mailed.name() == name)
    }

    /// The page on which another address is entered.
    fn page(self) -> &'static str {
        match self {
            Self::Verify => "sign-up",
            Self::Reset => "forgot",
            Self::ChangeEmail => "email",
            Self::Login => "mail-sign-in",
            Self::Invitation => "invite",
        }
    }
}

impl<M: UserManager<Store: SessionStore + Directory>> Visit<'_, M> {
    /// The account of a user.
    pub(super) async fn account(
        &mut self,
        principal: &Principal<M::Store>,
        errors: Vec<ErrorView>,
    ) -> Result<Box<PageView>, Failure> {
        let user = json_of(self.manager.engine_ref(), principal)?;
        let sessions = self.sessions(Endpoint::ListSessions, "").await?;
        let logins = self.logins(Endpoint::ListLogins, "").await?;
        let (identities, linked) = self.identities().await?;
        let (factors, api_keys) = (self.factors().await?, self.api_keys(principal).await?);
        let mut view = self.view_of(principal, errors);
        if view.errors.is_empty() {
            self.add_provider_errors(&mut view);
        }
        view.account = Some(AccountView {
            has_usernames: self.manager.engine_ref().usernames().is_some(),
            username: user[USERNAME].as_str().map(str::to_owned),
            fields: self.field_values(&user),
            has_others: sessions.iter().any(|session| !session.is_current),
            sessions,
            logins,
            identities,
            factors,
            api_keys,
            more_providers: self.providers("link", "pages.link.add", &linked).await?,
            user,
        });
        Ok(view)
    }

    /// The fields of the profile of a user, as the routes show them.
    pub(super) fn field_values(&self, user: &Value) -> Vec<FieldValueView> {
        let value = |field: &ProfileField| FieldValueView {
            label: self.text(&format!("pages.field.{}", field.name)),
            value: text_of(&user[&*field.name]),
        };
        self.pages.fields.iter().map(value).collect()
    }

    /// The logins that a route lists, if the engine keeps any.
    pub(super) async fn logins(&self, endpoint: Endpoint, user: &str) -> Result<Option<Vec<LoginView>>, Failure> {
        if !self.has_route(endpoint) {
            return Ok(None);
        }
        let listed = self.read(endpoint, user, None).await?;
        Ok(Some(listed.as_array().into_iter().flatten().map(|login| self.login(login)).collect()))
    }

    fn login(&self, login: &Value) -> LoginView {
        let at_time = login["at"].as_str().unwrap_or_default();
        LoginView {
            at: self.moment(at_time),
            at_time: at_time.to_owned(),
            device: self.device(login),
            network: login["ip"].as_str().map(str::to_owned),
            is_refused: login["outcome"] == "refused",
        }
    }

    /// The sessions that a route lists.
    pub(super) async fn sessions(&self, endpoint: Endpoint, user: &str) -> Result<Vec<SessionView>, Failure> {
        let listed = self.read(endpoint, user, Some(SESSIONS)).await?;
        Ok(listed.as_array().into_iter().flatten().map(|session| self.session(session)).collect())
    }

    fn session(&self, session: &Value) -> SessionView {
        let since_at = session["authenticated_at"].as_str().unwrap_or_default();
        SessionView {
            id: session["id"].as_str().unwrap_or_default().to_owned(),
            since: self.moment(since_at),
            since_at: since_at.to_owned(),
            device: self.device(session),
            network: session["ip"].as_str().map(str::to_owned),
            is_current: session["is_current"] == true,
            is_acted: session["actor"].is_object(),
        }
    }

    /// The browser and system of a session or a login.
    fn device(&self, listed: &Value) -> String {
        let known = listed["user_agent"].as_str().and_then(|it| agent::named(&self.pages.texts, &self.language, it));
        known.unwrap_or_else(|| self.text("pages.word.unknown_device"))
    }

    /// The accounts at providers, and the names of those providers.
    #[cfg(feature = "oauth-bare")]
    async fn identities(&self) -> Result<(Vec<IdentityView>, Vec<String>), Failure> {
        let listed = self.list(Endpoint::ListIdentities).await?;
        let providers = self.listed_providers().await?;
        let text = |identity: &Value, name: &str| identity[name].as_str().map(str::to_owned);
        let identity = |identity: &Value| {
            let name = text(identity, "provider").unwrap_or_default();
            let label = providers.iter().find(|(known, _)| *known == name).map(|(_, label)| label.clone());
            IdentityView {
                id: text(identity, "id").unwrap_or_default(),
                account: text(identity, "email"),
                provider: label.unwrap_or(name),
            }
        };
        let linked = listed.iter().filter_map(|identity| text(identity, "provider")).collect();
        Ok((listed.iter().map(identity).collect(), linked))
    }

    #[cfg(not(feature = "oauth-bare"))]
    async fn identities(&self) -> Result<(Vec<IdentityView>, Vec<String>), Failure> {
        Ok((Vec::new(), Vec::new()))
    }

    /// The names of the providers, with their labels.
    #[cfg(feature = "oauth-bare")]
    pub(super) async fn listed_providers(&self) -> Result<Vec<(String, String)>, Failure> {
        let listed = self.list(Endpoint::ListProviders).await?;
        Ok(listed.iter().map(|provider| (text_of(&provider["name"]), text_of(&provider["label"]))).collect())
    }

    #[cfg(not(feature = "oauth-bare"))]
    pub(super) async fn listed_providers(&self) -> Result<Vec<(String, String)>, Failure> {
        Ok(Vec::new())
    }

    /// The profile of a user, to change it.
    pub(super) fn profile(
        &mut self,
        principal: &Principal<M::Store>,
        errors: Vec<ErrorView>,
    ) -> Result<Box<PageView>, Failure> {
        let user = json_of(self.manager.engine_ref(), principal)?;
        let sent = |name: &str| self.form.get(name).cloned().unwrap_or_else(|| text_of(&user[name]));
        let form = FormView {
            action: self.pages.href("profile"),
            fields: self.profile_fields(|name| Some(sent(name)), &errors),
            button: self.text("pages.profile.button"),
            is_grave: false,
            passkey: None,
            captcha: None,
        };
        let mut view = self.view_of(principal, errors);
        view.form = Some(form);
        Ok(view)
    }

    /// What was sent to which address: the form that was sent again, or the cookie.
    pub(super) fn sent(&self) -> Option<(Mailed, EmailAddress)> {
        let cookie = SENT.read(&self.parts.headers, self.cookie);
        let (name, address) = match (self.form.get("sent"), self.form.get("email")) {
            (Some(name), Some(address)) => (name.clone(), address.clone()),
            _ => cookie.as_deref().and_then(read_sent)?,
        };
        // The route has taken it by the rules of the engine, or has looked it up by none.
        Some((Mailed::named(&name)?, lookup_address(&address).ok()?))
    }

    /// Asks a person to look into their mail, and sends it again if they ask for it. The page does not reveal whether a mail was sent.
    pub(super) fn check_mail(&mut self, form: Form, errors: Vec<ErrorView>) -> Box<PageView> {
        let Some((mailed, address)) = self.sent() else {
            // Who comes without having asked for a mail may ask for one.
            let mut view = self.view(self.page.name, "resend");
            view.lead = vec![self.text("pages.resend.lead")];
            let mut form = self.filled(form, None, &errors);
            form.button = self.text("pages.resend.button");
            view.form = Some(form);
            view.errors = errors;
            return view;
        };
        let mut view = self.view(self.page.name, self.page.texts);
        let lead = format!("pages.check_mail.lead_{}", mailed.name());
        let lead = self.pages.filled(&self.language, &lead, &[("address", address.as_str())]);
        view.lead = vec![lead, self.text("pages.check_mail.patience")];
        let mut form = self.filled(form, None, &errors);
        for field in &mut form.fields {
            field.kind = "hidden";
            field.value = if field.name == "email" { address.to_string() } else { mailed.name().to_owned() };
        }
        view.form = Some(form);
        view.links.extend(self.links(&[(mailed.page(), "other_address")]));
        view.errors = errors;
        view
    }

    /// Remembers what was sent to which address, as it was typed, for the next page.
    pub(super) fn remember_sent(&mut self, mailed: Mailed, address: &str) {
        let value = format!("{}.{}", mailed.name(), encoded(address));
        self.cookies.extend(SENT.set(&value, self.cookie));
    }
}

fn read_sent(value: &str) -> Option<(String, String)> {
    let (name, address) = value.split_once('.')?;
    let address = percent_encoding::percent_decode_str(address).decode_utf8().ok()?;
    Some((name.to_owned(), address.into_owned()))
}

/// The user as the routes show them.
fn json_of<S: SessionStore>(engine: &Engine<S>, principal: &Principal<S>) -> Result<Value, Failure> {
    Ok(json(&Outgoing::user(StatusCode::OK, engine, principal.user())?))
}

/// A value as a text for a person. Ids and profiles may have numbers.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
