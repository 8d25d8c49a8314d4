//! Handlers of the application's own that call operations: with the context of the request they behave as the library's routes do, and
//! their logins are answered as the library's are.

use std::sync::Arc;

use axum::http::{StatusCode, request::Parts};
use reqwest::Method;
use serde_json::{Value, json};
use usermgr::{
    CookieOptions, UpdateMe,
    context::Actor,
    http::{CurrentUser, Outgoing, Problem, RequestContext},
    password::{Argon2Params, Argon2id},
    prelude::*,
};
use usermgr_tests::{Client, PASSWORD};

use crate::front;

pub(crate) struct Accounts {
    pub(crate) engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_login(&self, user: &User, login: &mut Login) {
        login.header("x-greeting", "hello");
        if user.email.as_str().starts_with("field") {
            login.field("greeting", "hello");
        }
    }
}

type Caller = CurrentUser<Accounts>;
type Cx = RequestContext<Accounts>;

pub(crate) async fn leave_elsewhere(accounts: &Accounts, user: Caller, cx: Cx) -> Result<Outgoing, Problem> {
    accounts.revoke_others(&user, &cx).await?;
    Ok(Outgoing::empty(StatusCode::NO_CONTENT))
}

pub(crate) async fn take_address(accounts: &Accounts, user: Caller, cx: Cx, body: Value) -> Result<Outgoing, Problem> {
    let mut update = UpdateMe::default();
    update.email = body["email"].as_str().map(str::to_owned);
    Outgoing::json(StatusCode::OK, &accounts.update(&user, update, &cx).await?)
}

pub(crate) async fn log_in(accounts: &Accounts, backend: &str, cx: Cx, body: Value) -> Result<Outgoing, Problem> {
    let credentials = Credentials::new(body["who"].as_str().unwrap_or_default(), PASSWORD);
    let logged_in = accounts.login(credentials, backend, &cx).await?;
    Outgoing::logged_in(accounts, logged_in, &cx)
}

pub(crate) async fn circumstances(cx: Cx) -> Result<Outgoing, Problem> {
    let session = match &cx.actor {
        Some(Actor::User { session, .. }) => Some((&session.backend, session.is_current)),
        _ => None,
    };
    let path = cx.extensions.get::<Parts>().map(|parts| parts.uri.path().to_owned());
    let seen = json!({
        "ip": cx.ip, "agent": cx.user_agent, "request": cx.request_id, "session": session, "path": path,
    });
    Outgoing::json(StatusCode::OK, &seen)
}

