//! What all routes have in common: the order of the checks, methods, headers, and the demand for verified users.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use usermgr_tests::{Client, PASSWORD, Server};

use super::{assert_user, id_of, request_verify, verify};

#[tokio::test]
async fn credentials_come_before_the_id_and_the_id_before_the_body() {
    let server = Server::start(&[]);
    let client = server.client();
    let root = server.superuser("root@example.com").await;
    let unknown = "/users/01890000-0000-7000-8000-000000000000";
    let broken = |client: &Client, method: Method, path: &str| {
        client.request(method, path).header("content-type", "application/json").body("{")
    };
    for (method, path) in [
        (Method::PATCH, "/users/me"),
        (Method::PATCH, unknown),
        (Method::POST, "/auth/change-password"),
        (Method::POST, "/auth/jwt/logout"),
    ] {
        client.send(broken(&client, method, path)).await.expect_detail(401, "Unauthorized");
    }
    root.send(broken(&root, Method::PATCH, unknown)).await.expect_detail(404, "Not Found");
    let me = format!("/users/{}", id_of(&root).await);
    for path in ["/users/me", me.as_str()] {
        root.send(broken(&root, Method::PATCH, path)).await.expect_faults(json!([["json_invalid", ["body", 1]]]));
    }
}

#[tokio::test]
async fn x11_other_methods_and_paths_are_answered_in_json_and_head_as_get() {
    let server = Server::start(&[]);
    let client = server.client();
    let ada = client.joined("ada@example.com").await;
    for (method, path) in [
        (Method::GET, "/auth/register"),
        (Method::GET, "/auth/jwt/login"),
        (Method::HEAD, "/auth/register"),
        (Method::PUT, "/users/me"),
        (Method::DELETE, "/users"),
        (Method::POST, "/users"),
        (Method::DELETE, "/auth/verify"),
        (Method::OPTIONS, "/users/me"),
    ] {
        let reply = client.send(client.request(method.clone(), path)).await;
        assert_eq!(reply.status, 405, "{method} {path}");
        assert!(reply.header("allow").is_some_and(|allow| !allow.is_empty()), "{method} {path}: {:?}", reply.headers);
        if method != Method::HEAD {
            reply.expect_detail(405, "Method Not Allowed");
        }
    }
    for path in ["/", "/nothing", "/users/me/", "//users/me", "/auth", "/auth/register/", "/users/me/x", "/auth/jwt"] {
        ada.get(path).await.expect_detail(404, "Not Found");
    }
    let head = ada.send(ada.request(Method::HEAD, "/users/me")).await.expect(200);
    assert_eq!(head.text, "");
    let get = ada.get("/users/me").await.expect(200);
    assert_eq!(head.header("content-length"), get.header("content-length"));
    client.send(client.request(Method::HEAD, "/users/me")).await.expect(401);
    client.get("/healthz").await.expect(200);
}

#[tokio::test]
async fn s11_t13_no_answer_may_be_cached_or_sniffed() {
    let server = Server::start(&[]);
    let client = server.client();
    let ada = client.joined("ada@example.com").await;
    for reply in [
        ada.get("/users/me").await.expect(200),
        client.get("/users/me").await.expect(401),
        client.login("ada@example.com", PASSWORD).await.expect(200),
        client.login("ada@example.com", "wrong").await.expect(400),
        client.post("/auth/forgot-password", json!({ "email": "ada@example.com" })).await.expect(202),
        client.post("/auth/verify", json!({ "token": "x" })).await.expect(400),
        client.post("/auth/register", json!({})).await.expect(422),
        ada.send(ada.request(Method::POST, "/auth/jwt/logout")).await.expect(204),
        client.get("/nothing").await.expect(404),
    ] {
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{}", reply.text);
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{}", reply.text);
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"), "{}", reply.text);
        let media = (!reply.text.is_empty()).then_some("application/json");
        assert_eq!(reply.header("content-type"), media, "{}", reply.text);
    }
}

#[tokio::test]
async fn require_verified_demands_it_at_login_and_on_every_guarded_route() {
    let server = Server::start(&["--require-verified"]);
    let client = server.client();
    client.register("ada@example.com", PASSWORD).await.expect(201);
    client.login("ada@example.com", PASSWORD).await.expect_detail(400, "LOGIN_USER_NOT_VERIFIED");
    // Only after a right password.
    client.login("ada@example.com", "wrong").await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
    let token = request_verify(&server, "ada@example.com", 1).await;
    verify(&client, &token).await.expect(200);
    let ada = client.logged_in("ada@example.com", PASSWORD).await;
    let path = format!("/users/{}", id_of(&ada).await);
    // The new address is not verified: from now on all is forbidden.
    let reply = ada.patch("/users/me", json!({ "email": "new@example.com" })).await.expect(200);
    assert_user(&reply.json(), "new@example.com", [true, false, false]);
    ada.get("/users/me").await.expect_detail(403, "Forbidden");
    ada.patch("/users/me", json!({})).await.expect_detail(403, "Forbidden");
    ada.post("/auth/change-password", json!({})).await.expect_detail(403, "Forbidden");
    ada.send(ada.request(Method::POST, "/auth/jwt/logout")).await.expect_detail(403, "Forbidden");

    let root = server.superuser("root@example.com").await;
    root.get(&path).await.expect(200);
    let own = format!("/users/{}", id_of(&root).await);
    root.patch(&own, json!({ "is_verified": false })).await.expect(200);
    for (method, path) in [
        (Method::GET, path.as_str()),
        (Method::PATCH, path.as_str()),
        (Method::DELETE, path.as_str()),
        (Method::GET, "/users"),
    ] {
        root.send(root.request(method, path)).await.expect_detail(403, "Forbidden");
    }
}

