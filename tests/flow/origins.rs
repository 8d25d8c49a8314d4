//! Pages of another origin: the CORS headers are the server's own layer.

use reqwest::Method;
use usermgr_tests::Server;

#[tokio::test]
async fn s9_pages_of_an_allowed_origin_may_read_answers_and_no_others() {
    let server = Server::start(&["--allow-origin=https://admin.example"]);
    // Without a list there is no header, for the server's own origin neither.
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
        assert_eq!(reply.header("access-control-expose-headers"), Some("retry-after, link"));
        assert_eq!(reply.header("vary"), Some("origin"));
    }
    // Neither is an error, and neither gives leave.
    let reply = ask(Method::OPTIONS, "/users/me", "https://evil.example", Some("PATCH")).await.expect(204);
    assert!(reply.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{:?}", reply.headers);
    ask(Method::OPTIONS, "/users/me", "https://admin.example", None).await.expect_detail(405, "Method Not Allowed");
    ask(Method::OPTIONS, "/nowhere", "https://admin.example", None).await.expect_detail(404, "Not Found");
}
