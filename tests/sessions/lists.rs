//! The list of a user's sessions and the ends of them, in one process and in two.

use reqwest::Method;
use serde_json::json;
use usermgr_tests::{Client, PASSWORD, Reply, Server};

use super::{ADA, list, logout, pair, refresh, registered};

/// A request with a cookie.
async fn with_cookie(client: &Client, method: Method, path: &str, headers: &[(&str, &str)]) -> Reply {
    let request =
        headers.iter().fold(client.request(method, path), |request, (name, value)| request.header(*name, *value));
    client.send(request).await
}

/// Logs in through the cookie and returns it.
async fn cookie(client: &Client) -> String {
    let reply = client.form("/auth/cookie/login", &[("username", ADA), ("password", PASSWORD)]).await.expect(204);
    reply.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn s6_users_see_their_sessions_and_which_one_they_use() {
    let server = Server::start(&[]);
    let client = registered(&server).await;
    let phone = client.request(Method::POST, "/auth/jwt/login").header("user-agent", "Phone/1.0");
    client.send(phone.form(&[("username", ADA), ("password", PASSWORD)])).await.expect(200);
    cookie(&client).await;
    let ada = client.logged_in(ADA, PASSWORD).await;
    client.joined("bob@example.com").await;

    let sessions = list(&ada).await;
    let listed: Vec<_> = sessions.iter().map(|session| json!([session["backend"], session["is_current"]])).collect();
    assert_eq!(listed, [json!(["jwt", true]), json!(["cookie", false]), json!(["jwt", false])], "the latest first");
    assert_eq!(sessions[2]["user_agent"], "Phone/1.0");
    for session in &sessions {
        assert_eq!(session["ip"], "127.0.0.1");
        let times =
            ["authenticated_at", "seen_at", "expires_at"].map(|name| session[name].as_str().unwrap().to_owned());
        assert!(times[0] == times[1] && times[1] < times[2], "{session}");
        let keys: Vec<_> = session.as_object().unwrap().keys().map(String::as_str).collect();
        let known = ["authenticated_at", "backend", "expires_at", "id", "ip", "is_current", "seen_at", "user_agent"];
        assert_eq!(keys, known, "and nothing that gives access");
    }
    let reply = client.get("/users/me/sessions").await.expect_detail(401, "Unauthorized");
    assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
}

#[tokio::test]
async fn s6_one_session_is_ended_and_no_other_users() {
    let server = Server::start(&[]);
    let client = registered(&server).await;
    let (ada, other) = (client.logged_in(ADA, PASSWORD).await, client.logged_in(ADA, PASSWORD).await);
    let bob = client.joined("bob@example.com").await;
    let id = |sessions: &[serde_json::Value], current: bool| {
        let found = sessions.iter().find(|session| session["is_current"] == current).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    let others = id(&list(&ada).await, false);
    let bobs = id(&list(&bob).await, true);
    for unknown in [&*bobs, "unknown", "%00", "%ff", "..", "'%20OR%201=1--"] {
        let reply = ada.delete(&format!("/users/me/sessions/{unknown}")).await;
        assert_eq!(reply.status, 404, "{unknown}");
    }
    bob.get("/users/me").await.expect(200);
    other.get("/users/me").await.expect(200);

    assert_eq!(ada.delete(&format!("/users/me/sessions/{others}")).await.expect(204).text, "");
    other.get("/users/me").await.expect_detail(401, "Unauthorized");
    ada.delete(&format!("/users/me/sessions/{others}")).await.expect_detail(404, "Not Found");
    assert_eq!(list(&ada).await.len(), 1);
    // The user's own session too.
    ada.delete(&format!("/users/me/sessions/{}", id(&list(&ada).await, true))).await.expect(204);
    ada.get("/users/me").await.expect_detail(401, "Unauthorized");
    client.delete("/users/me/sessions/x").await.expect_detail(401, "Unauthorized");
}

#[tokio::test]
async fn s6_all_other_sessions_end_and_the_one_that_asks_stays() {
    let server = Server::start(&[]);
    let client = registered(&server).await;
    let ada = client.logged_in(ADA, PASSWORD).await;
    let (access, token) = pair(&client).await;
    let cookie = cookie(&client).await;
    let bob = client.joined("bob@example.com").await;
    ada.delete("/users/me/sessions").await.expect(204);
    client.with_token(access).get("/users/me").await.expect_detail(401, "Unauthorized");
    refresh(&client, &token).await.expect_detail(400, "REFRESH_BAD_TOKEN");
    with_cookie(&client, Method::GET, "/users/me", &[("cookie", &cookie)]).await.expect(401);
    assert_eq!(list(&ada).await.len(), 1);
    ada.get("/users/me").await.expect(200);
    bob.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn j6_a_session_outlives_the_new_password_that_is_set_through_it_and_so_do_its_tokens() {
    let server = Server::start(&[]);
    let client = registered(&server).await;
    let (access, token) = pair(&client).await;
    let (others_access, others_token) = pair(&client).await;
    let ada = client.with_token(access);
    let body = json!({ "current_password": PASSWORD, "password": "another long enough one" });
    ada.post("/auth/change-password", body).await.expect(204);
    ada.get("/users/me").await.expect(200);
    assert_eq!(list(&ada).await.len(), 1);
    client.with_token(others_access).get("/users/me").await.expect(401);
    refresh(&client, &others_token).await.expect_detail(400, "REFRESH_BAD_TOKEN");
    let next = refresh(&client, &token).await.expect(200);
    client.with_token(next.token()).get("/users/me").await.expect(200);
}

#[tokio::test]
async fn s7_with_a_cookie_sessions_are_ended_by_pages_of_the_own_origin_alone() {
    let server = Server::start(&[]);
    let client = registered(&server).await;
    let cookie = cookie(&client).await;
    client.login(ADA, PASSWORD).await.expect(200);
    let reply = with_cookie(&client, Method::GET, "/users/me/sessions", &[("cookie", &cookie)]).await.expect(200);
    let sessions = reply.json();
    let id = sessions.as_array().unwrap().iter().find(|session| session["backend"] == "jwt").unwrap()["id"].clone();
    for path in ["/users/me/sessions".to_owned(), format!("/users/me/sessions/{}", id.as_str().unwrap())] {
        for forged in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")] {
            let reply = with_cookie(&client, Method::DELETE, &path, &[("cookie", &cookie), forged]).await;
            reply.expect_detail(403, "CROSS_ORIGIN_REQUEST");
        }
    }
    let list = async || with_cookie(&client, Method::GET, "/users/me/sessions", &[("cookie", &cookie)]).await.json();
    assert_eq!(list().await.as_array().unwrap().len(), 2);
    let own = [("cookie", &*cookie), ("sec-fetch-site", "same-origin")];
    with_cookie(&client, Method::DELETE, "/users/me/sessions", &own).await.expect(204);
    assert_eq!(list().await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn x11_the_routes_of_sessions_answer_other_methods_in_json() {
    let server = Server::start(&[]);
    let client = server.client();
    for (method, path) in [
        (Method::POST, "/users/me/sessions"),
        (Method::GET, "/users/me/sessions/x"),
        (Method::GET, "/auth/jwt/refresh"),
        (Method::PUT, "/auth/jwt/refresh"),
    ] {
        client.send(client.request(method, path)).await.expect_detail(405, "Method Not Allowed");
    }
    for path in ["/users/me/sessions/", "/users/me/sessions/x/y", "/auth/jwt/refresh/"] {
        client.get(path).await.expect_detail(404, "Not Found");
    }
}

#[tokio::test]
async fn j6_what_one_process_ends_the_other_refuses_at_the_next_request() {
    let first = Server::start(&[]);
    let second = Server::start_in(first.folder(), &[]);
    let (here, there) = (registered(&first).await, second.client());

    let (access, token) = pair(&here).await;
    let (ada_here, ada_there) = (here.with_token(&access), there.with_token(&access));
    ada_here.get("/users/me").await.expect(200);
    let id = list(&ada_there).await[0]["id"].as_str().unwrap().to_owned();
    ada_there.delete(&format!("/users/me/sessions/{id}")).await.expect(204);
    usermgr_tests::known_elsewhere().await;
    ada_here.get("/users/me").await.expect_detail(401, "Unauthorized");
    refresh(&here, &token).await.expect_detail(400, "REFRESH_BAD_TOKEN");

    let cookie = cookie(&here).await;
    let me = [("cookie", &*cookie)];
    with_cookie(&there, Method::GET, "/users/me", &me).await.expect(200);
    with_cookie(&there, Method::POST, "/auth/cookie/logout", &me).await.expect(204);
    with_cookie(&here, Method::GET, "/users/me", &me).await.expect(401);

    // A logout really ends a signed token, and a refresh at one process is known to the other.
    let (access, token) = pair(&here).await;
    let next = refresh(&there, &token).await.expect(200);
    here.with_token(next.token()).get("/users/me").await.expect(200);
    logout(&there.with_token(&access)).await.expect(204);
    usermgr_tests::known_elsewhere().await;
    here.with_token(next.token()).get("/users/me").await.expect(401);
    here.with_token(access).get("/users/me").await.expect(401);
}
