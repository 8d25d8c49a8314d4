//! What all routes have in common: the order of the checks, methods, headers, and the demand for verified users.

use reqwest::Method;
use serde_json::json;
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
