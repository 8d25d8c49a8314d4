//! A client that calls an application without a socket, as a browser or a program with a bearer token would: it keeps cookies, the
//! access token and the refresh token, and sends the headers that were set on it.

#[cfg(feature = "actix")]
mod actix;
mod application;
mod held;
mod jar;
mod reply;
mod request;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::{Mutex, MutexGuard, PoisonError},
};

#[cfg(feature = "axum")]
use ::axum::Router as Usual;
use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, json};

pub use application::Application;
pub use reply::Reply;
pub use request::{RequestBuilder, Sending};

use self::held::Held;

/// Without axum there is no default application.
#[cfg(not(feature = "axum"))]
type Usual = std::convert::Infallible;

/// The host of requests, unless the client has its own `host` header.
const HOST: &str = "localhost";

/// Calls an application as a client would, without a socket.
///
/// It keeps the result of a login, whatever the transport of the backend: the access token and the refresh token of a bearer backend, the
/// cookie of a cookie backend. Cookies are kept and sent as browsers do over HTTPS (RFC 6265bis, 5.6 to 5.8), with two exceptions: the
/// client has no clock, so only the server ends a cookie, and it has no page, so `SameSite` has no effect. A page of another
/// origin is a header: [`header("origin", ..)`](Self::header).
///
/// A request is sent by `.await`; before it, headers and a body can be added. Paths are complete: [`prefix`](Self::prefix) concerns only the
/// library's own routes that this client calls by name, such as [`login`](Self::login).
///
/// A clone begins with the same credentials and is then independent, like a second browser with the same cookies.
///
/// ```
/// # use usermgr::{CookieOptions, prelude::*};
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use serde_json::json;
/// use usermgr::testing::Client;
///
/// let backend = Backend::cookie("web", CookieOptions::default(), Database::new());
/// let accounts = Accounts { engine: Engine::builder(MemoryStore::new()).backend(backend).build()? };
/// let client = Client::new(usermgr::axum::router(accounts)?);
///
/// client.register("ada@example.com", "correct horse battery").await.expect(201);
/// client.login("web", "ada@example.com", "correct horse battery").await.expect(204);
/// assert_eq!(client.get("/users/me").await.json["email"], "ada@example.com");
///
/// let forged = client.patch("/users/me", json!({"email": "eve@example.com"})).header("origin", "https://evil.example").await;
/// assert_eq!(forged.json["detail"], "CROSS_ORIGIN_REQUEST");
/// # Ok(()) }
/// ```
///
/// # Panics
/// A test must not continue after its own mistake. The client panics if a path does not begin with `/`, if HTTP does not allow a header,
/// if browsers would refuse a cookie, if the body of a response breaks off, and if a route that it calls by name does not
/// exist.
pub struct Client<A = Usual> {
    application: A,
    prefix: String,
    headers: HeaderMap,
    peer: Option<SocketAddr>,
    fields: Vec<(String, String)>,
    held: Mutex<Held>,
}

#[cfg(feature = "axum")]
impl Client {
    /// Returns a client of this router, not logged in.
    pub fn new(router: Usual) -> Self {
        Self::over(router)
    }
}

impl<A: Application> Client<A> {
    /// Returns a client of any application, which may be a function that answers requests; see [`Application`].
    pub fn over(application: A) -> Self {
        Self {
            application,
            prefix: String::new(),
            headers: HeaderMap::new(),
            peer: None,
            fields: Vec::new(),
            held: Mutex::default(),
        }
    }

    /// Sets where the routes of the library are mounted, as in `/api/v1`. It is prepended to the paths of [`register`](Self::register),
    /// [`login`](Self::login), [`refresh`](Self::refresh) and [`logout`](Self::logout), and to no others.
    ///
    /// # Panics
    /// If it does not begin with `/`.
    #[must_use]
    #[track_caller]
    pub fn prefix(self, prefix: &str) -> Self {
        assert!(prefix.is_empty() || prefix.starts_with('/'), "`{prefix}` is not a prefix: write it as in `/api/v1`");
        Self { prefix: prefix.trim_end_matches('/').to_owned(), ..self }
    }

