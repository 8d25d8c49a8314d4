//! A route, as one row: its name, its path, who may call it, what it takes, and what it responds and refuses with. The mounted routes, the
//! OpenAPI document, the tables of the guide and the tests of the whole HTTP interface are made from these rows. The rows are in the slices.

use std::fmt::{self, Write};

use ::http::Method;

use super::Guard;
use crate::{captcha::Action, error::Code, store::ListQuery};

/// One route.
///
/// ```
/// use usermgr::http::{Endpoint, Route};
/// let me = Route::all().find(|route| route.endpoint == Endpoint::Me);
/// assert!(me.is_some_and(|route| route.method == "GET" && route.path == "/users/me" && route.who() == "the user"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// The endpoint that handles it.
    pub endpoint: Endpoint,
    /// The method; a `GET` route answers `HEAD` too.
    pub method: Method,
    /// The path, with its parameter in braces.
    pub path: &'static str,
    /// The parts of the engine that it needs.
    pub(crate) parts: [Option<&'static str>; 2],
    pub(crate) caller: Caller,
    /// The name that FastAPI Users gives its route; `{}` is the backend. Operation ids are made from it.
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) takes: Takes,
    pub(crate) answer: Success,
    pub(crate) discreet_answer: Option<Success>,
    pub(crate) codes: &'static [Code],
    /// The codes that tell a stranger who has an account.
    pub(crate) revealing: &'static [Code],
    /// The codes that prevent a superuser from choosing passwords.
    pub(crate) restraining: &'static [Code],
    /// Whether a hook of the application may refuse it: a gate, or the hook inside the transaction.
    pub(crate) gated: bool,
    /// Whether it refuses an administrator who acts as the user, although it demands no fresh login.
    pub(crate) personal: bool,
    /// Whether its path can name something that does not exist.
    pub(crate) names_something: bool,
    /// What the captcha of an engine calls it, if it may ask for one.
    #[cfg_attr(not(any(feature = "openapi", feature = "pages")), allow(dead_code, reason = "they show the field"))]
    pub(crate) action: Option<Action>,
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    Anybody,
    /// The user of the token; a cookie is removed for every caller.
    Holder,
    /// A user that the guard accepts, before anything else is read.
    Guarded(Guard),
}

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    Nothing,
    /// `username` and `password`, as a form.
    Login,
    /// `refresh_token`, as a form.
    Refresh,
    /// The fields of a new user, as JSON.
    Register,
    /// The fields of an invited user, as JSON.
    Invite,
    /// The token of an invitation, a password and what may be changed of the profile, as JSON.
    Accept,
    /// What users may change in their own account, as JSON.
    UpdateMe,
    /// What a superuser may change in an account, as JSON.
    Update,
    /// An object of these required fields, as JSON.
    Fields(&'static [&'static str]),
    /// An object with the first fields, and perhaps the second ones, as JSON.
    FieldsAnd(&'static [&'static str], &'static [&'static str]),
    /// `cursor` and `limit` in the query.
    Page,
    /// The same, and what users must have to be on the page.
    Search,
    /// These texts in the query; each may be absent.
    #[allow(dead_code, reason = "its routes need a feature")]
    Query(&'static [&'static str]),
    /// These texts as a form; each may be absent.
    #[allow(dead_code, reason = "its routes need a feature")]
    OptionalForm(&'static [&'static str]),
}

