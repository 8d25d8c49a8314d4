//! A request for a page: what it brings, the routes that are asked for it, and the headers of its answer.

use std::{borrow::Cow, collections::HashMap, net::IpAddr, sync::Arc};

use ::http::{HeaderValue, StatusCode, header, request::Parts};
use bytes::Bytes;
use serde_json::Value;

use super::{
    ErrorView, LanguageView, LinkView, MenuView, PageView,
    address::{return_to, with_query},
    cookies::{DONE, LANGUAGE},
    failure::Failure,
    fields::CAPTCHA,
    headers::{protected, with_widget},
    installed::Installed,
    row::{Page, Shows},
};
use crate::{
    captcha::Captcha,
    http::{Endpoint, Mounted, Outgoing, Problem, RedirectTarget, client, form_pairs, identify, parameter},
    manager::UserManager,
    presentation::encoded,
    session::{CookieOptions, Principal, Transport},
    store::{Directory, SessionStore},
    user::USERNAME,
};

/// A request for a page.
pub(super) struct Visit<'a, M> {
    /// The routes that pages ask.
    routes: &'a [Mounted<M>],
    pub(super) manager: &'a Arc<M>,
    pub(super) pages: &'a Installed,
    pub(super) page: &'static Page,
    pub(super) parts: Parts,
    /// The address of the client, also behind trusted proxies.
    pub(super) ip: Option<IpAddr>,
    /// The cookie of the backend of the pages.
    pub(super) cookie: &'a CookieOptions,
    pub(super) query: HashMap<String, String>,
    pub(super) form: HashMap<String, String>,
    pub(super) language: String,
    /// The cookies that the answer sets.
    pub(super) cookies: Vec<HeaderValue>,
    /// How many seconds to wait before the next attempt.
    pub(super) retry_after: Option<u64>,
}

/// What a visit ends with.
pub(super) enum Reply {
    Page(StatusCode, Box<PageView>),
    /// To another page, with a notice.
    Go(RedirectTarget, Option<&'static str>),
    File(Outgoing),
}

impl<'a, M: UserManager<Store: SessionStore + Directory>> Visit<'a, M> {
    pub(super) fn new(
        routes: &'a [Mounted<M>],
        manager: &'a Arc<M>,
        pages: &'a Installed,
        page: &'static Page,
        mut parts: Parts,
        ip: Option<IpAddr>,
        cookie: &'a CookieOptions,
    ) -> Self {
        let ip = client(&**manager, &parts, ip);
        // The pages speak for cookies alone. An API key is in this header too, whatever the backends are.
        parts.headers.remove(header::AUTHORIZATION);
        for backend in manager.engine_ref().backends() {
            if let Transport::Header(name) = backend.transport() {
                parts.headers.remove(&**name);
            }
        }
        let query = parts.uri.query().and_then(|query| pairs(query.as_bytes()).ok()).unwrap_or_default();
        let mut cookies = Vec::new();
        let chosen = query.get("lang").filter(|chosen| pages.texts.offered().contains(*chosen));
        cookies.extend(chosen.and_then(|chosen| LANGUAGE.set(chosen, cookie)));
        let kept = LANGUAGE.read(&parts.headers, cookie);
        let header = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let wishes = [chosen.map(String::as_str), kept.as_deref(), header];
        let language = pages.texts.choose(wishes.into_iter().flatten()).to_owned();
        Self {
            routes,
            manager,
            pages,
            page,
            parts,
            ip,
            cookie,
            query,
            form: HashMap::new(),
            language,
            cookies,
            retry_after: None,
        }
    }

    /// Asks a route of the API, as the browser would. Its body is JSON. `param` is the parameter in its path; a backend is that of the pages.
    pub(super) async fn ask(&self, endpoint: Endpoint, param: &str, body: Option<&Value>) -> Result<Outgoing, Failure> {
        self.ask_with(endpoint, param, None, body).await
    }