    /// Sets a header of every request, such as `origin`, `accept-language` or `x-request-id`. It replaces a header of this name.
    ///
    /// # Panics
    /// If HTTP does not allow the name or the value.
    #[must_use]
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let (name, value) = header_of(name, value);
        self.headers.insert(name, value);
        self
    }

    /// Sets the address that requests come from. Without it they have no address, as with a server that does not provide it; what limits and events
    /// then do is in the [guide](crate::guide::security).
    ///
    /// ```
    /// # fn show(router: axum::Router) {
    /// use usermgr::testing::Client;
    /// let (ada, eve) = (Client::new(router.clone()).peer([192, 0, 2, 7]), Client::new(router).peer([203, 0, 113, 9]));
    /// # let _ = (ada, eve);
    /// # }
    /// ```
    #[must_use]
    pub fn peer(self, address: impl Into<IpAddr>) -> Self {
        // The first of the ports that clients get (RFC 6335, 6).
        Self { peer: Some(SocketAddr::new(address.into(), 49152)), ..self }
    }

    /// Adds a field to the bodies of [`register`](Self::register) and [`login`](Self::login), such as the answer to a
    /// [captcha](crate::guide::captcha). It replaces a field of this name.
    ///
    /// ```
    /// # fn show(router: axum::Router) {
    /// use usermgr::testing::Client;
    /// let client = Client::new(router).with_field("captcha", "blue");
    /// # let _ = client;
    /// # }
    /// ```
    #[must_use]
    pub fn with_field(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Replaces the access token, which is sent as `Authorization: Bearer ..`.
    #[must_use]
    pub fn with_token(self, token: impl Into<String>) -> Self {
        self.held().access = Some(token.into());
        self
    }

    /// Adds this cookie, for the client's host and all paths.
    #[must_use]
    pub fn with_cookie(self, name: &str, value: &str) -> Self {
        let host = self.host();
        self.held().jar.put(name, value, &host);
        self
    }

    /// Returns the access token of the last login or refresh, or the one of [`with_token`](Self::with_token).
    pub fn token(&self) -> Option<String> {
        self.held().access.clone()
    }

    /// Returns the refresh token of the last login or refresh.
    pub fn refresh_token(&self) -> Option<String> {
        self.held().refresh.clone()
    }

    /// Returns the value of a cookie that the client has.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.held().jar.value(name).map(str::to_owned)
    }

    /// Registers an address.
    pub fn register(&self, email: &str, password: &str) -> RequestBuilder<'_, A> {
        self.register_with(email, password, json!({}))
    }

    /// Registers an address with the fields of a profile, as a client sends them: a `json!({..})`, or the test's own type.
    ///
    /// # Panics
    /// If the profile is not a JSON object.
    #[track_caller]
    pub fn register_with(&self, email: &str, password: &str, profile: impl Serialize) -> RequestBuilder<'_, A> {
        let mut body = match serde_json::to_value(profile) {
            Ok(Value::Object(fields)) => fields,
            Ok(other) => panic!("a profile must be an object in JSON, not `{other}`"),
            Err(error) => panic!("the profile cannot be written as JSON: {error}"),
        };
        body.insert("email".into(), email.into());
        body.insert("password".into(), password.into());
        body.extend(self.further_fields());
        self.named("register").json(body)
    }

    /// Logs in through a backend and keeps the result. If it succeeds, the tokens of an earlier login are dropped;
    /// cookies are removed only as the response says.
    pub fn login(&self, backend: &str, email: &str, password: &str) -> RequestBuilder<'_, A> {
        let mut body = Map::from_iter([("username".into(), email.into()), ("password".into(), password.into())]);
        body.extend(self.further_fields());
        self.named(&format!("{backend}/login")).json(body).keeping_tokens()
    }

    /// Comes back from a provider with the path and the query of a callback, and keeps the result as of a login.
    #[cfg(feature = "oauth-bare")]
    pub fn callback(&self, path: &str) -> RequestBuilder<'_, A> {
        self.get(path).keeping_tokens()
    }

    /// Uses the refresh token of the last login and keeps the new tokens.
    ///
    /// # Panics
    /// If no login returned a refresh token.
    #[track_caller]
    pub fn refresh(&self, backend: &str) -> RequestBuilder<'_, A> {
        let token = self.refresh_token();
        let token = token.expect("this client has no refresh token: log in through a backend that gives one");
        let fields = [("grant_type", "refresh_token"), ("refresh_token", &token)];
        self.named(&format!("{backend}/refresh")).form(&fields).keeping_tokens()
    }

    /// Logs out. A cookie is removed as the response says. The tokens stay, so that the next request shows whether the session has ended. To show
    /// the same for a cookie, send the request with a clone that was made before.
    pub fn logout(&self, backend: &str) -> RequestBuilder<'_, A> {
        self.named(&format!("{backend}/logout"))
    }

    /// Returns a `GET` request.
    ///
    /// # Panics
    /// Here and below: if the path does not begin with `/`.
    #[track_caller]
    pub fn get(&self, path: &str) -> RequestBuilder<'_, A> {
        self.request(Method::GET, path)
    }

    /// Returns a `POST` request with a JSON body.
    #[track_caller]
    pub fn post(&self, path: &str, body: impl Serialize) -> RequestBuilder<'_, A> {
        self.request(Method::POST, path).json(body)
    }

    /// Returns a `POST` request with a form.
    #[track_caller]
    pub fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder<'_, A> {
        self.request(Method::POST, path).form(fields)
    }

    /// Returns a `PUT` request with a JSON body.
    #[track_caller]
    pub fn put(&self, path: &str, body: impl Serialize) -> RequestBuilder<'_, A> {
        self.request(Method::PUT, path).json(body)
    }

    /// Returns a `PATCH` request with a JSON body.
    #[track_caller]
    pub fn patch(&self, path: &str, body: impl Serialize) -> RequestBuilder<'_, A> {
        self.request(Method::PATCH, path).json(body)
    }

    /// Returns a `DELETE` request.
    #[track_caller]
    pub fn delete(&self, path: &str) -> RequestBuilder<'_, A> {
        self.request(Method::DELETE, path)
    }

    /// Returns any request. It has the credentials of the client, and no body yet.
    #[track_caller]
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder<'_, A> {
        RequestBuilder::new(self, method, path)
    }

    /// The fields of all registrations and logins.
    fn further_fields(&self) -> impl Iterator<Item = (String, Value)> {
        self.fields.iter().map(|(name, value)| (name.clone(), value.as_str().into()))
    }

    /// A route of the library below `/auth`, which must exist.
    fn named(&self, path: &str) -> RequestBuilder<'_, A> {
        self.request(Method::POST, &format!("{}/auth/{path}", self.prefix)).demanding_a_route()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The host that requests go to, without its port.
    fn host(&self) -> String {
        host_in(&self.headers)
    }
}