/// The response of a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Success {
    /// 204.
    Done,
    /// 202 without a body.
    Accepted,
    /// 202 and `null`, whether or not an account has the address.
    Requested,
    /// 202 and the name of the request, whether or not an account has the address.
    LoginRequested,
    /// 200 and `null`.
    Null,
    /// 201, the user.
    Created,
    /// 200, the user.
    User,
    /// 201, the invitation.
    Invited,
    /// 200, a page of invitations.
    Invitations,
    /// 200, a page of users.
    Page,
    /// 200, a page of sessions.
    Sessions,
    /// 200, a list of logins.
    Logins,
    /// 200, a page of notifications that were given up.
    Undelivered,
    /// The response of the backend's transport to a login.
    Login,
    /// 200, the next tokens.
    Tokens,
    /// 200, a set of public keys.
    #[allow(dead_code, reason = "its one route needs a feature")]
    Keys,
    /// 200, the URL of a provider.
    #[allow(dead_code, reason = "its routes need a feature")]
    AuthorizationUrl,
    /// 303, to a provider or to the callback.
    #[allow(dead_code, reason = "its routes need a feature")]
    Redirect,
    /// 200, a list of providers.
    #[allow(dead_code, reason = "its routes need a feature")]
    Providers,
    /// 200, a nonce and its state.
    #[allow(dead_code, reason = "its route needs a feature")]
    Nonce,
    /// 200, the second factors that a login waits for.
    PendingLogin,
    /// 200, a list of second factors.
    Factors,
    /// 200, a second factor.
    Factor,
    /// 200, a second factor that was added, and recovery codes with the first one.
    #[allow(dead_code, reason = "its routes need a feature")]
    AddedFactor,
    /// 200, new recovery codes.
    RecoveryCodes,
    /// 200, what an authenticator app needs.
    #[allow(dead_code, reason = "its route needs a feature")]
    TotpEnrolment,
    /// 200, a list of accounts at providers.
    #[allow(dead_code, reason = "its routes need a feature")]
    Identities,
    /// 200, a challenge for an authenticator.
    #[allow(dead_code, reason = "its routes need a feature")]
    PasskeyOptions,
    /// 200, the passkeys of a user.
    #[allow(dead_code, reason = "its route needs a feature")]
    Passkeys,
    /// 200, a list of API keys.
    ApiKeys,
    /// 200, an API key, without its text.
    ApiKey,
    /// 201, an API key with its text.
    CreatedApiKey,
}

#[cfg(feature = "openapi")]
impl Success {
    /// The status, for a transport with a body.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::Done => 204,
            Self::Accepted | Self::Requested | Self::LoginRequested => 202,
            Self::Created | Self::CreatedApiKey | Self::Invited => 201,
            Self::Redirect => 303,
            Self::Null
            | Self::User
            | Self::Invitations
            | Self::Page
            | Self::Sessions
            | Self::Logins
            | Self::Undelivered
            | Self::Login
            | Self::Tokens
            | Self::Keys
            | Self::AuthorizationUrl
            | Self::Providers
            | Self::Nonce
            | Self::PendingLogin
            | Self::Factors
            | Self::Factor
            | Self::AddedFactor
            | Self::RecoveryCodes
            | Self::TotpEnrolment
            | Self::Identities
            | Self::PasskeyOptions
            | Self::Passkeys
            | Self::ApiKeys
            | Self::ApiKey => 200,
        }
    }
}

macro_rules! methods {
    ($($name:ident $method:ident)*) => {$(
        pub(crate) const fn $name(path: &'static str, endpoint: Endpoint, name: &'static str) -> Self {
            Self::new(Method::$method, path, endpoint, name)
        }
    )*};
}

/// How a row is written.
impl Route {
    methods! { get GET  post POST  patch PATCH  delete DELETE }

    const fn new(method: Method, path: &'static str, endpoint: Endpoint, name: &'static str) -> Self {
        Self {
            endpoint,
            method,
            path,
            parts: [None; 2],
            caller: Caller::Anybody,
            name,
            summary: "",
            takes: Takes::Nothing,
            answer: Success::Done,
            discreet_answer: None,
            codes: &[],
            revealing: &[],
            restraining: &[],
            gated: false,
            personal: false,
            names_something: false,
            action: None,
        }
    }

    /// It is mounted by [`Routes::served_by`](super::Routes::served_by) only if the engine has this part, and is 404 otherwise. It may
    /// need two.
    pub(crate) const fn needs(mut self, part: &'static str) -> Self {
        self.parts = [Some(part), self.parts[0]];
        self
    }