    /// The same with a query.
    pub(super) async fn ask_with(
        &self,
        endpoint: Endpoint,
        param: &str,
        query: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Outgoing, Failure> {
        let route = self.route(endpoint).ok_or_else(Failure::not_found)?;
        let mut parts = self.parts.clone();
        parts.method = route.method().clone();
        let fill = |part: &str| match part {
            "{backend}" => encoded(&self.pages.backend),
            part if part.starts_with('{') => encoded(param),
            part => part.to_owned(),
        };
        let filled: Vec<_> = route.path().split('/').map(fill).collect();
        let uri = query.map_or_else(|| filled.join("/"), |query| format!("{}?{query}", filled.join("/")));
        parts.uri = uri.parse().map_err(|_| Failure::not_found())?;
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // In the language that the person reads.
        if let Ok(language) = HeaderValue::try_from(&self.language) {
            parts.headers.insert(header::ACCEPT_LANGUAGE, language);
        }
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let answer = route.answer(self.manager.clone(), parts, Ok(body), self.ip).await;
        let is_success = answer.status.is_success() || answer.status.is_redirection();
        if is_success { Ok(answer) } else { Err(Failure::of(&answer)) }
    }

    /// The route of an endpoint, if the pages may ask it.
    pub(super) fn route(&self, endpoint: Endpoint) -> Option<&'a Mounted<M>> {
        self.routes.iter().find(|route| route.endpoint() == endpoint)
    }

    /// Whether the engine serves a route.
    pub(super) fn has_route(&self, endpoint: Endpoint) -> bool {
        self.route(endpoint).is_some_and(|route| route.is_served_by(self.manager.engine_ref()))
    }

    /// Whether the engine has the part that a page needs, which its route alone would not ask for.
    pub(super) fn has_part(&self, page: &Page) -> bool {
        page.part.is_none_or(|part| self.manager.engine_ref().has_part(part))
    }

    /// Whether the engine has what a page needs, and serves what its form asks.
    pub(super) fn serves(&self, page: &Page) -> bool {
        self.has_part(page) && page.does.is_none_or(|does| self.has_route(does.asks))
    }

    /// Whether a page registers, and the registration is closed.
    pub(super) fn is_closed(&self, page: &Page) -> bool {
        page.registers() && self.manager.engine_ref().has_closed_registration()
    }

    /// The page of this name, if it is not left out, the engine serves its route, and it does not only say that the registration is
    /// closed.
    pub(super) fn served(&self, page: &str) -> Option<&'static Page> {
        self.pages.page(page).filter(|page| self.serves(page) && !self.is_closed(page))
    }

    /// Whether all these pages are [`served`](Self::served).
    pub(super) fn are_served(&self, pages: &[&str]) -> bool {
        pages.iter().all(|page| self.served(page).is_some())
    }

    /// Asks a route for a list, which is empty if the engine does not serve the route.
    #[cfg(feature = "oauth-bare")]
    pub(super) async fn list(&self, endpoint: Endpoint) -> Result<Vec<Value>, Failure> {
        match self.has_route(endpoint) {
            true => Ok(serde_json::from_value(self.read(endpoint, "", None).await?).unwrap_or_default()),
            false => Ok(Vec::new()),
        }
    }

    /// Asks a route for JSON.
    pub(super) async fn read(&self, endpoint: Endpoint, param: &str, query: Option<&str>) -> Result<Value, Failure> {
        Ok(json(&self.ask_with(endpoint, param, query, None).await?))
    }

    /// Who is signed in, if anybody is.
    pub(super) async fn principal(&self) -> Result<Option<Principal<M::Store>>, Failure> {
        Ok(identify(&**self.manager, &self.parts).await?.filter(|principal| principal.user().is_active))
    }

    /// The value of the parameter in the path.
    pub(super) fn param(&self) -> String {
        parameter(self.page.path, self.parts.uri.path()).unwrap_or_default()
    }

    /// Passes the cookies of a route on.
    pub(super) fn keep_cookies(&mut self, answer: &Outgoing) {
        self.cookies.extend(answer.headers.get_all(header::SET_COOKIE).iter().cloned());
    }

    /// Takes the fields of a form. One that occurs twice could mean two things.
    pub(super) fn take_form(&mut self, body: &[u8]) -> Result<(), Failure> {
        self.form = pairs(body)?;
        Ok(())
    }

