//! One request of a client: built in steps, sent by `.await`.

use std::{
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use ::http::{HeaderMap, HeaderValue, Method, Request, Uri, header};
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::{Application, Client, HOST, Reply, header_of, host_in, is_no_route};

/// A request that is sent by `.await`.
///
/// ```
/// # async fn show(client: usermgr::testing::Client) {
/// use http::Method;
///
/// let reply = client.request(Method::PUT, "/notes/7").header("x-request-id", "a1").body("text/plain", "Buy milk").await;
/// reply.expect(200);
/// # }
/// ```
#[must_use = "a request is sent by `.await`"]
pub struct RequestBuilder<'a, A: Application> {
    client: &'a Client<A>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    then: Then,
}

/// What is done with the response, in addition to its cookies.
#[derive(Clone, Copy, Default)]
struct Then {
    keep_tokens: bool,
    demand_route: bool,
}

impl<'a, A: Application> RequestBuilder<'a, A> {
    #[track_caller]
    pub(super) fn new(client: &'a Client<A>, method: Method, path: &str) -> Self {
        let uri = path.parse().ok().filter(|_| path.starts_with('/'));
        let uri = uri.unwrap_or_else(|| panic!("`{path}` is not a path: write it as in `/users/me`, percent-encoded"));
        let then = Then::default();
        Self { client, method, uri, headers: HeaderMap::new(), body: Bytes::new(), then }
    }

    /// Adds a header to this request, which replaces those of this name that the client sends by itself. A name may have several values: call it
    /// once for each.
    ///
    /// # Panics
    /// If HTTP does not allow the name or the value.
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let (name, value) = header_of(name, value);
        self.headers.append(name, value);
        self
    }

    /// Sets this body in JSON.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[track_caller]
    pub fn json(self, body: impl Serialize) -> Self {
        let text =
            serde_json::to_string(&body).unwrap_or_else(|error| panic!("the body cannot be written as JSON: {error}"));
        self.body("application/json", text)
    }

    /// Sets this form as the body (`application/x-www-form-urlencoded`).
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let pairs: Vec<_> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        self.body("application/x-www-form-urlencoded", pairs.join("&"))
    }

    /// Sets this body and its media type.
    ///
    /// # Panics
    /// If HTTP does not allow the media type.
    #[track_caller]
    pub fn body(mut self, media_type: &str, body: impl Into<Bytes>) -> Self {
        let (name, value) = header_of(header::CONTENT_TYPE.as_str(), media_type);
        self.headers.insert(name, value);
        self.body = body.into();
        self
    }

    /// Keeps the tokens of the response.
    pub(super) fn keeping_tokens(mut self) -> Self {
        self.then.keep_tokens = true;
        self
    }

    /// Fails the test if there is no such route.
    pub(super) fn demanding_a_route(mut self) -> Self {
        self.then.demand_route = true;
        self
    }

    /// All headers: the client's own, then those set for all requests, then those of this request. Each replaces earlier ones of its name.
    fn all_headers(&self) -> HeaderMap {
        let given = replaced(self.client.headers.clone(), &self.headers);
        let mut own = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(HOST))]);
        let held = self.client.held();
        if let Some(token) = &held.access {
            own.insert(header::AUTHORIZATION, header_of("authorization", &format!("Bearer {token}")).1);
        }
        if let Some(cookies) = held.jar.header(&host_in(&given), self.uri.path()) {
            own.insert(header::COOKIE, header_of("cookie", &cookies).1);
        }
        if !self.body.is_empty() {
            own.insert(header::CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        }
        replaced(own, &given)
    }
}

/// The first headers, with all values of a name replaced by those in the second headers.
fn replaced(mut headers: HeaderMap, by: &HeaderMap) -> HeaderMap {
    for name in by.keys() {
        headers.remove(name);
        for value in by.get_all(name) {
            headers.append(name, value.clone());
        }
    }
    headers
}

impl<'a, A: Application> IntoFuture for RequestBuilder<'a, A> {
    type Output = Reply;
    type IntoFuture = Sending<'a, A>;

    fn into_future(self) -> Sending<'a, A> {
        let headers = self.all_headers();
        let host = host_in(&headers);
        let Self { client, method, uri, headers: _, body, then } = self;
        let mut request = Request::new(body);
        request.method_mut().clone_from(&method);
        request.uri_mut().clone_from(&uri);
        *request.headers_mut() = headers;
        if let Some(peer) = client.peer {
            request.extensions_mut().insert::<SocketAddr>(peer);
        }
        let answer = Box::pin(client.application.answer(request));
        Sending { client, method, uri, host, then, answer }
    }
}

/// A request that was sent: the future that `.await` makes of a [`RequestBuilder`].
#[must_use = "a request is sent by `.await`"]
pub struct Sending<'a, A: Application> {
    client: &'a Client<A>,
    method: Method,
    uri: Uri,
    host: String,
    then: Then,
    answer: Pin<Box<A::Answer>>,
}

impl<A: Application> Future for Sending<'_, A> {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        let reply = Reply::new(ready!(self.answer.as_mut().poll(cx)));
        let (method, path) = (&self.method, self.uri.path());
        assert!(
            !self.then.demand_route || !is_no_route(reply.status),
            "no route answers `{method} {path}`: see the name of the backend, what it can do, and `Client::prefix`"
        );
        let mut held = self.client.held();
        if self.then.keep_tokens {
            held.keep_tokens(&reply);
        }
        held.keep_cookies(&reply, &self.host, path);
        drop(held);
        Poll::Ready(reply)
    }
}
