//! The routes for sign-ins through other providers, and for a user's identities.

use std::sync::Arc;

use ::http::{HeaderValue, StatusCode, header, request::Parts};
use serde::Serialize;
use serde_json::json;

use super::{
    LinkedIdentity, OAuthError,
    callback::{Bound, Parameters, Place, Wanted, counted},
};
use crate::{
    error::{Cause, Code, Coded as _},
    federation::{CookieValue, FlowKind, Installed, NAME, Resumed, Started},
    http::{
        Guard, Incoming, Outgoing, Problem, Success, Takes, check_origin, check_reader, cookies, endpoints,
        invalid_query, pairs_of, query_pairs,
    },
    manager::UserManager,
    op::{Begun, Op},
    session::{Principal, Transport},
    store::CredentialId,
};

/// What a callback may refuse with.
const REFUSALS: &[Code] = &[
    Code::AccessTokenDecodeError,
    Code::AccessTokenAlreadyExpired,
    Code::OAuthInvalidState,
    Code::OAuthNotAvailableEmail,
    Code::OAuthUserAlreadyExists,
    Code::OAuthRefused,
    Code::OAuthRegistrationClosed,
    Code::OAuthProfileIncomplete,
    Code::LoginBadCredentials,
    Code::LoginUserNotVerified,
    Code::OAuthProviderUnavailable,
    Code::TooManyRequests,
];
/// What the callback of a link may refuse with.
const LINK_REFUSALS: &[Code] = &[
    Code::AccessTokenDecodeError,
    Code::AccessTokenAlreadyExpired,
    Code::OAuthInvalidState,
    Code::OAuthRefused,
    Code::OAuthAlreadyLinked,
    Code::OAuthProviderUnavailable,
    Code::TooManyRequests,
];
/// The parameters of a callback.
const ANSWER: Takes = Takes::Query(&["code", "state", "iss", "error", "user"]);
/// The same in a form, as Apple sends them.
const FORM_ANSWER: Takes = Takes::OptionalForm(&["code", "state", "iss", "error", "user"]);
const WANTED: Takes = Takes::Query(&["scopes", "backend"]);
const START: Takes = Takes::OptionalForm(&["return_to", "backend", "scopes"]);
/// How many flows a browser may have at once.
const MOST_FLOWS: usize = 4;
/// The longest parameters of a form that are passed on, in bytes.
const LONGEST_USER: usize = 1024;
const LONGEST_FORM: usize = 8 * 1024;

endpoints! {
    parts {
        /// Lists the providers, for buttons.
        providers => Route::get("/auth/providers", ListProviders, "oauth:list_providers")
            .summary("List the providers with which users sign in")
            .answers(Success::Providers)
            .needs(NAME);
        /// Begins linking an account at a provider.
        authorize_link for Guard::active().fresh() =>
            Route::get("/auth/associate/{provider}/authorize", AuthorizeAssociation, "oauth-associate:authorize")
                .summary("Get the URL at a provider, to link an account there")
                .takes(WANTED)
                .answers(Success::AuthorizationUrl)
                .codes(&[Code::ReauthenticationRequired, Code::OAuthProviderUnavailable])
                .names_something()
                .needs(NAME);
        /// Begins linking an account at a provider with a redirect.
        start_link for Guard::active().fresh() =>
            Route::post("/auth/associate/{provider}/start", StartAssociation, "oauth-associate:start")
                .summary("Go to a provider, to link an account there")
                .takes(START)
                .answers(Success::Redirect)
                .codes(&[Code::ReauthenticationRequired, Code::OAuthProviderUnavailable])
                .names_something()
                .needs(NAME);
        /// Links an account at a provider.
        link for Guard::active() =>
            Route::get("/auth/associate/{provider}/callback", AssociationCallback, "oauth-associate:callback")
                .summary("Link the account with which you come back from a provider")
                .takes(ANSWER)
                .answers(Success::User)
                .codes(LINK_REFUSALS)
                .gated()
                .names_something()
                .needs(NAME);
        /// Passes the form of a provider on as a GET.
        link_form => Route::post("/auth/associate/{provider}/callback", AssociationCallbackForm, "oauth-associate:callback_form")
            .summary("Come back from a provider that answers with a form, to link an account")
            .takes(FORM_ANSWER)
            .answers(Success::Redirect)
            .names_something()
            .needs(NAME);
        /// Begins a sign-in.
        authorize => Route::get("/auth/{provider}/authorize", AuthorizeOAuth, "oauth:authorize")
            .summary("Get the URL at a provider, to sign in")
            .takes(WANTED)
            .answers(Success::AuthorizationUrl)
            .codes(&[Code::OAuthProviderUnavailable])
            .names_something()
            .needs(NAME);
        /// Begins a sign-in with a redirect.
        start => Route::post("/auth/{provider}/start", StartOAuth, "oauth:start")
            .summary("Go to a provider, to sign in")
            .takes(START)
            .answers(Success::Redirect)
            .codes(&[Code::CrossOriginRequest, Code::OAuthProviderUnavailable])
            .names_something()
            .needs(NAME);
        /// Signs in.
        callback => Route::get("/auth/{provider}/callback", OAuthCallback, "oauth:callback")
            .summary("Sign in as whom you come back from a provider")
            .takes(ANSWER)
            .answers(Success::Login)
            .codes(REFUSALS)
            .gated()
            .names_something()
            .needs(NAME);
        /// Passes the form of a provider on as a GET.
        callback_form => Route::post("/auth/{provider}/callback", OAuthCallbackForm, "oauth:callback_form")
            .summary("Come back from a provider that answers with a form")
            .takes(FORM_ANSWER)
            .answers(Success::Redirect)
            .names_something()
            .needs(NAME);
        /// Lists the caller's accounts at providers.
        identities for Guard::active() => Route::get("/users/me/identities", ListIdentities, "users:list_identities")
            .summary("List your accounts at providers")
            .answers(Success::Identities)
            .needs(NAME);
        /// Unlinks one of the caller's accounts at providers.
        unlink for Guard::active().fresh() =>
            Route::delete("/users/me/identities/{id}", UnlinkIdentity, "users:unlink_identity")
                .summary("Unlink one of your accounts at providers")
                .codes(&[Code::OAuthLastLoginMethod, Code::ReauthenticationRequired])
                .gated()
                .names_something()
                .needs(NAME);
    }
}

