//! What a POST does: a form becomes the request of a route, and its answer becomes a redirect, so that a reload sends nothing again, or the
//! form once more with its errors.

use ::http::{StatusCode, header};
use serde_json::{Map, Value};

use super::{
    LinkView, PageView, ProfileField,
    cookies::{PENDING, REQUEST},
    failure::Failure,
    passkeys::in_words_of_passkeys,
    row::{Does, Mailed, Sends, Shows, Then},
    visit::{Reply, Visit, json},
};
use crate::{
    Code,
    engine::Usernames,
    http::{Endpoint, Outgoing, RedirectTarget, check_origin},
    manager::UserManager,
    slices::mail_login::sends_codes,
    store::{Directory, SessionStore},
    user::USERNAME,
};

impl<M: UserManager<Store: SessionStore + Directory>> Visit<'_, M> {
    pub(super) async fn act(&mut self, body: &[u8]) -> Reply {
        let Some(does) = self.page.does else { return self.refused(Failure::not_found()).await };
        match self.done(does, body).await {
            Ok(reply) => reply,
            Err(failure) => self.failed(does, failure).await,
        }
    }

    async fn done(&mut self, does: Does, body: &[u8]) -> Result<Reply, Failure> {
        // What was typed is read first, so that a refused form is shown with it.
        self.take_form(body)?;
        check_origin(&self.parts, self.manager.engine_ref().allowed_origins())?;
        self.admitted().await?;
        if !self.has_part(self.page) {
            return Err(Failure::not_found());
        }
        if let Some(missing) = self.missing(does) {
            return Err(missing);
        }
        let (endpoint, mut sent) = self.request(does);
        if let Some(Value::Object(sent)) = &mut sent {
            sent.extend(self.sent_answer(endpoint));
        }
        let answer = self.ask(endpoint, &self.param(), sent.as_ref()).await?;
        self.keep_cookies(&answer);
        if matches!(does.sends, Sends::Answer(_)) {
            self.cookies.extend(PENDING.clear(self.cookie));
        }
        if matches!(does.then, Then::SignedIn) {
            self.end_earlier().await?;
        }
        self.proceed(does, &answer).await
    }

    /// Ends the sessions that a new one replaces: they would stay in the list, and of two users at once the pages would know neither. What
    /// removes the cookie of the pages is left out, since the new session is in it.
    async fn end_earlier(&mut self) -> Result<(), Failure> {
        let ended = self.ask(Endpoint::Logout, "", None).await?;
        let own = format!("{}=", self.cookie.cookie_name());
        let others = ended.headers.get_all(header::SET_COOKIE).iter();
        self.cookies.extend(others.filter(|cookie| !cookie.as_bytes().starts_with(own.as_bytes())).cloned());
        Ok(())
    }

    /// What the route gets.
    fn request(&self, does: Does) -> (Endpoint, Option<Value>) {
        let field = |name: &str| self.form.get(name).cloned().unwrap_or_default();
        let fields = |names: &[(&str, &str)]| -> Map<String, Value> {
            names.iter().map(|(sent, name)| ((*sent).to_owned(), Value::from(field(name)))).collect()
        };
        let sent = match does.sends {
            Sends::Nothing => return (does.asks, None),
            Sends::Fields(names) => fields(names),
            Sends::Register(names) => {
                fields(names).into_iter().chain(self.sent_username()).chain(self.sent_profile(false)).collect()
            }
            Sends::Accept(names) => {
                let filled = self.sent_profile(false).into_iter().filter(|(_, value)| value != "");
                fields(names).into_iter().chain(filled).collect()
            }
            Sends::WithRequest(names) => {
                let request = REQUEST.read(&self.parts.headers, self.cookie).unwrap_or_default();
                fields(names).into_iter().chain([("request".to_owned(), request.into())]).collect()
            }
            Sends::Credential(names) => {
                let mut sent = fields(names);
                sent.retain(|_, value| value != "");
                let answer = serde_json::from_str(&field("credential")).unwrap_or_default();
                sent.into_iter().chain([("credential".to_owned(), answer)]).collect()
            }
            Sends::Profile => self.sent_profile(true),
            Sends::Answer(names) => {
                let token = self.waiting().map(|waiting| waiting.token).unwrap_or_default();
                fields(names).into_iter().chain([("pending_token".to_owned(), Value::from(token))]).collect()
            }
            Sends::Key => self.sent_key(),
            Sends::Confirmation => {
                let mut sent = fields(&["pending_token", "code", "label"].map(|name| (name, name)));
                sent.retain(|name, value| name != "label" || value != "");
                sent
            }
            Sends::Flags(flags) => flags.iter().map(|(name, flag)| ((*name).to_owned(), Value::from(*flag))).collect(),
            Sends::Provider => fields(&[("return_to", "return_to")])
                .into_iter()
                .chain([("backend".to_owned(), Value::from(&*self.pages.backend))])
                .collect(),
            Sends::Again => {
                let mailed = self.form.get("sent").and_then(|name| Mailed::named(name));
                let endpoint = self.asked_by(does, mailed);
                return (endpoint, Some(fields(&[("email", "email")]).into()));
            }
        };
        (does.asks, Some(sent.into()))
    }

    /// The fields that are empty and must not be: no rule of a route can say it better.
    fn missing(&self, does: Does) -> Option<Failure> {
        let (fields, has_profile) = match does.sends {
            Sends::Fields(names) | Sends::Answer(names) | Sends::Accept(names) | Sends::WithRequest(names) => {
                (names, false)
            }
            Sends::Confirmation => (&[("code", "code")][..], false),
            Sends::Register(names) => (names, true),
            Sends::Profile => (&[][..], true),
            _ => return None,
        };
        let profile = self.pages.fields.iter().filter(|field| has_profile && field.is_required);
        let value = |name: &str| self.form.get(name).map_or("", String::as_str);
        let fields = fields.iter().filter(|(_, name)| value(name).is_empty()).map(|(sent, _)| *sent);
        // A profile is sent without the spaces around its texts.
        let profile = profile.map(|field| &*field.name).filter(|name| value(name).trim().is_empty());
        let usernames = self.manager.engine_ref().usernames().filter(|_| self.page.registers());
        let is_named = usernames.is_some_and(Usernames::is_required).then_some(USERNAME);
        let username = is_named.filter(|name| value(name).trim().is_empty());
        let names: Vec<_> = fields.chain(username).chain(profile).collect();
        (!names.is_empty()).then(|| Failure::missing(&names))
    }

    /// The user name of a registration, if it was filled in. Without user names, a field of this name is not one of the pages.
    fn sent_username(&self) -> Option<(String, Value)> {
        let value = self
            .form
            .get(USERNAME)
            .map(|value| value.trim())
            .filter(|value| self.page.registers() && !value.is_empty())?;
        self.manager.engine_ref().registers_usernames().then(|| (USERNAME.to_owned(), Value::from(value)))
    }

    /// The fields of the profile that were filled in. `clears` sends an empty optional one as `null`.
    fn sent_profile(&self, clears: bool) -> Map<String, Value> {
        let field = |field: &ProfileField| {
            let value = self.form.get(&field.name).map_or("", |value| value.trim());
            match value {
                "" if !field.is_required => clears.then(|| (field.name.clone(), Value::Null)),
                value => Some((field.name.clone(), Value::from(value))),
            }
        };
        self.pages.fields.iter().filter_map(field).collect()
    }

    /// Where the person gets after a success.
    async fn proceed(&mut self, does: Does, answer: &Outgoing) -> Result<Reply, Failure> {
        let done = does.done;
        Ok(match does.then {
            Then::Page(page) => self.to(page, done),
            Then::User => {
                let target = self.user_href(&self.param()).and_then(|href| RedirectTarget::path(&href));
                Reply::Go(target.unwrap_or_else(|| self.pages.home.clone()), done)
            }
            Then::AccountOrSignIn => match self.principal().await? {
                Some(_) => self.to("account", done),
                None => self.to("sign-in", done),
            },
            Then::SignedIn => self.to_with("signed-in", &[("return_to", self.wanted_text())], done),
            Then::CheckMail(usual) => {
                let address = self.form.get("email").cloned().unwrap_or_default();
                let again = self.form.get("sent").and_then(|name| Mailed::named(name));
                let engine = self.manager.engine_ref();
                let expects_mail = engine.has_messenger() || engine.requires_verified();
                if self.page.registers() && !expects_mail {
                    // No mail was sent that would have to be waited for.
                    return Ok(self.to_with("sign-in", &[("return_to", self.wanted_text())], Some("registered")));
                }
                let mailed = again.unwrap_or(usual);
                self.remember_sent(mailed, &address);
                match mailed {
                    Mailed::Login => self.keep_request(answer, done),
                    _ => self.to("check-mail", done),
                }
            }
            Then::SetUp => self.begun(&json(answer)).await?,
            Then::MakePasskey => self.make_passkey(&json(answer)).await?,
            Then::Key => self.shown_key(&json(answer), done).await?,
            Then::Codes => self.codes(&json(answer), done).await?,
            Then::Leave => Reply::Page(StatusCode::OK, self.leave(answer).await),
        })
    }

    /// To the page that takes the code of a mail for a login, and keeps the request with which the code is good. Without codes, to the page
    /// that asks the person to look into their mail.
    fn keep_request(&mut self, answer: &Outgoing, done: Option<&'static str>) -> Reply {
        if !sends_codes(self.manager.engine_ref()) {
            return self.to("check-mail", done);
        }
        let request = json(answer)["request"].as_str().unwrap_or_default().to_owned();
        self.cookies.extend(REQUEST.set(&request, self.cookie));
        self.to_with("mail-code", &[("return_to", self.wanted_text())], done)
    }

    /// The page that leads to a provider. A redirect would not do: browsers apply the policy for forms to all redirects after one.
    async fn leave(&mut self, answer: &Outgoing) -> Box<PageView> {
        let url = answer.headers.get(header::LOCATION).and_then(|url| url.to_str().ok()).unwrap_or_default().to_owned();
        let name = self.param();
        let label = self.listed_providers().await.unwrap_or_default().into_iter().find(|(known, _)| *known == name);
        let label = label.map_or(name, |(_, label)| label);
        let mut view = self.view(self.page.name, self.page.texts);
        let text =
            |part: &str| self.pages.filled(&self.language, &format!("pages.leave.{part}"), &[("provider", &label)]);
        view.title = text("title");
        view.lead = vec![text("lead")];
        view.links = vec![LinkView { href: url.clone(), text: text("button") }];
        view.goes_to = Some(url);
        view
    }

    /// The form once more, with its errors; or what [`refused`](Self::refused) leads to.
    async fn failed(&mut self, does: Does, failure: Failure) -> Reply {
        if let Some(reply) = self.stepped(does, &failure) {
            return reply;
        }
        let failure = in_words_of_passkeys(does, failure);
        if failure.is(Code::CrossOriginRequest) {
            // What another site has filled in must not look as if the person had.
            self.form.retain(|name, _| name == "return_to");
        } else if let Some(reply) = self.set_up_again(does, &failure).await {
            return reply;
        } else if let Some(reply) = self.passkey_again(does, &failure).await {
            return reply;
        }
        let is_sent_away = failure.asks_for_a_login() || failure.is(Code::SecondFactorSetupRequired);
        // A form of another site does not get to know whether a token is good.
        let has_token = matches!(self.page.shows, Some(Shows::Token(..) | Shows::SecondStep(_)));
        let is_forged = failure.is(Code::CrossOriginRequest) && has_token;
        if is_sent_away || is_forged || !self.page.is_shown() || !self.serves(self.page) {
            return self.refused(failure).await;
        }
        let sends = match does.sends {
            Sends::Fields(names)
            | Sends::Register(names)
            | Sends::Accept(names)
            | Sends::Answer(names)
            | Sends::WithRequest(names) => names,
            Sends::Key => &[("expires_in", "days")],
            _ => &[],
        };
        let errors = self.errors(&failure, sends);
        match self.shown(errors, failure.status).await {
            Ok(Reply::Page(status, mut view)) => {
                view.links.extend(self.resend_links(&failure));
                Reply::Page(status, view)
            }
            Ok(reply) => reply,
            Err(_) => self.refused(failure).await,
        }
    }
}