    pub(crate) const fn summary(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    pub(crate) const fn caller(mut self, caller: Caller) -> Self {
        self.caller = caller;
        self
    }

    pub(crate) const fn takes(mut self, takes: Takes) -> Self {
        self.takes = takes;
        self
    }

    pub(crate) const fn answers(mut self, answer: Success) -> Self {
        self.answer = answer;
        self
    }

    /// The codes it may refuse with.
    pub(crate) const fn codes(mut self, codes: &'static [Code]) -> Self {
        self.codes = codes;
        self
    }

    /// What an engine with [discreet answers](crate::engine::Answers::Discreet) responds instead, and which codes it never refuses with.
    pub(crate) const fn discreetly(mut self, answer: Option<Success>, revealing: &'static [Code]) -> Self {
        self.discreet_answer = answer;
        self.revealing = revealing;
        self
    }

    /// The codes with which an engine never refuses if superusers may set passwords.
    pub(crate) const fn restraining(mut self, codes: &'static [Code]) -> Self {
        self.restraining = codes;
        self
    }

    /// A hook may refuse it with its own code.
    pub(crate) const fn gated(mut self) -> Self {
        self.gated = true;
        self
    }

    /// It refuses an administrator who acts as the user, as a route that demands a fresh login does in any case.
    pub(crate) const fn personal(mut self) -> Self {
        self.personal = true;
        self
    }

    /// The captcha of an engine may ask for it.
    pub(crate) const fn asks_captcha(mut self, action: Action) -> Self {
        self.action = Some(action);
        self
    }

    /// 404 if its path names something that does not exist.
    pub(crate) const fn names_something(mut self) -> Self {
        self.names_something = true;
        self
    }
}

/// The words of the guide's tables.
impl Route {
    /// Who may call it.
    pub fn who(&self) -> String {
        match self.caller {
            Caller::Anybody => "anybody".to_owned(),
            Caller::Holder => "the user; anybody for a cookie backend, which takes the cookie away".to_owned(),
            Caller::Guarded(guard) => guard.to_string(),
        }
    }

    /// What is sent, in Markdown; empty for nothing.
    pub fn takes_what(&self) -> String {
        const PROFILE: &str = "the profile's fields";
        let list = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let page = |search: &str| {
            let (most, usual) = (ListQuery::<()>::MAX_LIMIT, ListQuery::<()>::default().limit);
            format!("`?{search}cursor=&limit=` (1 to {most}, {usual} by default)")
        };
        match self.takes {
            Takes::Nothing => String::new(),
            Takes::Login => "`username` (the address), `password`".to_owned(),
            Takes::Refresh => list(&["refresh_token"]),
            Takes::Register => format!("{}, {PROFILE}", list(&REGISTER)),
            Takes::Invite => format!("{}, {PROFILE}", list(&INVITE)),
            Takes::Accept => format!("{}; any of {PROFILE}", list(&ACCEPT)),
            Takes::UpdateMe => format!("any of {}, {PROFILE}", list(&UPDATE_ME)),
            Takes::Update => format!("any of {}, {PROFILE}", list(&UPDATE)),
            Takes::Fields(names) => list(names),
            Takes::FieldsAnd([], more) => format!("any of {}", list(more)),
            Takes::FieldsAnd(names, more) => format!("{}; any of {}", list(names), list(more)),
            Takes::Query(names) => format!("any of {} in the query", list(names)),
            Takes::OptionalForm(names) => format!("any of {}, as a form", list(names)),
            Takes::Page => page(""),
            Takes::Search => page(&SEARCH.map(|name| format!("{name}=&")).concat()),
        }
    }