/// A provider, for a button.
#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    label: &'a str,
}

/// The installed part. Its routes are mounted only with it.
fn installed<M: UserManager>(manager: &M) -> Result<&Installed<M::Store>, Problem> {
    manager.engine_ref().kept().ok_or_else(Problem::not_found)
}

/// The provider in the path.
fn place<'a, M: UserManager>(
    manager: &'a M,
    request: &Incoming,
    kind: FlowKind,
) -> Result<Place<'a, M::Store>, Problem> {
    let installed = installed(manager)?;
    let remote = request.param.as_deref().and_then(|name| installed.remote(name)).ok_or_else(Problem::not_found)?;
    Ok(Place { installed, remote, kind })
}

async fn providers<M: UserManager>(manager: &Arc<M>, _: Incoming) -> Result<Outgoing, Problem> {
    let providers = installed(&**manager)?.remotes().iter().map(|remote| remote.provider());
    let listed: Vec<_> =
        providers.map(|provider| Listed { name: provider.name(), label: provider.label_text() }).collect();
    Outgoing::json(StatusCode::OK, &listed)
}

async fn authorize<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let place = place(&**manager, &request, FlowKind::Login)?;
    let wanted = wanted(&**manager, place.installed, query_pairs(&request.parts)?, false)?;
    begin(&**manager, &place, request, wanted, None).await.and_then(|begun| begun.as_json())
}

async fn authorize_link<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    // No other site can read the answer, but one could make its visitors begin.
    check_reader(&request.parts, manager.engine_ref().allowed_origins())?;
    let place = place(&**manager, &request, FlowKind::Link)?;
    let wanted = wanted(&**manager, place.installed, query_pairs(&request.parts)?, false)?;
    begin(&**manager, &place, request, wanted, Some(&principal)).await.and_then(|begun| begun.as_json())
}

async fn start<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    check_origin(&request.parts, manager.engine_ref().allowed_origins())?;
    let place = place(&**manager, &request, FlowKind::Login)?;
    let wanted = wanted(&**manager, place.installed, pairs_of(&request).await?, true)?;
    begin(&**manager, &place, request, wanted, None).await.map(Begin::into_redirect)
}

async fn start_link<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    check_origin(&request.parts, manager.engine_ref().allowed_origins())?;
    let place = place(&**manager, &request, FlowKind::Link)?;
    let wanted = wanted(&**manager, place.installed, pairs_of(&request).await?, true)?;
    begin(&**manager, &place, request, wanted, Some(&principal)).await.map(Begin::into_redirect)
}

