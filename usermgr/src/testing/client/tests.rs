//! What the client of the testing kit keeps, sends and refuses.

use std::{
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
};

use ::http::{Request, Response};
use bytes::Bytes;
use serde_json::json;

use super::{Client, Method};

/// Responds with the request as text: the first line, then the headers that a test checks, then the body.
async fn echo(request: Request<Bytes>) -> Response<Bytes> {
    let headers = ["host", "authorization", "cookie", "content-type", "content-length", "origin", "x-request-id"];
    let mut lines = vec![format!("{} {}", request.method(), request.uri())];
    for name in headers {
        lines
            .extend(request.headers().get_all(name).iter().map(|value| format!("{name}: {}", value.to_str().unwrap())));
    }
    lines.extend(request.extensions().get::<SocketAddr>().map(|peer| format!("peer: {}", peer.ip())));
    lines.push(String::from_utf8(request.body().to_vec()).unwrap());
    Response::new(Bytes::from(lines.join("\n")))
}

#[tokio::test]
async fn a_request_has_the_headers_of_the_client_and_its_own_in_their_place() {
    let client = Client::over(echo);
    assert_eq!(client.get("/a?b=c").await.text(), "GET /a?b=c\nhost: localhost\n");
    let client = client.with_token("t1").with_cookie("lang", "de").header("origin", "https://a.example");
    assert_eq!(
        client.delete("/a").await.text(),
        "DELETE /a\nhost: localhost\nauthorization: Bearer t1\ncookie: lang=de\norigin: https://a.example\n"
    );
    let client = client.header("origin", "https://b.example").peer([192, 0, 2, 7]);
    let reply = client
        .put("/a", json!({"n": 1}))
        .header("authorization", "Basic x")
        .header("cookie", "lang=fr")
        .header("x-request-id", "1")
        .header("x-request-id", "2")
        .await;
    assert_eq!(
        reply.text(),
        "PUT /a\nhost: localhost\nauthorization: Basic x\ncookie: lang=fr\ncontent-type: application/json\n\
         content-length: 7\norigin: https://b.example\nx-request-id: 1\nx-request-id: 2\npeer: 192.0.2.7\n{\"n\":1}"
    );
}

#[tokio::test]
async fn a_body_is_json_a_form_or_whatever_a_test_gives() {
    let client = Client::over(echo);
    let body = |reply: super::Reply| reply.text().lines().last().unwrap().to_owned();
    assert_eq!(
        body(client.post_form("/", &[("user name", "ada&bob"), ("x", "ü=1")]).await),
        "user%20name=ada%26bob&x=%C3%BC%3D1"
    );
    assert_eq!(body(client.patch("/", [1, 2]).await), "[1,2]");
    let raw = client.request(Method::PUT, "/").body("text/plain", "{").await;
    assert!(raw.text().contains("content-type: text/plain\n") && raw.text().ends_with("\n{"), "{raw:?}");
}

#[tokio::test]
async fn cookies_of_any_answer_are_kept_and_a_clone_goes_its_own_way() {
    let client = Client::over(async |request: Request<Bytes>| {
        let sent = request.headers().get("cookie").map(|value| value.to_str().unwrap().to_owned());
        let set = request.uri().query().unwrap_or("a=0").to_owned();
        let answer = Response::builder().status(302).header("set-cookie", format!("{set}; Path=/"));
        answer.body(Bytes::from(sent.unwrap_or_default())).unwrap()
    });
    client.get("/?a=1").await.expect(302);
    let other = client.clone();
    other.get("/?b=2").await;
    assert_eq!(client.get("/?a=1").await.text(), "a=1");
    assert_eq!(other.get("/?a=1").await.text(), "a=1; b=2");
    assert_eq!((client.cookie("b"), other.cookie("b").as_deref()), (None, Some("2")));
    assert_eq!(format!("{other:?}").matches("[\"a\", \"b\"]").count(), 1);
}

#[test]
fn a_mistake_of_the_test_fails_it_with_what_to_write() {
    let client = Client::over(echo);
    let words = |mistake: &dyn Fn()| -> String {
        let panic = catch_unwind(AssertUnwindSafe(mistake)).unwrap_err();
        panic.downcast_ref::<String>().unwrap().clone()
    };
    for path in ["users/me", "", "/a b", "https://localhost/users/me", "/ü\n"] {
        assert!(words(&|| drop(client.get(path))).contains("write it as in `/users/me`"), "{path}");
    }
    assert!(words(&|| drop(client.clone().prefix("api"))).contains("write it as in `/api/v1`"));
    assert!(words(&|| drop(client.clone().header("a b", "1"))).contains("`a b` is not the name"));
    let words = words(&|| drop(client.get("/").header("x-secret", "geheim\n")));
    assert!(words.contains("`x-secret` cannot") && !words.contains("geheim"), "{words}");
    let profile = catch_unwind(AssertUnwindSafe(|| drop(client.register_with("a@example.com", "x", [1]))));
    assert!(profile.is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(client.refresh("app")))).is_err());
}

#[cfg(feature = "axum")]
mod over_axum {
    use std::{sync::Arc, time::Duration};

    use super::*;
    use crate::{
        Jwt,
        audit::EventKind,
        http::Routes,
        password::{Argon2Params, Argon2id},
        prelude::*,
        testing::{FakeClock, Probe},
    };

