//! Responses: what a handler returns becomes bytes here, and every error of an operation becomes a status and a body.

use std::{fmt, sync::LazyLock};

use ::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Outgoing, RedirectTarget};
use crate::{
    engine::Engine,
    error::{Code, Fault, HookFailure, RightLost},
    store::UserStore,
    user::{Profile, User},
};

const JSON: &str = "application/json";

/// The headers of every response. A response concerns one person: it must not be cached, read as another type or sent to another site
/// (RFC 6749, 5.1; ASVS 5.0, 3.4.4 and 14.2.1).
static HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| {
    // With room for the headers of one response.
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers
});

/// What a page may do unless its handler says otherwise: show its text, and send its forms to its own origin
/// (ASVS 5.0, 3.4.3 and 3.4.6).
const PAGE_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

impl Outgoing {
    /// A response without a body.
    ///
    /// ```
    /// use http::StatusCode;
    /// use usermgr::http::Outgoing;
    /// let answer = Outgoing::empty(StatusCode::NO_CONTENT);
    /// assert_eq!(answer.headers["cache-control"], "no-store");
    /// ```
    pub fn empty(status: StatusCode) -> Self {
        Self::new(status, Bytes::new(), None)
    }

    /// A page. It is sent as UTF-8, with a policy under which it cannot load or run anything. A handler whose page needs more replaces the header
    /// `Content-Security-Policy`. The text is sent unchanged: escape the values in it.
    ///
    /// ```
    /// use http::StatusCode;
    /// use usermgr::http::Outgoing;
    /// let answer = Outgoing::html(StatusCode::OK, "<!doctype html><title>Shop</title><p>Your address is verified.");
    /// assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
    /// ```
    pub fn html(status: StatusCode, page: impl Into<String>) -> Self {
        let mut answer = Self::new(status, page.into().into(), Some("text/html; charset=utf-8"));
        answer.headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
        answer
    }

    /// A file of the library.
    #[cfg(feature = "pages")]
    pub(crate) fn file(content: Bytes, media: &'static str) -> Self {
        Self::new(StatusCode::OK, content, Some(media))
    }

    /// 303 See Other: the browser continues with a GET (RFC 9110, 15.4.4). A stranger cannot choose the target.
    ///
    /// ```
    /// use usermgr::http::{Outgoing, RedirectTarget};
    /// let answer = RedirectTarget::path("/account?welcome=1").map(|target| Outgoing::redirect(&target));
    /// assert!(answer.is_some_and(|answer| answer.status == 303 && answer.headers["location"] == "/account?welcome=1"));
    /// ```
    pub fn redirect(target: &RedirectTarget) -> Self {
        let mut answer = Self::empty(StatusCode::SEE_OTHER);
        answer.headers.insert(header::LOCATION, target.value().clone());
        answer
    }

    /// JSON with a status.
    ///
    /// ```
    /// use http::StatusCode;
    /// use usermgr::http::Outgoing;
    /// let answer = Outgoing::json(StatusCode::OK, &["ada", "alan"]);
    /// assert!(answer.is_ok_and(|answer| &answer.body[..] == br#"["ada","alan"]"#));
    /// ```
    ///
    /// # Errors
    /// 500 for a value that cannot be JSON, such as a map whose keys are not texts.
    pub fn json(status: StatusCode, body: &(impl Serialize + ?Sized)) -> Result<Self, Problem> {
        // A user is longer than the initial capacity of `to_vec`.
        let mut json = Vec::with_capacity(512);
        match serde_json::to_writer(&mut json, body) {
            Ok(()) => Ok(Self::new(status, json.into(), Some(JSON))),
            Err(error) => Err(Problem::internal(&error)),
        }
    }

    /// A user. Without the part for user names no response shows one, whatever an earlier engine has written.
    pub(crate) fn user<S: UserStore, P: Profile>(
        status: StatusCode,
        engine: &Engine<S>,
        user: &User<P, S::Id>,
    ) -> Result<Self, Problem> {
        match user.username.is_some() && engine.usernames().is_none() {
            true => Self::json(status, &User { username: None, ..user.clone() }),
            false => Self::json(status, user),
        }
    }

    /// 204.
    pub(crate) fn no_content() -> Self {
        Self::empty(StatusCode::NO_CONTENT)
    }

    /// `null`, which FastAPI sends if there is nothing to return.
    pub(crate) fn null(status: StatusCode) -> Result<Self, Problem> {
        Self::json(status, &Value::Null)
    }

    /// Lets caches keep the response for this time, since it concerns no person.
    pub(crate) fn kept_for(mut self, span: std::time::Duration) -> Self {
        if let Ok(value) = HeaderValue::try_from(format!("public, max-age={}", span.as_secs())) {
            self.headers.insert(header::CACHE_CONTROL, value);
        }
        self
    }

    /// With a `Set-Cookie` header, once. Its parts were checked with the engine, so the value is valid in HTTP.
    pub(crate) fn with_cookie(mut self, cookie: &str) -> Self {
        let known = self.headers.get_all(header::SET_COOKIE).iter().any(|known| known == cookie);
        if let (false, Ok(cookie)) = (known, HeaderValue::try_from(cookie)) {
            self.headers.append(header::SET_COOKIE, cookie);
        }
        self
    }