async fn open(proxies: usize) -> Client {
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("jwt", Database::new()))
        .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
        .backend(Backend::header("device", "X-Api-Key", Database::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .trusted_proxies(proxies)
        .build()
        .unwrap();
    let accounts = Accounts { engine };
    accounts.check().unwrap();
    Client::new(front::handlers(Arc::new(accounts)).await)
}

#[tokio::test]
async fn the_context_of_a_handler_is_that_of_a_route() {
    for (proxies, ip) in [(0, "127.0.0.1"), (1, "9.9.9.9")] {
        let client = open(proxies).await;
        let ada = client.joined("ada@example.com").await;
        let ask = |client: &Client| {
            let request = client.request(Method::GET, "/own/context").header("user-agent", "curl");
            request.header("x-request-id", "7").header("x-forwarded-for", "6.6.6.6, 9.9.9.9")
        };
        let mut seen = json!({
            "ip": ip, "agent": "curl", "request": "7", "session": ["jwt", true], "path": "/own/context",
        });
        ada.send(ask(&ada)).await.expect_json(200, seen.clone());
        seen["session"] = Value::Null;
        client.send(ask(&client)).await.expect_json(200, seen);
    }
}

#[tokio::test]
async fn an_operation_in_a_handler_behaves_as_in_a_route() {
    let client = open(0).await;
    let here = client.joined("ada@example.com").await;
    let there = client.logged_in("ada@example.com", PASSWORD).await;
    // The login is fresh, as the route would find it.
    here.post("/own/address", json!({ "email": "new@example.com" })).await.expect(200);
    here.post("/own/leave-elsewhere", Value::Null).await.expect(204);
    here.get("/users/me").await.expect(200);
    there.get("/users/me").await.expect_detail(401, "Unauthorized");
    client.post("/own/leave-elsewhere", Value::Null).await.expect_detail(401, "Unauthorized");
}

#[tokio::test]
async fn a_login_in_a_handler_is_answered_as_by_the_route() {
    let client = open(0).await;
    for email in ["ada@example.com", "field@example.com"] {
        client.register(email, PASSWORD).await.expect(201);
        let greeting = email.starts_with("field");
        for backend in ["jwt", "cookie", "device"] {
            let body = json!({ "username": email, "password": PASSWORD });
            let by_route = client.post(&format!("/auth/{backend}/login"), body).await;
            let by_handler = client.post(&format!("/own/login/{backend}"), json!({ "who": email })).await;
            for reply in [by_route, by_handler] {
                let what = format!("{backend} {email}");
                assert_eq!(reply.header("x-greeting"), Some("hello"), "{what}");
                assert_eq!(reply.header("cache-control"), Some("no-store"), "{what}");
                if backend == "cookie" {
                    let status = if greeting { 200 } else { 204 };
                    assert_eq!(reply.status, status, "{what}");
                    let ada = client.with_cookie(reply.cookie());
                    ada.get("/users/me").await.expect(200);
                    if greeting {
                        assert_eq!(reply.json(), json!({ "greeting": "hello" }));
                    }
                    continue;
                }
                let body = reply.expect(200).json();
                assert_eq!(body["token_type"], if backend == "jwt" { "bearer" } else { "api_key" }, "{what}");
                assert_eq!(body.get("greeting").is_some(), greeting, "{what}");
            }
        }
    }
    // A page of another origin gets no cookie for a person.
    let request = client.request(Method::POST, "/own/login/cookie").header("origin", "https://evil.example");
    let reply = client.send(request.json(&json!({ "who": "ada@example.com" }))).await;
    assert_eq!(reply.header("set-cookie"), None);
    reply.expect_detail(403, "CROSS_ORIGIN_REQUEST");
}

#[tokio::test]
async fn a_custom_header_carries_a_token_and_nothing_else_does() {
    let client = open(0).await;
    client.register("ada@example.com", PASSWORD).await.expect(201);
    let body = json!({ "username": "ada@example.com", "password": PASSWORD });
    let token = client.post("/auth/device/login", body.clone()).await.expect(200).token();
    let with = |method: Method, path: &str, name: &str, value: &str| client.request(method, path).header(name, value);
    client.send(with(Method::GET, "/users/me", "X-API-KEY", &token)).await.expect(200);
    // The same token is worth nothing elsewhere, also just after it was looked up.
    for (name, value) in [
        ("authorization", format!("Bearer {token}")),
        ("cookie", format!("__Host-usermgr={token}")),
        ("x-api-key", format!("Bearer {token}")),
        ("x-api-key-2", token.clone()),
    ] {
        client.send(with(Method::GET, "/users/me", name, &value)).await.expect_detail(401, "Unauthorized");
    }
    let bearer = client.post("/auth/jwt/login", body).await.expect(200).token();
    client.send(with(Method::GET, "/users/me", "x-api-key", &bearer)).await.expect_detail(401, "Unauthorized");
    // No browser adds it by itself: a page of any origin that knows it may use it.
    let request = with(Method::PATCH, "/users/me", "x-api-key", &token).header("origin", "https://elsewhere.example");
    client.send(request.json(&json!({}))).await.expect(200);
    client.send(with(Method::POST, "/auth/device/logout", "x-api-key", &token)).await.expect(204);
    client.send(with(Method::GET, "/users/me", "x-api-key", &token)).await.expect_detail(401, "Unauthorized");
}

#[tokio::test]
async fn a_header_that_means_something_else_is_refused_by_the_check() {
    for name in ["Cookie", "Authorization", "x key", "Sec-Fetch-Site"] {
        let engine = Engine::builder(MemoryStore::new()).backend(Backend::header("device", name, Database::new()));
        let refused = engine.build().unwrap_err().to_string();
        assert!(refused.contains(&name.to_lowercase()), "{refused}");
    }
}