#[tokio::test]
async fn s9_pages_of_an_allowed_origin_may_read_answers_and_no_others() {
    let server = Server::start(&["--allow-origin=https://admin.example"]);
    let preflight = async |origin: &str| {
        let request = server.client().request(Method::OPTIONS, "/users/me");
        let request = request.header("origin", origin).header("access-control-request-method", "PATCH");
        request.send().await.unwrap().headers().get("access-control-allow-origin").cloned()
    };
    assert_eq!(preflight("https://admin.example").await.unwrap(), "https://admin.example");
    assert_eq!(preflight("https://evil.example").await, None);
    assert_eq!(preflight("null").await, None);

    // Whoever is not on the list is not let near the cookie either, however he writes himself; and without a list there is no header.
    let silent = Server::start(&[]);
    for (server, origin, allowed) in [
        (&server, "https://admin.example", true),
        (&server, "https://evil.example", false),
        (&server, "https://admin.example.evil.example", false),
        (&server, "https://admin.example:8443", false),
        (&server, "http://admin.example", false),
        (&server, "null", false),
        (&silent, "https://admin.example", false),
        (&silent, silent.address(), false),
    ] {
        for method in [Method::OPTIONS, Method::GET] {
            let request = server.client().request(method.clone(), "/users/me").header("origin", origin);
            let request = request.header("access-control-request-method", "PATCH").header("cookie", "__Host-usermgr=x");
            let reply = server.client().send(request).await;
            let shared = reply.header("access-control-allow-origin").filter(|value| *value == origin || *value == "*");
            assert_eq!(shared.is_some(), allowed, "{method} {origin}: {:?}", reply.headers);
            assert_ne!(shared, Some("*"));
            if std::ptr::eq(server, &silent) {
                assert!(reply.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{origin}");
            }
        }
    }
}

#[tokio::test]
async fn s9_both_frameworks_answer_a_page_of_another_origin_alike() {
    let server = Server::start(&[
        "--allow-origin=https://admin.example,capacitor://localhost",
        "--allow-header=X-Request-Id",
        "--allow-header=traceparent",
    ]);
    let ask = async |method: Method, path: &str, origin: &str, asked: Option<&str>| {
        let request = server.client().request(method, path).header("origin", origin);
        let request =
            asked.iter().fold(request, |request, method| request.header("access-control-request-method", *method));
        server.client().send(request).await
    };
    for origin in ["https://admin.example", "capacitor://localhost"] {
        for path in ["/users/me", "/nowhere"] {
            let reply = ask(Method::OPTIONS, path, origin, Some("PATCH")).await.expect(204);
            for (name, value) in [
                ("access-control-allow-origin", origin),
                ("access-control-allow-credentials", "true"),
                ("access-control-allow-methods", "GET, POST, PATCH, DELETE"),
                ("access-control-allow-headers", "authorization, content-type, x-request-id, traceparent"),
                ("access-control-max-age", "600"),
                ("cache-control", "no-store"),
                ("x-content-type-options", "nosniff"),
            ] {
                assert_eq!(reply.header(name), Some(value), "{origin} {path} {name}");
            }
        }
        let reply = ask(Method::GET, "/users/me", origin, None).await.expect(401);
        assert_eq!(reply.header("access-control-expose-headers"), Some("retry-after"));
        assert_eq!(reply.header("vary"), Some("origin"));
    }
    // Neither is an error, and neither gives leave.
    let reply = ask(Method::OPTIONS, "/users/me", "https://evil.example", Some("PATCH")).await.expect(204);
    assert!(reply.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{:?}", reply.headers);
    ask(Method::OPTIONS, "/users/me", "https://admin.example", None).await.expect_detail(405, "Method Not Allowed");
    ask(Method::OPTIONS, "/nowhere", "https://admin.example", None).await.expect_detail(404, "Not Found");
}

/// The first line of the answer to a request of which every byte is given.
async fn raw(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address().strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    // A server that refuses a request need not read it to its end.
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.expect("it is closed");
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().get(9..12).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn x21_odd_heads_are_refused_over_both_frameworks() {
    let server = Server::start(&[]);
    let get = |head: &str| format!("GET /users/me HTTP/1.1\r\n{head}Connection: close\r\n\r\n").into_bytes();
    let body = |head: &str| {
        let head = format!("POST /auth/jwt/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n");
        [head.as_bytes(), b"1\r\na\r\n0\r\n\r\n"].concat()
    };
    for (what, request, status) in [
        ("one host", get("Host: x\r\n"), "401"),
        ("no host", get(""), "400"),
        ("two hosts", get("Host: x\r\nHost: y\r\n"), "400"),
        ("an address without a host", b"GET http://x/users/me HTTP/1.1\r\nConnection: close\r\n\r\n".to_vec(), "400"),
        ("HTTP/1.0 needs none", b"GET /users/me HTTP/1.0\r\n\r\n".to_vec(), "401"),
        ("chunks", body("Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n"), "415"),
        ("another coding", body("Transfer-Encoding: gzip, chunked\r\n"), "400"),
        ("two codings", body("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"), "400"),
        ("a long head", get(&format!("Host: x\r\nX-Long: {}\r\n", "x".repeat(200_000))), "431"),
    ] {
        assert_eq!(raw(&server, &request).await, status, "{what}");
    }
}
