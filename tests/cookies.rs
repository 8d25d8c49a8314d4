//! The cookie transport over a real socket: what the browser is given, what it must not be made to do, and what several credentials
//! at once come to.

use reqwest::{Client, Method, Response, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use usermgr::{CookieOptions, prelude::*};
use usermgr_tests::{raw, serve};

const PASSWORD: &str = "correct horse battery";
const COOKIE: &str = "__Host-usermgr";

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

/// A served manager and a client.
struct Visitor {
    base: String,
    http: Client,
}

impl Visitor {
    async fn arrive() -> Self {
        let engine = Engine::builder(MemoryStore::new())
            .backend(Backend::bearer("bearer", Database::new()))
            .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
            .backend(Backend::cookie("other", CookieOptions::fastapi_users(), Jwt::new()))
            .allow_origin("https://admin.example")
            .build()
            .unwrap();
        let visitor = Self { base: serve(Accounts { engine }).await, http: Client::new() };
        for name in ["ada", "bob"] {
            let body = json!({ "email": format!("{name}@example.com"), "password": PASSWORD });
            let reply = visitor.http.post(visitor.url("/auth/register")).json(&body).send().await.unwrap();
            assert_eq!(reply.status(), StatusCode::CREATED);
        }
        visitor
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Response {
        let mut request = self.http.request(method, self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.unwrap()
    }

    async fn log_in(&self, backend: &str, name: &str, headers: &[(&str, &str)]) -> Response {
        let body = json!({ "username": format!("{name}@example.com"), "password": PASSWORD });
        self.send(Method::POST, &format!("/auth/{backend}/login"), headers, Some(body)).await
    }

    async fn cookie(&self, name: &str) -> String {
        let reply = self.log_in("cookie", name, &[]).await;
        assert_eq!(reply.status(), StatusCode::NO_CONTENT);
        value_of(&set_cookies(reply.headers())[0])
    }

    async fn bearer(&self, name: &str) -> String {
        let reply = self.log_in("bearer", name, &[]).await;
        format!("Bearer {}", reply.json::<Value>().await.unwrap()["access_token"].as_str().unwrap())
    }

    async fn me(&self, headers: &[(&str, &str)]) -> StatusCode {
        self.send(Method::GET, "/users/me", headers, None).await.status()
    }
}

fn set_cookies(headers: &HeaderMap) -> Vec<String> {
    headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

/// `name=token` of a `Set-Cookie` value: what a browser sends back.
fn value_of(set_cookie: &str) -> String {
    set_cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn s3_s4_login_sets_a_safe_cookie_and_logout_takes_it_away_and_ends_the_session() {
    let visitor = Visitor::arrive().await;
    let reply = visitor.log_in("cookie", "ada", &[]).await;
    assert_eq!(reply.status(), StatusCode::NO_CONTENT);
    let set = set_cookies(reply.headers());
    assert_eq!(set.len(), 1);
    assert!(
        set[0].starts_with(&format!("{COOKIE}=")) && set[0].ends_with("; HttpOnly; Path=/; SameSite=lax; Secure"),
        "{}",
        set[0]
    );
    assert!(set[0].len() <= 4096);
    assert_eq!(reply.bytes().await.unwrap().len(), 0);

    let cookie = value_of(&set[0]);
    assert_eq!(visitor.me(&[("cookie", &cookie)]).await, StatusCode::OK);
    let reply = visitor.send(Method::POST, "/auth/cookie/logout", &[("cookie", &cookie)], None).await;
    assert_eq!(reply.status(), StatusCode::NO_CONTENT);
    assert_eq!(
        set_cookies(reply.headers()),
        [format!("{COOKIE}=\"\"; HttpOnly; Max-Age=0; Path=/; SameSite=lax; Secure")]
    );
    assert_eq!(
        visitor.me(&[("cookie", &cookie)]).await,
        StatusCode::UNAUTHORIZED,
        "the session has ended, not only the cookie"
    );
}

#[tokio::test]
async fn s4_the_cookie_of_the_largest_address_is_small() {
    let visitor = Visitor::arrive().await;
    let label = "b".repeat(60);
    let email = format!("{}@{label}.{label}.{label}.com", "a".repeat(64));
    let email = &email[email.len() - 250..];
    let body = json!({ "email": email, "password": PASSWORD });
    let reply = visitor.send(Method::POST, "/auth/register", &[], Some(body)).await;
    assert_eq!(reply.status(), StatusCode::CREATED, "{email}");
    for backend in ["cookie", "other"] {
        let body = json!({ "username": email, "password": PASSWORD });
        let reply = visitor.send(Method::POST, &format!("/auth/{backend}/login"), &[], Some(body)).await;
        let set = set_cookies(reply.headers());
        assert_eq!(set.len(), 1, "{backend}");
        // Neither an address nor anything else of the account is in it.
        assert!(set[0].len() < 1024, "{backend}: {}", set[0].len());
        assert_eq!(visitor.me(&[("cookie", &value_of(&set[0]))]).await, StatusCode::OK);
    }
}

#[tokio::test]
async fn s7_what_a_form_can_send_is_no_json() {
    let visitor = Visitor::arrive().await;
    let cookie = visitor.cookie("ada").await;
    let text = json!({ "email": "evil@example.com", "password": "another horse battery", "current_password": PASSWORD, "token": "x" }).to_string();
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nevil@example.com\r\n--x--\r\n";
    let form = "email=evil%40example.com&password=another+horse+battery&current_password=correct+horse+battery";
    for (method, path) in [
        (Method::PATCH, "/users/me"),
        (Method::POST, "/auth/change-password"),
        (Method::POST, "/auth/request-email-change"),
        (Method::POST, "/auth/confirm-email-change"),
        (Method::POST, "/auth/register"),
        (Method::POST, "/auth/reset-password"),
        (Method::POST, "/auth/verify"),
        (Method::POST, "/auth/forgot-password"),
    ] {
        for (media, body) in [
            (Some("text/plain"), text.clone()),
            (Some("text/plain; charset=application/json"), text.clone()),
            (Some("multipart/form-data; boundary=x"), multipart.to_owned()),
            (Some("application/x-www-form-urlencoded"), form.to_owned()),
            (None, text.clone()),
        ] {
            // As the own page, so that the origin is not what refuses.
            let request = visitor.http.request(method.clone(), visitor.url(path)).header("cookie", &cookie).body(body);
            let request = request.header("sec-fetch-site", "same-origin");
            let request = if let Some(media) = media { request.header("content-type", media) } else { request };
            let reply = request.send().await.unwrap();
            assert_eq!(reply.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{method} {path} {media:?}");
        }
    }
    let seen = visitor.send(Method::GET, "/users/me", &[("cookie", &cookie)], None).await;
    assert_eq!(seen.json::<Value>().await.unwrap()["email"], "ada@example.com");
    visitor.cookie("ada").await;
}

#[tokio::test]
async fn s7_a_page_of_another_origin_changes_nothing() {
    let visitor = Visitor::arrive().await;
    let cookie = visitor.cookie("ada").await;
    let patch = async |headers: &[(&str, &str)]| {
        let headers: Vec<_> = headers.iter().copied().chain([("cookie", cookie.as_str())]).collect();
        visitor.send(Method::PATCH, "/users/me", &headers, Some(json!({ "email": "ada2@example.com" }))).await
    };
    for forged in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "http://evil-127.0.0.1")],
    ] {
        let reply = patch(forged).await;
        assert_eq!(reply.status(), StatusCode::FORBIDDEN, "{forged:?}");
        assert_eq!(reply.json::<Value>().await.unwrap(), json!({ "detail": "CROSS_ORIGIN_REQUEST" }));
    }
    let seen =
        visitor.send(Method::GET, "/users/me", &[("cookie", &cookie), ("sec-fetch-site", "cross-site")], None).await;
    assert_eq!(
        seen.json::<Value>().await.unwrap()["email"],
        "ada@example.com",
        "reading is not a change, and nothing was changed"
    );
    for own in [
        &[("sec-fetch-site", "same-origin")][..],
        &[("origin", visitor.base.as_str())],
        &[("origin", "https://admin.example")],
        &[],
    ] {
        assert_eq!(patch(own).await.status(), StatusCode::OK, "{own:?}");
    }
}

#[tokio::test]
async fn s7_a_page_of_another_origin_logs_no_user_in_but_a_token_in_a_header_needs_no_origin() {
    let visitor = Visitor::arrive().await;
    let forged = [("origin", "https://evil.example")];
    let reply = visitor.log_in("cookie", "ada", &forged).await;
    assert_eq!(reply.status(), StatusCode::FORBIDDEN);
    assert!(set_cookies(reply.headers()).is_empty());
    assert_eq!(visitor.log_in("bearer", "ada", &forged).await.status(), StatusCode::OK);
    let bearer = visitor.bearer("ada").await;
    let reply =
        visitor.send(Method::PATCH, "/users/me", &[forged[0], ("authorization", &bearer)], Some(json!({}))).await;
    assert_eq!(reply.status(), StatusCode::OK);
}

#[tokio::test]
async fn s8_valid_credentials_must_name_one_user_and_the_others_have_no_veto() {
    let visitor = Visitor::arrive().await;
    let (cookie, bearer) = (visitor.cookie("ada").await, visitor.bearer("ada").await);
    let (bobs, bobs_cookie) = (visitor.bearer("bob").await, visitor.cookie("bob").await);
    let again = visitor.cookie("ada").await;
    let bad_cookie = format!("{COOKIE}={}", "x".repeat(43));
    let all = |cookies: &[&str]| cookies.join("; ");
    let many = (0..8).fold(cookie.clone(), |cookies, number| format!("{cookies}; {COOKIE}={number}"));
    for (name, headers, expected) in [
        ("cookie alone", vec![("cookie", &*cookie)], 200),
        ("bearer alone", vec![("authorization", &*bearer)], 200),
        ("both of one user", vec![("cookie", &*cookie), ("authorization", &*bearer)], 200),
        ("of two users", vec![("cookie", &*cookie), ("authorization", &*bobs)], 401),
        ("two tokens of two users", vec![("authorization", &*bearer), ("authorization", &*bobs)], 401),
        ("a bad bearer beside a good cookie", vec![("cookie", &*cookie), ("authorization", "Bearer bad")], 200),
        ("what a script made of no token", vec![("cookie", &*cookie), ("authorization", "Bearer undefined")], 200),
        ("a bad bearer beside a good one", vec![("authorization", "Bearer null"), ("authorization", &*bearer)], 200),
        ("a bad cookie beside a good bearer", vec![("cookie", &*bad_cookie), ("authorization", &*bearer)], 200),
        ("another scheme is not a credential", vec![("cookie", &*cookie), ("authorization", "Basic YTpi")], 200),
        ("one cookie twice", vec![("cookie", &*all(&[&cookie, &cookie]))], 200),
        ("two cookies of one user", vec![("cookie", &*all(&[&cookie, &again]))], 200),
        ("a good cookie after a bad one", vec![("cookie", &*all(&[&bad_cookie, &cookie]))], 200),
        ("a good cookie before a bad one", vec![("cookie", &*cookie), ("cookie", &*bad_cookie)], 200),
        ("two cookies of two users", vec![("cookie", &*all(&[&cookie, &bobs_cookie]))], 401),
        ("more of one name than a browser has", vec![("cookie", &*many)], 401),
    ] {
        assert_eq!(visitor.me(&headers).await.as_u16(), expected, "{name}");
    }
}

#[tokio::test]
async fn s14_no_byte_of_a_foreign_cookie_ends_a_session() {
    let visitor = Visitor::arrive().await;
    let cookie = visitor.cookie("ada").await;
    for byte in 0x80..=0xff {
        let request = [
            b"GET /users/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: city=Z\"",
            &[byte][..],
            b"; ",
            cookie.as_bytes(),
            b"; z=",
            &[byte],
            b"\r\n\r\n",
        ];
        let (_, answer) = raw(&visitor.base, &request.concat()).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{byte:#x}: {answer}");
    }
    let head = format!("GET /users/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: {cookie}");
    let (_, answer) = raw(&visitor.base, &[head.as_bytes(), b"\xfc\r\n\r\n"].concat()).await;
    assert!(answer.starts_with("HTTP/1.1 401") && answer.to_lowercase().contains("set-cookie: "), "{answer}");
}

/// Whether an answer takes the session cookie away, and sets none.
#[track_caller]
fn assert_taken_away(headers: &HeaderMap, expected: bool, what: &str) {
    let cleared = format!("{COOKIE}=\"\"; HttpOnly; Max-Age=0; Path=/; SameSite=lax; Secure");
    let expected = if expected { vec![cleared] } else { Vec::new() };
    assert_eq!(set_cookies(headers), expected, "{what}");
}

#[tokio::test]
async fn s14_an_invalid_cookie_is_removed_and_locks_no_user_out() {
    let visitor = Visitor::arrive().await;
    let (dead, good) = (visitor.cookie("ada").await, visitor.cookie("ada").await);
    visitor.send(Method::POST, "/auth/cookie/logout", &[("cookie", &dead)], None).await;
    let bearer = visitor.bearer("ada").await;
    let both = [("cookie", &*dead), ("authorization", &*bearer)];
    for (method, path, body, expected) in [
        (Method::GET, "/users/me", None, 200),
        (Method::PATCH, "/users/me", Some(json!({})), 200),
        (Method::GET, "/users/me/sessions", None, 200),
        (Method::GET, "/users", None, 403),
        (Method::POST, "/auth/bearer/logout", None, 204),
        (Method::GET, "/users/me", None, 401),
    ] {
        let reply = visitor.send(method.clone(), path, &both, body).await;
        assert_eq!(reply.status().as_u16(), expected, "{method} {path}");
        assert_taken_away(reply.headers(), true, path);
    }
    // A browser takes the right one away with the wrong one, since both have one name.
    let doubled = format!("{dead}; {good}");
    let reply = visitor.send(Method::GET, "/users/me", &[("cookie", &doubled)], None).await;
    assert_eq!(reply.status(), StatusCode::OK);
    assert_taken_away(reply.headers(), false, "a good one");
    let reply = visitor.send(Method::GET, "/users/me", &[], None).await;
    assert_taken_away(reply.headers(), false, "none");
}

#[tokio::test]
async fn s14_logging_out_removes_the_cookie_for_every_caller() {
    let visitor = Visitor::arrive().await;
    let (ada, bob, ended) = (visitor.cookie("ada").await, visitor.cookie("bob").await, visitor.cookie("ada").await);
    visitor.send(Method::POST, "/auth/cookie/logout", &[("cookie", &ended)], None).await;
    let out = async |headers: &[(&str, &str)]| visitor.send(Method::POST, "/auth/cookie/logout", headers, None).await;
    // Before anything else is checked, the request must come from a page of the application.
    let forged = out(&[("cookie", &ended), ("origin", "https://evil.example")]).await;
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    assert_taken_away(forged.headers(), false, "forged");
    let unreadable = format!("{COOKIE}=\u{fc}");
    for (what, cookie) in [
        ("none", String::new()),
        ("empty", format!("{COOKIE}=")),
        ("ended", ended.clone()),
        ("unreadable", unreadable),
        ("doubled", format!("{ended}; {COOKIE}=x")),
        ("of two users", format!("{ada}; {bob}")),
    ] {
        let reply = out(&[("cookie", &cookie)]).await;
        assert_eq!(reply.status(), StatusCode::NO_CONTENT, "{what}");
        assert_taken_away(reply.headers(), true, what);
    }
    // Both were presented, so that both have ended.
    for ended in [ada, bob] {
        assert_eq!(visitor.me(&[("cookie", &ended)]).await, StatusCode::UNAUTHORIZED);
    }
    let reply = visitor.send(Method::POST, "/auth/bearer/logout", &[("cookie", &ended)], None).await;
    assert_eq!(reply.status(), StatusCode::UNAUTHORIZED, "a token belongs to a user");
}

#[tokio::test]
async fn s15_a_page_of_another_origin_opens_no_web_socket_with_a_cookie() {
    let visitor = Visitor::arrive().await;
    let (cookie, bearer) = (visitor.cookie("ada").await, visitor.bearer("ada").await);
    let handshake = [("connection", "Upgrade"), ("upgrade", "websocket")];
    for (origin, expected) in [
        (&[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")][..], 403),
        (&[("origin", "null")], 403),
        (&[("origin", "https://admin.example"), ("sec-fetch-site", "cross-site")], 200),
        (&[("origin", &*visitor.base), ("sec-fetch-site", "same-origin")], 200),
        (&[("origin", &*visitor.base)], 200),
        (&[], 200),
    ] {
        let headers: Vec<_> = handshake.iter().chain(origin).copied().chain([("cookie", &*cookie)]).collect();
        assert_eq!(visitor.me(&headers).await.as_u16(), expected, "{origin:?}");
        // No page can make a browser send this.
        let headers: Vec<_> = handshake.iter().chain(origin).copied().chain([("authorization", &*bearer)]).collect();
        assert_eq!(visitor.me(&headers).await.as_u16(), 200, "{origin:?}");
    }
}

#[tokio::test]
async fn s8_logout_ends_every_credential_that_was_presented() {
    let visitor = Visitor::arrive().await;
    let (cookie, bearer) = (visitor.cookie("ada").await, visitor.bearer("ada").await);
    let other = value_of(&set_cookies(visitor.log_in("other", "ada", &[]).await.headers())[0]);
    let all = [("cookie", &*format!("{cookie}; {other}")), ("authorization", &*bearer)];
    let reply = visitor.send(Method::POST, "/auth/bearer/logout", &all, None).await;
    assert_eq!(reply.status(), StatusCode::NO_CONTENT);
    let cleared = set_cookies(reply.headers());
    assert_eq!(cleared.len(), 2, "{cleared:?}");
    assert!(cleared.iter().all(|cookie| cookie.contains("=\"\"; ") && cookie.contains("Max-Age=0")), "{cleared:?}");
    assert_eq!(visitor.me(&[("cookie", &cookie)]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(visitor.me(&[("authorization", &bearer)]).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn s8_a_token_of_one_transport_is_invalid_in_another() {
    let visitor = Visitor::arrive().await;
    let (cookie, bearer) = (visitor.cookie("ada").await, visitor.bearer("ada").await);
    let as_bearer = cookie.replace(&format!("{COOKIE}="), "Bearer ");
    let as_cookie = bearer.replace("Bearer ", &format!("{COOKIE}="));
    assert_eq!(visitor.me(&[("authorization", &as_bearer)]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(visitor.me(&[("cookie", &as_cookie)]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(visitor.me(&[("cookie", &cookie.replace("__Host-", ""))]).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn j6_a_new_password_keeps_the_session_it_was_set_through_and_ends_the_others() {
    let visitor = Visitor::arrive().await;
    let (cookie, bearer) = (visitor.cookie("ada").await, visitor.bearer("ada").await);
    let body = json!({ "current_password": PASSWORD, "password": "another horse battery" });
    let reply = visitor.send(Method::POST, "/auth/change-password", &[("cookie", &cookie)], Some(body)).await;
    assert_eq!(reply.status(), StatusCode::NO_CONTENT);
    assert_eq!(visitor.me(&[("cookie", &cookie)]).await, StatusCode::OK);
    assert_eq!(visitor.me(&[("authorization", &bearer)]).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn s1_a_cookie_that_the_client_chose_is_never_adopted() {
    let visitor = Visitor::arrive().await;
    let chosen = format!("{COOKIE}={}", "a".repeat(43));
    let reply = visitor.log_in("cookie", "ada", &[("cookie", &chosen)]).await;
    assert_ne!(value_of(&set_cookies(reply.headers())[0]), chosen);
    assert_eq!(visitor.me(&[("cookie", &chosen)]).await, StatusCode::UNAUTHORIZED);
}

#[test]
fn x14_an_engine_with_a_cookie_that_browsers_refuse_does_not_start() {
    let engine = Engine::builder(MemoryStore::<NoProfile>::new())
        .backend(Backend::cookie("cookie", CookieOptions::default().domain("example.com"), Database::new()))
        .allow_origin("example.com");
    let error = engine.build().unwrap_err().to_string();
    assert!(error.contains("`__Host-` needs `Secure`") && error.contains("`example.com` is not an origin"), "{error}");
}