/// A header from text.
#[track_caller]
fn header_of(name: &str, value: &str) -> (HeaderName, HeaderValue) {
    let parsed = HeaderName::try_from(name).unwrap_or_else(|_| panic!("`{name}` is not the name of a header"));
    // Not shown: it may be a credential.
    let value = HeaderValue::try_from(value).unwrap_or_else(|_| panic!("the header `{name}` cannot have this value"));
    (parsed, value)
}

/// The host of these headers, without its port.
fn host_in(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or(HOST);
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.to_ascii_lowercase()
}

/// Whether a response says that there is no such route.
fn is_no_route(status: StatusCode) -> bool {
    matches!(status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED)
}

impl<A: Clone> Clone for Client<A> {
    fn clone(&self) -> Self {
        Self {
            application: self.application.clone(),
            prefix: self.prefix.clone(),
            headers: self.headers.clone(),
            peer: self.peer,
            fields: self.fields.clone(),
            held: Mutex::new(self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()),
        }
    }
}

/// Shows which credentials the client has, but not their values.
impl<A> fmt::Debug for Client<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("Client")
            .field("prefix", &self.prefix)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("peer", &self.peer)
            .field("token", &held.access.is_some())
            .field("refresh_token", &held.refresh.is_some())
            .field("cookies", &held.jar.names().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