/// What a client wants. A browser that is sent away comes back with a cookie, and to a listed page.
fn wanted<M: UserManager>(
    manager: &M,
    installed: &Installed<M::Store>,
    pairs: Vec<(String, String)>,
    redirects: bool,
) -> Result<Wanted, Problem> {
    let engine = manager.engine_ref();
    let (mut backend, mut return_to, mut scopes) = (None, None, Vec::new());
    for (name, value) in pairs {
        match name.as_str() {
            "scopes" => scopes.extend(value.split_ascii_whitespace().map(str::to_owned)),
            "backend" => backend = Some(value),
            "return_to" if redirects => return_to = Some(value),
            // What the library sets itself cannot be chosen.
            _ => {}
        }
    }
    let first = || engine.backends().first().map(|first| first.name().to_owned());
    let backend = backend.or_else(|| installed.backend.clone()).or_else(first).unwrap_or_default();
    let known = engine.backend(&backend).filter(|backend| backend.strategy().accepts_login());
    let known = known.ok_or_else(|| invalid_query("backend", "Input should be the name of a backend"))?;
    if !redirects {
        return Ok(Wanted { backend, return_to: None, scopes });
    }
    if !matches!(known.transport(), Transport::Cookie(_)) {
        return Err(invalid_query("backend", "Input should be the name of a backend with a cookie"));
    }
    let return_to = return_to.unwrap_or_else(|| "/".to_owned());
    if installed.return_to.target(&return_to).is_none() {
        return Err(invalid_query("return_to", "Input should be a path, or a page of an allowed origin"));
    }
    Ok(Wanted { backend, return_to: Some(return_to), scopes })
}

/// A flow that has begun.
struct Begin {
    url: String,
    cookies: Vec<String>,
}

impl Begin {
    fn as_json(&self) -> Result<Outgoing, Problem> {
        let answer = Outgoing::json(StatusCode::OK, &json!({ "authorization_url": self.url }))?;
        Ok(self.cookies.iter().fold(answer, |answer, cookie| answer.with_cookie(cookie)))
    }

    /// The URL is the provider's own, by configuration or discovery.
    fn into_redirect(self) -> Outgoing {
        let mut answer = Outgoing::empty(StatusCode::SEE_OTHER);
        if let Ok(url) = HeaderValue::try_from(self.url) {
            answer.headers.insert(header::LOCATION, url);
        }
        self.cookies.iter().fold(answer, |answer, cookie| answer.with_cookie(cookie))
    }
}

async fn begin<M: UserManager>(
    manager: &M,
    place: &Place<'_, M::Store>,
    request: Incoming,
    wanted: Wanted,
    principal: Option<&Principal<M::Store>>,
) -> Result<Begin, Problem> {
    let known = flow_cookies(&request.parts);
    let bound = principal.map(Bound::of);
    let cx = request.into_context(principal);
    let begun = Begun::new(manager, &cx)?;
    let op = begun.op();
    let started = place.begin(op, wanted, bound.as_ref()).await?;
    let (url, Started { cookie, .. }) =
        started.ok_or_else(|| invalid_query("scopes", "Input should be allowed scopes"))?;
    let flow = place.flow(op);
    let mut own: Vec<_> = known.into_iter().filter(|(name, _)| flow.owns_cookie(name)).collect();
    own.sort_by_key(|(_, value)| std::cmp::Reverse(CookieValue::began(value)));
    let oldest = own.iter().skip(MOST_FLOWS - 1).map(|(name, _)| flow.clear_cookie(name));
    Ok(Begin { url, cookies: oldest.chain([flow.set_cookie(&cookie)]).collect() })
}

/// All cookies of a request, by name and value.
fn flow_cookies(parts: &Parts) -> Vec<(String, String)> {
    let lines = parts.headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

async fn callback<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let place = place(&**manager, &request, FlowKind::Login)?;
    let (parameters, parts) = (parameters(&request.parts)?, request.parts.clone());
    let cx = request.into_context::<M::Store>(None);
    let begun = Begun::new(&**manager, &cx)?;
    let op = begun.op();
    let mut flow = None;
    let work = async {
        let resumed = place.resume(op, &parameters, |name| cookies(&parts.headers, name))?;
        let resumed = flow.insert(resumed);
        place.log_in(op, resumed, &parameters).await
    };
    let outcome = counted(op, work).await;
    let answer = match outcome {
        Ok(logged_in) => Ok(Outgoing::logged_in(&**manager, logged_in, &cx)?),
        Err(error) => Err(error),
    };
    ended(&place, op, flow, answer)
}

async fn link<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let place = place(&**manager, &request, FlowKind::Link)?;
    let (parameters, parts) = (parameters(&request.parts)?, request.parts.clone());
    let cx = request.into_context(Some(&principal));
    let begun = Begun::new(&**manager, &cx)?;
    let op = begun.op();
    let mut flow = None;
    let work = async {
        let resumed = place.resume(op, &parameters, |name| cookies(&parts.headers, name))?;
        let resumed = flow.insert(resumed);
        place.link(op, resumed, &parameters, &principal).await
    };
    let answer = match counted(op, work).await {
        Ok(user) => Ok(Outgoing::json(StatusCode::OK, &user)?),
        Err(error) => Err(error),
    };
    ended(&place, op, flow, answer)
}

