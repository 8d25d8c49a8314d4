//! What the routes exchange with a browser: what it wants, the cookies of its flows, and the answer at the end.

use ::http::{HeaderValue, StatusCode, header, request::Parts};
use serde_json::json;

use super::{
    OAuthError,
    callback::{Bound, Parameters, Place, Wanted},
};
use crate::{
    error::{Cause, Code, Coded as _},
    federation::{CookieValue, Installed, Resumed, Started},
    http::{Incoming, Outgoing, Problem, invalid_parameter, query_pairs},
    manager::UserManager,
    op::{Begun, Op},
    session::{Principal, Transport},
};

/// How many flows a browser may have at once.
const MOST_FLOWS: usize = 4;
/// The longest parameters of a form that are passed on, in bytes.
const LONGEST_USER: usize = 1024;
const LONGEST_FORM: usize = 8 * 1024;

/// What a client wants. A browser that is sent away comes back with a cookie, and to a listed page.
pub(super) fn wanted<M: UserManager>(
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
    // A redirect is asked for by a form.
    let place = if redirects { "body" } else { "query" };
    let invalid = |name: &str, message: &str| invalid_parameter(place, name, message);
    let first = || engine.backends().first().map(|first| first.name().to_owned());
    let backend = backend.or_else(|| installed.backend.clone()).or_else(first).unwrap_or_default();
    let known = engine.backend(&backend).filter(|backend| backend.strategy().accepts_login());
    let known = known.ok_or_else(|| invalid("backend", "Input should be the name of a backend"))?;
    if !redirects {
        return Ok(Wanted { place, backend, return_to: None, scopes });
    }
    if !matches!(known.transport(), Transport::Cookie(_)) {
        return Err(invalid("backend", "Input should be the name of a backend with a cookie"));
    }
    let return_to = return_to.unwrap_or_else(|| "/".to_owned());
    if installed.return_to.target(&return_to).is_none() {
        return Err(invalid("return_to", "Input should be a path, or a page of an allowed origin"));
    }
    Ok(Wanted { place, backend, return_to: Some(return_to), scopes })
}

/// A flow that has begun.
pub(super) struct Begin {
    url: String,
    cookies: Vec<String>,
}

impl Begin {
    pub(super) fn as_json(&self) -> Result<Outgoing, Problem> {
        let answer = Outgoing::json(StatusCode::OK, &json!({ "authorization_url": self.url }))?;
        Ok(self.cookies.iter().fold(answer, |answer, cookie| answer.with_cookie(cookie)))
    }

    /// The URL is the provider's own, by configuration or discovery.
    pub(super) fn into_redirect(self) -> Outgoing {
        let mut answer = Outgoing::empty(StatusCode::SEE_OTHER);
        if let Ok(url) = HeaderValue::try_from(self.url) {
            answer.headers.insert(header::LOCATION, url);
        }
        self.cookies.iter().fold(answer, |answer, cookie| answer.with_cookie(cookie))
    }
}

pub(super) async fn begin<M: UserManager>(
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

/// The answer of a callback: as the flow began, with a body or with a redirect. Its cookie is removed in every case. A
/// callback that belongs to no flow is answered with a page only if the browser shows it as one.
pub(super) fn ended<M: UserManager>(
    place: &Place<'_, M::Store>,
    op: Op<'_, M>,
    parts: &Parts,
    flow: Option<Resumed>,
    outcome: Result<Outgoing, OAuthError>,
) -> Result<Outgoing, Problem> {
    let error_to = place.installed.error_to.as_deref();
    let Some(resumed) = flow else {
        let error = outcome.err().ok_or_else(Problem::misconfigured)?;
        let page = error_to.filter(|_| is_navigation(parts)).map(|page| with_error(page, code(&error)));
        let target = page.and_then(|page| place.installed.return_to.target(&page));
        return target.map_or_else(|| Err(error.into()), |target| Ok(Outgoing::redirect(&target)));
    };
    let clear = place.flow(op).clear_cookie(&resumed.cookie);
    let Some(return_to) = &resumed.value.return_to else {
        return Ok(outcome.unwrap_or_else(|error| Problem::from(error).into_outgoing()).with_cookie(&clear));
    };
    let (url, set) = match &outcome {
        Ok(answer) => (return_to.clone(), answer.headers.get_all(header::SET_COOKIE).iter().cloned().collect()),
        Err(error) => (with_error(error_to.unwrap_or(return_to), code(error)), Vec::new()),
    };
    // It was judged at the beginning, and is judged again: the list may have changed.
    let target = place.installed.return_to.target(&url).ok_or_else(Problem::misconfigured)?;
    let mut answer = Outgoing::redirect(&target);
    for cookie in set {
        answer.headers.append(header::SET_COOKIE, cookie);
    }
    Ok(answer.with_cookie(&clear))
}

/// Whether the browser shows the answer as a page (Fetch Metadata, 2.2).
fn is_navigation(parts: &Parts) -> bool {
    parts.headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate")
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
