//! What the routes exchange with a browser: what it wants, the cookies of its flows, and the answer at the end.

use ::http::{HeaderValue, StatusCode, header, request::Parts};
use serde_json::json;
use zeroize::Zeroizing;

use super::{
    OAuthError,
    callback::{Bound, Parameters, Place, Wanted},
};
use crate::{
    error::{Cause, Code, Coded as _},
    federation::{CookieValue, Ending, Installed, Resumed, Started},
    http::{Incoming, Outgoing, Problem, RedirectTarget, invalid_parameter, query_pairs},
    manager::UserManager,
    op::{Begun, Op},
    session::{Backend, Principal, Transport},
};

/// How many flows a browser may have at once.
const MOST_FLOWS: usize = 4;
/// The longest parameters of a form that are passed on, in bytes.
const LONGEST_USER: usize = 1024;
const LONGEST_FORM: usize = 8 * 1024;

/// What the parameters of a beginning ask for.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) backend: Option<String>,
    pub(crate) return_to: Option<String>,
    /// The PKCE challenge of an application.
    pub(crate) challenge: Option<String>,
    pub(crate) scopes: Vec<String>,
}

impl Asked {
    pub(crate) fn of(pairs: Vec<(String, String)>) -> Self {
        let mut asked = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "backend" => asked.backend = Some(value),
                "return_to" => asked.return_to = Some(value),
                "code_challenge" => asked.challenge = Some(value),
                "scopes" => asked.scopes.extend(value.split_ascii_whitespace().map(str::to_owned)),
                // What the library sets itself cannot be chosen.
                _ => {}
            }
        }
        asked
    }
}

/// What a client wants. A browser that is sent away comes back with a cookie, and to a listed page.
pub(super) fn wanted<M: UserManager>(
    manager: &M,
    installed: &Installed<M::Store>,
    pairs: Vec<(String, String)>,
    redirects: bool,
) -> Result<Wanted, Problem> {
    let Asked { backend, return_to, scopes, .. } = Asked::of(pairs);
    // A redirect is asked for by a form.
    let place = if redirects { "body" } else { "query" };
    let invalid = |name: &str, message: &str| invalid_parameter(place, name, message);
    let known = wanted_backend(manager, installed, backend, place)?;
    let backend = known.name().to_owned();
    if !redirects {
        return Ok(Wanted { place, ending: Ending { backend, return_to: None, challenge: None }, scopes });
    }
    if !matches!(known.transport(), Transport::Cookie(_)) {
        return Err(invalid("backend", "Input should be the name of a backend with a cookie"));
    }
    let return_to = return_to.unwrap_or_else(|| "/".to_owned());
    if installed.return_to.target(&return_to).is_none() {
        return Err(invalid("return_to", "Input should be a path, or a page of an allowed origin"));
    }
    Ok(Wanted { place, ending: Ending { backend, return_to: Some(return_to), challenge: None }, scopes })
}

/// The backend that a request names, or the one for requests that name none.
pub(crate) fn wanted_backend<'a, M: UserManager>(
    manager: &'a M,
    installed: &Installed<M::Store>,
    named: Option<String>,
    place: &str,
) -> Result<&'a Backend<M::Store>, Problem> {
    let engine = manager.engine_ref();
    let first = || engine.backends().first().map(|first| first.name().to_owned());
    let name = named.or_else(|| installed.backend.clone()).or_else(first).unwrap_or_default();
    let known = engine.backend(&name).filter(|backend| backend.strategy().accepts_login());
    known.ok_or_else(|| invalid_parameter(place, "backend", "Input should be the name of a backend"))
}

/// A flow that has begun.
pub(crate) struct Begin {
    url: String,
    cookies: Vec<String>,
}

impl Begin {
    pub(super) fn as_json(&self) -> Result<Outgoing, Problem> {
        let answer = Outgoing::json(StatusCode::OK, &json!({ "authorization_url": self.url }))?;
        Ok(self.cookies.iter().fold(answer, |answer, cookie| answer.with_cookie(cookie)))
    }

    /// The URL is the provider's own, by configuration or discovery.
    pub(crate) fn into_redirect(self) -> Outgoing {
        let mut answer = Outgoing::empty(StatusCode::SEE_OTHER);
        if let Ok(url) = HeaderValue::try_from(self.url) {
            answer.headers.insert(header::LOCATION, url);
        }
        self.cookies.iter().fold(answer, |answer, cookie| answer.with_cookie(cookie))
    }
}