    /// The response of a success, in Markdown.
    pub fn answers_what(&self) -> &'static str {
        match self.answer {
            Success::Done => "204",
            Success::Accepted => "202",
            Success::Requested => "202 `null`, whether or not the address is registered",
            Success::LoginRequested => "202, the request, whether or not the address is registered",
            Success::Null => "200 `null`",
            Success::Created => "201, the user",
            Success::User => "200, the user",
            Success::Invited => "201, the invitation",
            Success::Invitations => "200, a list of invitations, page by page",
            Success::Page => "200, a page of users",
            Success::Sessions => "200, a list of sessions, page by page",
            Success::Logins => "200, a list of logins, the latest first",
            Success::Undelivered => "200, a list of notifications, page by page",
            Success::Login => "200, a token; or 204 and a cookie",
            Success::Tokens => "200, the next tokens",
            Success::Keys => "200, the public keys of access tokens",
            Success::AuthorizationUrl => "200, the URL, and a cookie",
            Success::Redirect => "303",
            Success::Providers => "200, a list of providers",
            Success::Nonce => "200, a nonce and its state",
            Success::PendingLogin => "200, the second factors with their options",
            Success::Factors => "200, a list of second factors",
            Success::Factor => "200, the second factor",
            Success::AddedFactor => "200, the second factor, and recovery codes with the first one",
            Success::RecoveryCodes => "200, ten recovery codes",
            Success::TotpEnrolment => "200, a secret and its address for an app",
            Success::Identities => "200, a list of identities",
            Success::PasskeyOptions => "200, the options for the browser, and a token",
            Success::Passkeys => "200, a list of passkeys",
            Success::ApiKeys => "200, a list of API keys",
            Success::ApiKey => "200, the API key without its text",
            Success::CreatedApiKey => "201, the API key with its text",
        }
    }

    /// The statuses and codes that it refuses with, in Markdown, without those that many routes have.
    pub fn refuses_with(&self) -> String {
        let mut refusals: Vec<String> = [400, 403, 429, 503]
            .into_iter()
            .filter_map(|status| {
                let codes = self.codes.iter().filter(|code| code.status() == status).map(|code| code.as_str());
                let codes = codes.map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
                (!codes.is_empty()).then(|| format!("{status} {codes}"))
            })
            .collect();
        if self.names_something || self.path.contains("{backend}") {
            refusals.push("404".to_owned());
        }
        refusals.join("; ")
    }

    /// Its row in the guide's table of routes, in Markdown.
    pub fn table_row(&self) -> String {
        let Self { method, path, .. } = self;
        let mut row = format!("| {method} | `{path}` |");
        for cell in [self.who(), self.takes_what(), self.answers_what().to_owned(), self.refuses_with()] {
            // Writing to a string does not fail.
            let _ = if cell.is_empty() { write!(row, " |") } else { write!(row, " {cell} |") };
        }
        row
    }
}

/// The fixed fields of a registration.
pub(crate) const REGISTER: [&str; 2] = ["email", "password"];
/// The fixed fields of an invitation.
pub(crate) const INVITE: [&str; 1] = ["email"];
/// The fixed fields with which an invitation is accepted.
pub(crate) const ACCEPT: [&str; 2] = ["token", "password"];
/// The fixed fields that a user may change.
pub(crate) const UPDATE_ME: [&str; 3] = ["email", "password", "current_password"];
/// The fixed fields that a superuser may change.
pub(crate) const UPDATE: [&str; 5] = ["email", "password", "is_active", "is_superuser", "is_verified"];

/// What a superuser may search users by: the beginning of their address, and flags.
pub(crate) const SEARCH: [&str; 4] = ["email", "is_active", "is_superuser", "is_verified"];

/// The endpoint of a route: its name for [`Routes::only`](super::Routes::only) and [`Routes::without`](super::Routes::without), which the row
/// of the route defines. What each takes and responds with is in its [`Route`], and in the guide's table of [routes](crate::guide::http).
///
/// The constants can be matched on. A later version may have more of them, so a match needs an arm for others.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Endpoint(&'static str);

impl Endpoint {
    /// For the rows.
    pub(crate) const fn named(name: &'static str) -> Self {
        Self(name)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
