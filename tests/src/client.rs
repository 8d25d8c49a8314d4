//! A client over a socket, with or without a credential.

use std::time::Duration;

use reqwest::{
    Method, RequestBuilder,
    header::{self, HeaderMap},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Talks to one server.
#[derive(Clone, Debug)]
pub struct Client {
    base: String,
    http: reqwest::Client,
    credential: Option<Credential>,
}

#[derive(Clone, Debug)]
enum Credential {
    Bearer(String),
    Cookie(String),
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
}

impl Reply {
    /// The body as JSON.
    ///
    /// # Panics
    /// If it is missing.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}: {}", self.status, self.text))
    }

    /// The token of a login.
    ///
    /// # Panics
    /// If there is no such value.
    #[track_caller]
    pub fn token(&self) -> String {
        self.json()["access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("no token in {}: {}", self.status, self.text))
            .to_owned()
    }

    /// The `name=value` of the one cookie that is set.
    ///
    /// # Panics
    /// If there is not exactly one.
    #[track_caller]
    pub fn cookie(&self) -> String {
        let set: Vec<_> = self.headers.get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(set.len(), 1, "{set:?}");
        let text = set[0].to_str().expect("a cookie is text");
        text.split(';').next().unwrap_or_default().to_owned()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Demands a status.
    ///
    /// # Panics
    /// When it is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Demands a status and a whole body.
    ///
    /// # Panics
    /// When either is another.
    #[track_caller]
    pub fn expect_json(self, status: u16, body: Value) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.json(), body);
        reply
    }

    /// Demands a status with this `detail`.
    ///
    /// # Panics
    /// When either is another.
    #[track_caller]
    pub fn expect_detail(self, status: u16, detail: impl Into<Value>) -> Self {
        self.expect_json(status, json!({ "detail": detail.into() }))
    }

    /// Demands a 422 whose entries are these, as `type` and `loc`.
    ///
    /// # Panics
    /// When it is something else.
    #[track_caller]
    pub fn expect_faults(self, faults: Value) -> Self {
        let reply = self.expect(422);
        let body = reply.json();
        let entries = body["detail"].as_array().unwrap_or_else(|| panic!("no list: {body}"));
        let found: Vec<_> = entries.iter().map(|entry| json!([entry["type"], entry["loc"]])).collect();
        assert_eq!(Value::from(found), faults, "{body}");
        assert!(entries.iter().all(|entry| entry["msg"].is_string() && entry.get("input").is_none()), "{body}");
        reply
    }
}

impl Client {
    /// A client of the server at `http://ADDRESS`.
    ///
    /// # Panics
    /// When no client can be made.
    pub fn new(base: impl Into<String>) -> Self {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(60))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client can be made");
        Self { base: base.into(), http, credential: None }
    }

    /// The same client with another token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { credential: Some(Credential::Bearer(token.into())), ..self.clone() }
    }

    /// The same client with a cookie, `name=value`.
    #[must_use]
    pub fn with_cookie(&self, cookie: impl Into<String>) -> Self {
        Self { credential: Some(Credential::Cookie(cookie.into())), ..self.clone() }
    }

    /// The same client, logged in through `/auth/jwt`.
    ///
    /// # Panics
    /// When the login fails.
    pub async fn logged_in(&self, email: &str, password: &str) -> Self {
        let reply = self.login(email, password).await.expect(200);
        self.with_token(reply.token())
    }

    /// Registers and logs in.
    ///
    /// # Panics
    /// When either fails.
    pub async fn joined(&self, email: &str) -> Self {
        self.register(email, crate::PASSWORD).await.expect(201);
        self.logged_in(email, crate::PASSWORD).await
    }

    /// `POST /auth/register`.
    pub async fn register(&self, email: &str, password: &str) -> Reply {
        self.post("/auth/register", json!({ "email": email, "password": password })).await
    }

    /// `POST /auth/jwt/login` with a form.
    pub async fn login(&self, email: &str, password: &str) -> Reply {
        self.form("/auth/jwt/login", &[("username", email), ("password", password)]).await
    }

    /// A `GET` request.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    /// A `POST` request with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// A `PATCH` request with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// A `DELETE` request.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// A `POST` request with a form.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.send(self.request(Method::POST, path).form(fields)).await
    }

    /// A `POST` request without a body.
    pub async fn post_empty(&self, path: &str) -> Reply {
        self.send(self.request(Method::POST, path)).await
    }

    /// Any request, with the credential if there is one, to be completed and sent.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.credential {
            Some(Credential::Bearer(token)) => request.bearer_auth(token),
            Some(Credential::Cookie(cookie)) => request.header(header::COOKIE, cookie),
            None => request,
        }
    }

    /// Sends a request.
    ///
    /// # Panics
    /// When no answer comes, or none that is text.
    pub async fn send(&self, request: RequestBuilder) -> Reply {
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Reply { status, headers, text: response.text().await.expect("the answer is text") }
    }
}

/// Sends bytes to `http://ADDRESS` as they are, and returns the status and the whole answer. There may be none, status 0, if the server
/// closes before it has read everything.
///
/// # Panics
/// When the server is not there, or does not close within twenty seconds: say `Connection: close`.
pub async fn raw(address: &str, bytes: &[u8]) -> (u16, String) {
    let address = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let (mut reader, mut writer) = stream.split();
    let mut answer = Vec::new();
    let exchange = async {
        // Neither fails the test: a server may refuse before it has read everything.
        let _ = tokio::join!(writer.write_all(bytes), reader.read_to_end(&mut answer));
    };
    timeout(Duration::from_secs(20), exchange).await.expect("the server answers and closes");
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, text)
}