pub(crate) async fn begin<M: UserManager>(
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
    let parameters = wanted.place;
    let started = place.begin(op, wanted, bound.as_ref()).await?;
    let (url, Started { cookie, .. }) =
        started.ok_or_else(|| invalid_parameter(parameters, "scopes", "Input should be allowed scopes"))?;
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

/// What a callback has come to.
pub(super) enum Ended {
    /// The answer to the client.
    Answer(Outgoing),
    /// A one-time code for an application.
    Code(Zeroizing<String>),
}

/// The answer of a callback: as the flow began, with a body or with a redirect. Its cookie is removed in every case. A
/// callback that belongs to no flow is answered with a page only if the browser shows it as one.
pub(super) fn ended<M: UserManager>(
    place: &Place<'_, M::Store>,
    op: Op<'_, M>,
    parts: &Parts,
    flow: Option<Resumed>,
    outcome: Result<Ended, OAuthError>,
) -> Result<Outgoing, Problem> {
    let error_to = place.installed.error_to.as_deref();
    let Some(resumed) = flow else {
        let error = outcome.err().ok_or_else(Problem::misconfigured)?;
        let page = error_to.filter(|_| is_navigation(parts)).map(|page| with_error(page, &code(&error)));
        let target = page.and_then(|page| place.installed.return_to.target(&page));
        return target.map_or_else(|| Err(error.into()), |target| Ok(Outgoing::redirect(&target)));
    };
    let clear = place.flow(op).clear_cookie(&resumed.cookie);
    let (return_to, is_app) = (resumed.value.return_to.as_deref(), resumed.value.challenge.is_some());
    let installed = place.installed;
    // The target was judged at the beginning, and is judged again: the list may have changed.
    let redirect = |target: Option<RedirectTarget>| target.map(|target| Outgoing::redirect(&target));
    let answer = match (return_to, outcome) {
        (None, Ok(Ended::Answer(answer))) => Some(answer),
        (None, Err(error)) => Some(Problem::from(error).into_outgoing()),
        (Some(return_to), Ok(Ended::Answer(answer))) => {
            redirect(installed.return_to.target(return_to)).map(|mut page| {
                for cookie in answer.headers.get_all(header::SET_COOKIE) {
                    page.headers.append(header::SET_COOKIE, cookie.clone());
                }
                page
            })
        }
        (Some(uri), Ok(Ended::Code(code))) => redirect(installed.apps.target(uri, "code", &code)),
        (Some(uri), Err(error)) if is_app => redirect(installed.apps.target(uri, "error", &code(&error))),
        (Some(return_to), Err(error)) => {
            let page = redirect(installed.return_to.target(&with_error(error_to.unwrap_or(return_to), &code(&error))));
            let cookies = left_behind(op, &resumed.value.backend, &error);
            page.map(|page| cookies.iter().fold(page, |page, cookie| page.with_cookie(cookie)))
        }
        (None, Ok(Ended::Code(_))) => None,
    };
    Ok(answer.ok_or_else(Problem::misconfigured)?.with_cookie(&clear))
}

/// The cookie for the pages that ask for the second factor of a login, if it waits for one.
#[cfg(feature = "pages")]
fn left_behind<M: UserManager>(op: Op<'_, M>, backend: &str, error: &OAuthError) -> Option<String> {
    match error.cause() {
        Cause::SecondFactorRequired(pending) => crate::http::AsksForFactors::cookie(op.engine, backend, pending),
        _ => None,
    }
}

#[cfg(not(feature = "pages"))]
fn left_behind<M: UserManager>(_: Op<'_, M>, _: &str, _: &OAuthError) -> Option<String> {
    None
}

/// Whether the browser shows the answer as a page (Fetch Metadata, 2.2).
fn is_navigation(parts: &Parts) -> bool {
    parts.headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate")
}

/// The code of an error, for the query of a page.
fn code(error: &OAuthError) -> String {
    let code = match error.cause() {
        Cause::Code(code) | Cause::Unavailable(code, _) | Cause::Password(code, _) => code.as_str(),
        Cause::SecondFactorRequired(_) => Code::LoginSecondFactorRequired.as_str(),
        Cause::Rejection(rejection) => rejection.code(),
        Cause::Fault(crate::Fault::Limited { .. }) => Code::TooManyRequests.as_str(),
        _ => "server_error",
    };
    percent_encoding::utf8_percent_encode(code, percent_encoding::NON_ALPHANUMERIC).to_string().replace("%5F", "_")
}

/// A page with `error` in its query, before its fragment.
fn with_error(page: &str, code: &str) -> String {
    let (page, fragment) = page.split_once('#').map_or((page, None), |(page, fragment)| (page, Some(fragment)));
    let separator = if page.contains('?') { '&' } else { '?' };
    let fragment = fragment.map_or_else(String::new, |fragment| format!("#{fragment}"));
    format!("{page}{separator}error={code}{fragment}")
}

/// The parameters of a callback. One that occurs twice could mean two things.
pub(super) fn parameters(parts: &Parts) -> Result<Parameters, Problem> {
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

/// Sends the browser to the callback with a GET: a form of another site carries no cookie, and the GET that follows
/// carries it. Nothing else is done.
pub(super) fn passed_on(callback: &str, pairs: Vec<(String, String)>) -> Result<Outgoing, Problem> {
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