/// The answer of a callback: as the flow began, with a body or with a redirect. Its cookie is removed in every case.
fn ended<M: UserManager>(
    place: &Place<'_, M::Store>,
    op: Op<'_, M>,
    flow: Option<Resumed>,
    outcome: Result<Outgoing, OAuthError>,
) -> Result<Outgoing, Problem> {
    let Some(resumed) = flow else { return Err(outcome.err().map_or_else(Problem::misconfigured, Problem::from)) };
    let clear = place.flow(op).clear_cookie(&resumed.cookie);
    let Some(return_to) = &resumed.value.return_to else {
        return Ok(outcome.unwrap_or_else(|error| Problem::from(error).into_outgoing()).with_cookie(&clear));
    };
    let (url, set) = match &outcome {
        Ok(answer) => (return_to.clone(), answer.headers.get_all(header::SET_COOKIE).iter().cloned().collect()),
        Err(error) => (with_error(return_to, code(error)), Vec::new()),
    };
    // It was judged at the beginning, and is judged again: the list may have changed.
    let target = place.installed.return_to.target(&url).ok_or_else(Problem::misconfigured)?;
    let mut answer = Outgoing::redirect(&target);
    for cookie in set {
        answer.headers.append(header::SET_COOKIE, cookie);
    }
    Ok(answer.with_cookie(&clear))
}

/// The code of an error, for the query of a page.
fn code(error: &OAuthError) -> &str {
    match error.cause() {
        Cause::Code(code) | Cause::Unavailable(code, _) | Cause::Password(code, _) => code.as_str(),
        Cause::SecondFactorRequired(_) => Code::LoginSecondFactorRequired.as_str(),
        Cause::Rejection(rejection) => rejection.code(),
        Cause::Fault(crate::Fault::Limited { .. }) => Code::TooManyRequests.as_str(),
        _ => "server_error",
    }
}

/// A page with `error` in its query, before its fragment.
fn with_error(page: &str, code: &str) -> String {
    let (page, fragment) = page.split_once('#').map_or((page, None), |(page, fragment)| (page, Some(fragment)));
    let separator = if page.contains('?') { '&' } else { '?' };
    let code = percent_encoding::utf8_percent_encode(code, percent_encoding::NON_ALPHANUMERIC);
    let fragment = fragment.map_or_else(String::new, |fragment| format!("#{fragment}"));
    format!("{page}{separator}error={code}{fragment}").replace("%5F", "_")
}

/// The parameters of a callback. One that occurs twice could mean two things.
fn parameters(parts: &Parts) -> Result<Parameters, Problem> {
    let mut read = Parameters::default();
    for (name, value) in query_pairs(parts)? {
        let place = match name.as_str() {
            "state" => &mut read.state,
            "code" => &mut read.code,
            "error" => &mut read.error,
            "iss" => &mut read.iss,
            "user" => &mut read.user,
            _ => continue,
        };
        if place.replace(value).is_some() {
            return Err(OAuthError::InvalidState.into());
        }
    }
    Ok(read)
}

async fn callback_form<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let place = place(&**manager, &request, FlowKind::Login)?;
    let callback = place.installed.redirect_uri(place.remote);
    passed_on(&callback, pairs_of(&request).await?)
}

async fn link_form<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let place = place(&**manager, &request, FlowKind::Link)?;
    let callback = place.installed.associate_redirect_uri(place.remote);
    passed_on(&callback, pairs_of(&request).await?)
}

/// Sends the browser to the callback with a GET: a form of another site carries no cookie, and the GET that follows
/// carries it. Nothing else is done.
fn passed_on(callback: &str, pairs: Vec<(String, String)>) -> Result<Outgoing, Problem> {
    let passes = |(name, value): &(String, String)| match name.as_str() {
        "user" => value.len() <= LONGEST_USER,
        name => ["code", "state", "iss", "error"].contains(&name),
    };
    let pairs: Vec<_> = pairs.into_iter().filter(passes).collect();
    let encoded =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let query: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    let url = format!("{callback}?{}", query.join("&"));
    let url = HeaderValue::try_from(url).ok().filter(|url| url.len() <= LONGEST_FORM);
    let mut answer = Outgoing::empty(StatusCode::SEE_OTHER);
    answer.headers.insert(header::LOCATION, url.ok_or(OAuthError::InvalidState)?);
    Ok(answer)
}

async fn identities<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let cx = request.into_context(Some(&principal));
    let linked: Vec<LinkedIdentity> = super::identities(Begun::new(&**manager, &cx)?.op(), principal.user()).await?;
    Outgoing::json(StatusCode::OK, &linked)
}

async fn unlink<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    // A NUL is refused, because databases fail on it.
    let id = request.param.clone().filter(|id| !id.contains('\0')).ok_or_else(Problem::not_found)?;
    let cx = request.into_context(Some(&principal));
    super::unlink(Begun::new(&**manager, &cx)?.op(), principal.user(), &CredentialId::new(id)).await?;
    Ok(Outgoing::no_content())
}