    /// With the query of the next page in a `Link` header (RFC 8288), relative to the path of the request.
    pub(crate) fn with_next_page(mut self, query: &str) -> Self {
        if let Ok(link) = HeaderValue::try_from(format!("<?{query}>; rel=\"next\"")) {
            self.headers.insert(header::LINK, link);
        }
        self
    }

    fn new(status: StatusCode, body: Bytes, media: Option<&'static str>) -> Self {
        let mut headers = HEADERS.clone();
        if let Some(media) = media {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
        }
        Self { status, headers, body }
    }
}

/// A response that is not a success: a status with `{"detail": ..}`, in FastAPI's words.
pub struct Problem {
    status: StatusCode,
    detail: Value,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<Value>) -> Self {
        Self { status, detail: detail.into(), headers: Vec::new() }
    }

    /// 401: no user, or an inactive one.
    pub fn unauthorized() -> Self {
        let challenge = (header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        Self { headers: vec![challenge], ..Self::new(StatusCode::UNAUTHORIZED, "Unauthorized") }
    }

    /// 403: the user does not have the right.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden")
    }

    /// 404.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    /// 405.
    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
    }

    /// 413: the body is larger than [`MAX_BODY`](super::MAX_BODY).
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Content Too Large")
    }

    /// 400: the body is incomplete.
    pub fn unreadable() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Bad Request")
    }

    /// 408: the body did not arrive in time. The connection is closed, since the rest of the body may still arrive.
    pub fn timed_out() -> Self {
        let close = (header::CONNECTION, HeaderValue::from_static("close"));
        Self { headers: vec![close], ..Self::new(StatusCode::REQUEST_TIMEOUT, "Request Timeout") }
    }

    /// 500: a part of the application is missing; the adapter logs which one.
    pub fn misconfigured() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    }

    pub(crate) fn unsupported_media_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type")
    }

    pub(super) fn code(code: Code) -> Self {
        Self::new(status(code.status()), code.as_str())
    }

    /// 422, with one entry for each fault.
    pub(super) fn invalid(faults: Vec<Value>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, faults)
    }

    /// Whether the caller is not sufficiently authenticated: an optional extractor returns `None` then. A request with an API
    /// key is not: a program that sends a key must learn that the key is not accepted.
    pub fn is_unauthenticated(&self) -> bool {
        let is_refused = matches!(self.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        is_refused && self.detail != Code::ApiKeyNotAccepted.as_str()
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The response.
    pub fn into_outgoing(self) -> Outgoing {
        self.outgoing()
    }

    /// The response, for a framework that takes it by reference.
    pub(crate) fn outgoing(&self) -> Outgoing {
        let Self { status, detail, headers } = self;
        let mut answer = Outgoing::new(*status, Bytes::from(json!({ "detail": detail }).to_string()), Some(JSON));
        for (name, value) in headers {
            answer.headers.append(name, value.clone());
        }
        answer
    }

    /// With `Set-Cookie` headers that remove cookies.
    pub(super) fn discarding(mut self, cookies: &[String]) -> Self {
        let values = cookies.iter().filter_map(|cookie| HeaderValue::try_from(cookie).ok());
        self.headers.extend(values.map(|value| (header::SET_COOKIE, value)));
        self
    }

    /// The response of a guard to a caller without the right.
    pub(super) fn lost(lost: RightLost) -> Self {
        match lost {
            RightLost::Session => Self::unauthorized(),
            RightLost::Role => Self::forbidden(),
            RightLost::Impersonated => Self::code(Code::ImpersonatedSession),
        }
    }

    pub(crate) fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(target: "usermgr", %error, "a request could not be answered");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    }

    pub(super) fn retry_after(self, seconds: u64) -> Self {
        Self { headers: vec![(header::RETRY_AFTER, HeaderValue::from(seconds))], ..self }
    }

    pub(super) fn fault(fault: &Fault) -> Self {
        let seconds = match fault {
            // What it waits for may answer later.
            Fault::Hook { failure: HookFailure::TimedOut, .. } => {
                tracing::error!(target: "usermgr", error = %fault, "a hook took too long");
                1
            }
            Fault::Config(_) | Fault::Hook { .. } | Fault::InsideTransaction | Fault::Crypto(_) => {
                return Self::internal(fault);
            }
            Fault::Store(_) => {
                tracing::error!(target: "usermgr", error = %fault, "the store failed");
                1
            }
            Fault::BreachCheck(_) => {
                tracing::error!(target: "usermgr", error = %fault, "a password could not be checked");
                1
            }
            Fault::Overloaded { retry_after } => retry_after.as_secs().max(1),
            Fault::Limited { retry_after } => {
                return Self::code(Code::TooManyRequests).retry_after(retry_after.as_secs().max(1));
            }
            Fault::RightLost(lost) => return Self::lost(*lost),
            Fault::Busy => 1,
        };
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable").retry_after(seconds)
    }
}

/// For code that passes it on as an error: the status, and the detail of the response. Of a pending login it shows the code
/// alone, because the detail has its token.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.detail.get("pending_token").and_then(|_| self.detail.get("code")).unwrap_or(&self.detail);
        write!(f, "the request is answered with {}: {shown}", self.status)
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Problem({self})")
    }
}

pub(super) fn status(number: u16) -> StatusCode {
    StatusCode::from_u16(number).unwrap_or(StatusCode::FORBIDDEN)
}