    /// What the form or the query says, if it says something.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        let given = self.form.get(name).or_else(|| self.query.get(name));
        given.map(String::as_str).filter(|given| !given.is_empty())
    }

    /// Where the person wants to be in the end, as the form or the query names it.
    pub(super) fn wanted(&self) -> Option<RedirectTarget> {
        self.given("return_to").and_then(|wanted| return_to(wanted, &self.pages.origins))
    }

    /// The same as it was sent.
    pub(super) fn wanted_text(&self) -> Option<&str> {
        self.given("return_to").filter(|_| self.wanted().is_some())
    }

    pub(super) fn text(&self, key: &str) -> String {
        self.pages.text(&self.language, key)
    }

    /// The address of a page with a parameter.
    pub(super) fn href_of(&self, page: &str, param: &str) -> String {
        let path = self.pages.href(page);
        path.replace("{id}", &encoded(param)).replace("{provider}", &encoded(param))
    }

    /// The address of a page of a user, if it is not left out.
    pub(super) fn user_href(&self, id: &str) -> Option<String> {
        self.pages.page("user").map(|page| self.href_of(page.name, id))
    }

    /// The address of this page.
    pub(super) fn own_href(&self) -> String {
        self.href_of(self.page.name, &self.param())
    }

    /// A page of the library, by its name.
    pub(super) fn to(&self, page: &str, done: Option<&'static str>) -> Reply {
        self.to_with(page, &[], done)
    }

    /// The same with a query.
    pub(super) fn to_with(&self, page: &str, query: &[(&str, Option<&str>)], done: Option<&'static str>) -> Reply {
        if self.served(page).is_none() {
            return Reply::Go(self.pages.home.clone(), done);
        }
        let path = with_query(&self.pages.href(page), query.iter().copied());
        // Every page has a path of the own origin.
        Reply::Go(RedirectTarget::path(&path).unwrap_or_else(|| self.pages.home.clone()), done)
    }

    /// The errors of a failure. `sends` has the names of fields in JSON and in the form.
    pub(super) fn errors(&mut self, failure: &Failure, sends: &[(&str, &str)]) -> Vec<ErrorView> {
        self.retry_after = failure.wait_seconds();
        let engine = self.manager.engine_ref();
        let mut errors = failure.errors(self.pages, &self.language, engine.now(), sends);
        // The field has the name that the application has chosen.
        if let Some(captcha) = engine.captcha() {
            for error in errors.iter_mut().filter(|error| error.field.as_deref() == Some(CAPTCHA)) {
                error.field = Some(captcha.name().to_owned());
            }
        }
        errors
    }

    /// A page with its title, and nothing else. The notice of what was done before is shown once.
    pub(super) fn view(&mut self, name: &'static str, texts: &str) -> Box<PageView> {
        let mut view = self.pages.blank(name, texts, &self.language);
        let done = DONE.read(&self.parts.headers, self.cookie);
        let notice = done.and_then(|done| self.pages.optional(&self.language, &format!("pages.done.{done}"), &[]));
        if notice.is_some() {
            self.cookies.extend(DONE.clear(self.cookie));
        }
        view.pages.retain(|name| self.served(name).is_some());
        view.notice = notice;
        view.links = self.links(self.page.links);
        view.languages = self.languages();
        Box::new(view)
    }

    /// The same for a user, with their menu and with what is wrong.
    pub(super) fn view_of(&mut self, principal: &Principal<M::Store>, errors: Vec<ErrorView>) -> Box<PageView> {
        let mut view = self.view(self.page.name, self.page.texts);
        view.menu = Some(self.menu(principal));
        view.errors = errors;
        view
    }

    /// The links to other pages, without those that are left out.
    pub(super) fn links(&self, links: &[(&str, &str)]) -> Vec<LinkView> {
        let there = links.iter().filter(|(to, _)| self.served(to).is_some());
        let wanted = self.given("return_to");
        let keeps = |to: &str| {
            ["sign-in", "sign-up", "mail-sign-in", "second-step", "passkey-step", "recovery", "add-app", "add-passkey"]
                .contains(&to)
        };
        let link = |(to, text): &(&str, &str)| LinkView {
            href: with_query(&self.pages.href(to), [("return_to", wanted.filter(|_| keeps(to)))]),
            text: self.text(&format!("pages.link.{text}")),
        };
        there.map(link).collect()
    }

    /// The menu of a user.
    pub(super) fn menu(&self, principal: &Principal<M::Store>) -> MenuView {
        let (is_superuser, has_outbox) = (principal.user().is_superuser, self.has_route(Endpoint::ListUndelivered));
        let entries = [
            ("account", "account", true),
            ("users", "administration", is_superuser),
            ("invitations", "invitations", is_superuser && self.has_route(Endpoint::ListInvitations)),
            ("undelivered", "undelivered", is_superuser && has_outbox),
        ];
        let shown = entries.iter().filter(|(page, _, is_shown)| *is_shown && self.pages.page(page).is_some());
        let link = |(page, word, _): &(&str, &str, bool)| LinkView {
            href: self.pages.href(page),
            text: self.text(&format!("pages.word.{word}")),
        };
        let links = shown.map(link).collect();
        let address = principal.user().email.as_str();
        let acting = || self.pages.filled(&self.language, "pages.acting.text", &[("address", address)]);
        let acting = principal.session.actor.is_some().then(acting);
        MenuView { links, sign_out: self.pages.href("sign-out"), acting }
    }

    /// The same page in the languages that there are.
    fn languages(&self) -> Vec<LanguageView> {
        let offered = self.pages.texts.offered();
        if offered.len() < 2 || !self.page.is_shown() || !self.pages.has(self.page) || !self.serves(self.page) {
            return Vec::new();
        }
        let path = self.own_href();
        let kept = ["token", "return_to"].map(|name| (name, self.given(name)));
        // What a list is limited to, and the page of it. Elsewhere a link must not bring an address.
        let is_list = matches!(self.page.shows, Some(Shows::Users | Shows::Undelivered | Shows::Invitations));
        let limits = ["email", USERNAME, "state", "cursor"].map(|name| (name, self.given(name).filter(|_| is_list)));
        let language = |tag: &String| LanguageView {
            href: with_query(&path, kept.into_iter().chain(limits).chain([("lang", Some(&**tag))])),
            name: self.pages.texts.name(tag),
            is_current: *tag == self.language,
            tag: tag.clone(),
        };
        offered.iter().map(language).collect()
    }

    /// The answer, with the cookies that were collected.
    pub(super) fn answer(mut self, reply: Reply) -> Outgoing {
        let mut policy = Cow::Borrowed(&self.pages.policy);
        let mut answer = match reply {
            Reply::Page(status, mut view) => {
                let has_widget = view.form.as_ref().is_some_and(|form| form.captcha.is_some());
                if let Some(widget) =
                    self.manager.engine_ref().captcha().and_then(Captcha::shown).filter(|_| has_widget)
                {
                    policy = Cow::Owned(with_widget(&policy, widget));
                }
                match self.pages.renderer.render(view.settled()) {
                    Ok(html) => Outgoing::html(status, html),
                    Err(error) => Problem::internal(&*error).into_outgoing(),
                }
            }
            Reply::Go(target, done) => {
                self.cookies.extend(done.and_then(|done| DONE.set(done, self.cookie)));
                Outgoing::redirect(&target)
            }
            Reply::File(file) => file,
        };
        if let Some(seconds) = self.retry_after {
            answer.headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        for cookie in self.cookies {
            answer.headers.append(header::SET_COOKIE, cookie);
        }
        protected(answer, &policy)
    }
}

/// The pairs of a form or a query.
fn pairs(text: &[u8]) -> Result<HashMap<String, String>, Problem> {
    let mut pairs = HashMap::new();
    for (name, value) in form_pairs(text)? {
        if pairs.insert(name, value).is_some() {
            return Err(Problem::unreadable());
        }
    }
    Ok(pairs)
}

/// The body of an answer.
pub(super) fn json(answer: &Outgoing) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}
