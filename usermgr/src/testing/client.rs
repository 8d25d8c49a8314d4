//! A client that calls the routes without a socket, logged in or not.

use std::convert::Infallible;

use ::axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header},
};
use serde_json::{Value, json};
use tower::ServiceExt;

/// Calls a router as a client would. It remembers the token of its login.
///
/// ```
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let accounts = Accounts { engine: Engine::new(MemoryStore::new()) };
/// use usermgr::testing::Client;
///
/// let mut client = Client::new(usermgr::axum::router(accounts)?);
/// client.register("ada@example.com", "correct horse battery").await;
/// client.login("bearer", "ada@example.com", "correct horse battery").await;
/// assert_eq!(client.get("/users/me").await.json["email"], "ada@example.com");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    router: Router,
    token: Option<HeaderValue>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; `Null` when it is none.
    pub json: Value,
}

impl Client {
    /// A client of this router, not logged in.
    pub fn new(router: Router) -> Self {
        Self { router, token: None }
    }

    /// Registers an address.
    pub async fn register(&self, email: &str, password: &str) -> Reply {
        self.send(Method::POST, "/auth/register", Some(json!({ "email": email, "password": password }))).await
    }

    /// Logs in through a backend and keeps the token, if there is one.
    pub async fn login(&mut self, backend: &str, email: &str, password: &str) -> Reply {
        let body = json!({ "username": email, "password": password });
        let reply = self.send(Method::POST, &format!("/auth/{backend}/login"), Some(body)).await;
        let token =
            reply.json["access_token"].as_str().and_then(|token| HeaderValue::try_from(format!("Bearer {token}")).ok());
        self.token = token;
        reply
    }

    /// A `GET` request.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    /// A `POST` request with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, Some(body)).await
    }

    /// A `PATCH` request with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// A `DELETE` request.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None).await
    }

    /// Any request, with the token if the client is logged in.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let text = body.as_ref().map(Value::to_string).unwrap_or_default();
        let mut request = Request::new(Body::from(text));
        *request.method_mut() = method;
        // A path that is none becomes the root, and its answer shows it.
        *request.uri_mut() = path.parse().unwrap_or_default();
        if body.is_some() {
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(token) = &self.token {
            request.headers_mut().insert(header::AUTHORIZATION, token.clone());
        }
        let answered: Result<_, Infallible> = self.router.clone().oneshot(request).await;
        let (parts, body) = match answered {
            Ok(response) => response.into_parts(),
            Err(never) => match never {},
        };
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let json = serde_json::from_slice(&body).unwrap_or_default();
        Reply { status: parts.status, headers: parts.headers, json }
    }
}