    const ADA: &str = "ada@example.com";
    const GOOD: &str = "correct horse battery";

    #[derive(Clone, Debug, serde::Serialize, serde::Deserialize, Profile)]
    struct Member {
        name: String,
    }

    struct Accounts {
        engine: Engine<MemoryStore<Member>>,
    }

    #[user_manager(store = MemoryStore<Member>, secret = "only-for-tests-0123456789abcdef-x")]
    impl Accounts {}

    struct World {
        clock: FakeClock,
        probe: Probe,
        client: Client,
    }

    fn world() -> World {
        let (clock, probe) = (FakeClock::start(), Probe::default());
        let engine = Engine::builder(MemoryStore::default())
            .backend(Backend::cookie("web", CookieOptions::default(), Database::new()))
            .backend(Backend::cookie(
                "area",
                CookieOptions::default().name("area").path("/api/v1/users"),
                Database::new(),
            ))
            .backend(Backend::bearer("app", Jwt::new().lifetime(Duration::from_secs(60)).with_refresh(Refresh::new())))
            .hasher(Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap()))
            .clock(clock.clone())
            .audit(probe.clone())
            .build()
            .unwrap();
        let accounts = Accounts { engine };
        accounts.check().unwrap();
        let routes = usermgr::axum::mount(Routes::all().prefix("/api/v1")).fallback(usermgr::axum::not_found);
        let client = Client::new(routes.with_state(Arc::new(accounts))).prefix("/api/v1/");
        World { clock, probe, client }
    }

    const ME: &str = "/api/v1/users/me";

    #[tokio::test]
    async fn a_login_is_followed_by_cookie_or_token_as_the_backend_has_it() {
        let World { client, probe, .. } = world();
        let client = client.peer([192, 0, 2, 7]);
        client.register_with(ADA, GOOD, json!({"name": "Ada"})).await.expect(201);
        for backend in ["web", "app", "area"] {
            let client = client.clone();
            client.get(ME).await.expect(401);
            assert!(client.login(backend, ADA, GOOD).await.status.is_success());
            assert_eq!(client.get(ME).await.expect(200).json["name"], "Ada", "{backend}");
            let before = client.clone();
            client.logout(backend).await;
            // The cookie of a path below is not sent to the logout: no browser would.
            let status = if backend == "area" { 200 } else { 401 };
            before.get(ME).await.expect(status);
            assert_eq!(client.token().is_some(), backend == "app");
        }
        let logins = probe.events().into_iter().filter(|event| event.kind == EventKind::LoggedIn);
        assert!(logins.map(|event| event.ip.unwrap().to_string()).eq(["192.0.2.7"; 3]));
    }

    #[tokio::test]
    async fn a_failed_login_keeps_what_there_was_and_the_next_one_replaces_it() {
        let World { client, .. } = world();
        client.register_with(ADA, GOOD, json!({"name": "Ada"})).await.expect(201);
        client.login("app", ADA, GOOD).await.expect(200);
        client.login("app", ADA, "wrong horse battery").await.expect(400);
        client.get(ME).await.expect(200);
        client.login("web", ADA, GOOD).await.expect(204);
        assert_eq!((client.token(), client.refresh_token()), (None, None));
        assert!(client.cookie("__Host-usermgr").is_some());
        client.get(ME).await.expect(200);
    }

    #[tokio::test]
    async fn a_refresh_token_is_kept_used_and_replaced() {
        let World { client, clock, .. } = world();
        client.register_with(ADA, GOOD, json!({"name": "Ada"})).await.expect(201);
        client.login("app", ADA, GOOD).await.expect(200);
        let first = client.refresh_token().unwrap();
        clock.advance(Duration::from_secs(61));
        client.get(ME).await.expect(401);
        client.refresh("app").await.expect(200);
        client.get(ME).await.expect(200);
        assert_ne!(client.refresh_token().unwrap(), first);
        assert!(!format!("{client:?}").contains(&first));
    }

    #[tokio::test]
    async fn a_page_of_another_origin_is_a_header() {
        let World { client, .. } = world();
        client.register_with(ADA, GOOD, json!({"name": "Ada"})).await.expect(201);
        client.login("web", ADA, GOOD).header("origin", "https://evil.example").await.expect(403);
        client.login("web", ADA, GOOD).header("origin", "https://localhost").await.expect(204);
        let evil = client.clone().header("origin", "https://evil.example");
        evil.patch(ME, json!({"name": "Eve"})).await.expect(403);
        client.patch(ME, json!({"name": "Countess"})).await.expect(200);
    }

    #[tokio::test]
    async fn a_request_can_be_sent_from_another_task() {
        let World { client, .. } = world();
        let (a, b) = (client.clone(), client.clone());
        let a = tokio::spawn(async move { a.get(ME).await.status });
        let b = tokio::spawn(async move { b.get(ME).await.status });
        assert_eq!((a.await.unwrap(), b.await.unwrap()), (401.try_into().unwrap(), 401.try_into().unwrap()));
    }

    #[tokio::test]
    #[should_panic = "no route answers `POST /auth/web/login`: see the name of the backend, what it can do, and `Client::prefix`"]
    async fn a_login_where_there_is_no_route_fails_the_test() {
        world().client.prefix("").login("web", ADA, GOOD).await;
    }
}
