//! Requirements that are seen best from outside, each by its id.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::{Value, json};
use usermgr::{http::Route, testing::claims_of};
use usermgr_tests::{Client, PASSWORD};

use crate::{
    NEW,
    reset::{bad, mailed},
    too_short,
    world::{Kind, Someone, World, address, log_in},
};

const ME: &str = "/users/me";

async fn e1_every_failed_login_looks_the_same(world: &World) {
    let (known, inactive) = (world.someone(Kind::Verified).await.email, world.someone(Kind::Inactive).await.email);
    let seen = async |email: &str, password: &str| {
        let mut reply = world.client().login(email, password).await;
        reply.headers.remove("date");
        (reply.status, reply.headers, reply.text)
    };
    let unknown = seen("nobody@example.com", PASSWORD).await;
    assert_eq!((unknown.0, unknown.2.as_str()), (400, r#"{"detail":"LOGIN_BAD_CREDENTIALS"}"#));
    for email in [&known, &inactive] {
        for password in ["a wrong password", &"x".repeat(5000)] {
            assert_eq!(seen(email, password).await, unknown, "{email}");
        }
    }
    assert_eq!(seen(&inactive, PASSWORD).await, unknown);
}

/// Credentials are judged before the id, and the id before the body.
async fn e6_an_id_tells_an_ordinary_user_nothing(world: &World) {
    let someone = world.someone(Kind::Verified).await;
    let known = [someone.path(), world.someone(Kind::Verified).await.path()];
    let unknown = ["01890000-0000-7000-8000-000000000000", "not-an-id", "%00", "%ff", "1"];
    let unknown = unknown.map(|id| format!("/users/{id}"));
    for path in known.iter().chain(&unknown) {
        for method in [Method::GET, Method::PATCH, Method::DELETE] {
            let ask = async |client: Client| {
                let request = client.request(method.clone(), path).header("content-type", "application/json");
                client.send(request.body("{")).await
            };
            ask(world.client()).await.expect_detail(401, "Unauthorized");
            ask(someone.client.clone()).await.expect_detail(403, "Forbidden");
            if unknown.contains(path) {
                ask(world.host().root()).await.expect_detail(404, "Not Found");
            }
        }
    }
}

async fn p14_a_wrong_current_password_is_refused_and_a_right_one_accepted(world: &World) {
    const PATH: &str = "/auth/change-password";
    let (Someone { client, .. }, email) = (world.someone(Kind::Verified).await, address("new"));
    let move_to = |current: &str| json!({ "email": email, "current_password": current });
    client.patch(ME, move_to("wrong")).await.expect_detail(403, "REAUTHENTICATION_REQUIRED");
    client.patch(ME, move_to(PASSWORD)).await.expect(200);

    let change = |current: &str, new: &str| client.post(PATH, json!({ "current_password": current, "password": new }));
    change("wrong", NEW).await.expect_detail(400, "CHANGE_PASSWORD_BAD_PASSWORD");
    let refused = too_short("CHANGE_PASSWORD_INVALID_PASSWORD");
    change(PASSWORD, "g").await.expect_detail(400, refused);
    let missing = json!([["missing", ["body", "current_password"]], ["missing", ["body", "password"]]]);
    client.post(PATH, json!({})).await.expect_faults(missing);
    world.client().post(PATH, json!({})).await.expect_detail(401, "Unauthorized");

    let other = world.client().logged_in(&email, PASSWORD).await;
    assert_eq!(change(PASSWORD, NEW).await.expect(204).text, "");
    world.server.mail("change_password", &email, 1);
    client.get(ME).await.expect(200);
    other.get(ME).await.expect_detail(401, "Unauthorized");
    world.client().logged_in(&email, NEW).await;
}

async fn t2_t3_a_reset_token_dies_with_the_password_and_with_the_address(world: &World) {
    let someone = world.someone(Kind::Verified).await;
    let token = mailed(world, &someone).await;
    let moved = Someone { email: address("new"), ..someone };
    moved.client.patch(ME, json!({ "email": moved.email })).await.expect(200);
    bad(world, &token).await;
    let token = mailed(world, &moved).await;
    let body = json!({ "current_password": PASSWORD, "password": NEW });
    moved.client.post("/auth/change-password", body).await.expect(204);
    bad(world, &token).await;
}

async fn t4_a_verification_token_is_good_for_the_address_it_was_mailed_to(world: &World) {
    let someone = world.someone(Kind::Unverified).await;
    let move_to = |email: String| someone.client.patch(ME, json!({ "email": email }));
    let body = json!({ "email": someone.email });
    world.client().post("/auth/request-verify-token", body).await.expect(202);
    let token = json!({ "token": world.server.mailed_token("verify", &someone.email, 1) });
    move_to(address("other")).await.expect(200);
    world.client().post("/auth/verify", token.clone()).await.expect_detail(400, "VERIFY_USER_BAD_TOKEN");
    move_to(someone.email.clone()).await.expect(200);
    assert_eq!(world.client().post("/auth/verify", token).await.expect(200).json()["is_verified"], true);
}

async fn t7_tokens_are_long_and_no_two_are_alike(world: &World) {
    const LOGINS: usize = 32;
    let (client, email) = (world.client(), world.someone(Kind::Verified).await.email);
    let (mut cookies, mut names, mut refresh) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for _ in 0..LOGINS {
        let form = [("username", email.as_str()), ("password", PASSWORD)];
        let cookie = client.form("/auth/cookie/login", &form).await.expect(204).cookie();
        let (_, value) = cookie.split_once('=').unwrap();
        assert!(URL_SAFE_NO_PAD.decode(value).unwrap().len() >= 32, "256 bits");
        cookies.insert(value.to_owned());
        let reply = client.login(&email, PASSWORD).await.expect(200);
        let name = claims_of(&reply.token()).unwrap()["jti"].as_str().unwrap().to_owned();
        assert_eq!(URL_SAFE_NO_PAD.decode(&name).unwrap().len(), 16, "128 bits");
        names.insert(name);
        refresh.insert(reply.json()["refresh_token"].as_str().unwrap().to_owned());
    }
    assert_eq!([cookies, names, refresh].map(|all| all.len()), [LOGINS; 3]);
}

async fn t12_no_get_changes_anything(world: &World) {
    let server = world.own_server();
    let (root, ada) = (server.superuser("root@example.com").await, server.client().joined("ada@example.com").await);
    server.client().post("/auth/request-verify-token", json!({ "email": "ada@example.com" })).await.expect(202);
    let token = server.mailed_token("verify", "ada@example.com", 1);
    let id = ada.get(ME).await.json()["id"].as_str().unwrap().to_owned();
    let everything = async || (root.get("/users").await.expect(200).text, ada.get("/users/me/sessions").await.text);
    let before = everything().await;
    for route in Route::all() {
        let path = route.path.replace("{backend}", "jwt").replace("{id}", &id);
        for query in ["", "?is_superuser=true&is_active=false&email=x@example.com&password=another+long+enough+one"] {
            for client in [&ada, &root] {
                client.get(&format!("{path}{query}&token={token}")).await;
                client.get(&format!("{path}{query}")).await;
                client.send(client.request(Method::HEAD, &format!("{path}{query}&token={token}"))).await;
            }
        }
    }
    assert_eq!(everything().await, before);
    assert!(server.mails("forgot", "ada@example.com").is_empty());
    // A link that was looked at is not used up.
    server.client().post("/auth/verify", json!({ "token": token })).await.expect(200);
}

async fn t14_a_reset_ends_every_session_and_logs_no_user_in(world: &World) {
    let (client, someone) = (world.client(), world.someone(Kind::Verified).await);
    let cookie = log_in(&client, "cookie", &someone.email).await;
    let refresh = client.login(&someone.email, PASSWORD).await.json()["refresh_token"].clone();
    let body = json!({ "token": mailed(world, &someone).await, "password": NEW });
    let reset = client.post("/auth/reset-password", body).await.expect_json(200, Value::Null);
    assert_eq!(reset.header("set-cookie"), None);
    for ended in [&someone.client, &cookie] {
        ended.get(ME).await.expect_detail(401, "Unauthorized");
    }
    client.post("/auth/jwt/refresh", json!({ "refresh_token": refresh })).await.expect(400);
    client.login(&someone.email, NEW).await.expect(200);
}

async fn j6_what_a_superuser_changes_counts_from_the_next_request(world: &World) {
    let someone = world.someone(Kind::Verified).await;
    let set = async |body: Value| world.host().root().patch(&someone.path(), body).await.expect(200);
    for (is_superuser, status) in [(true, 200), (false, 403)] {
        set(json!({ "is_superuser": is_superuser })).await;
        someone.client.get("/users").await.expect(status);
    }
    for is_active in [false, true] {
        set(json!({ "is_active": is_active })).await;
        // A token of before stays dead when the user is active again: the stamp is another one.
        someone.client.get(ME).await.expect_detail(401, "Unauthorized");
    }
    world.client().logged_in(&someone.email, PASSWORD).await;
}

async fn s10_no_answer_redirects(world: &World) {
    let someone = world.someone(Kind::Verified).await;
    let targets = [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "http://a@evil.example",
        "%2f%2fevil.example",
        "x%0d%0aLocation:evil",
    ];
    let stays = |route: &&Route| route.method != Method::DELETE && !route.path.ends_with("/logout");
    for route in Route::all().filter(stays) {
        let path = route.path.replace("{backend}", "jwt").replace("{id}", "me");
        for target in targets {
            for client in [&someone.client, &world.client()] {
                let query = format!("{path}?next={target}&redirect_uri={target}&return_to={target}&url={target}");
                let request = client.request(route.method.clone(), &query).header("referer", "https://evil.example/");
                let body =
                    json!({ "next": target, "redirect_uri": target, "username": someone.email, "password": PASSWORD });
                let request = if route.method == Method::GET { request } else { request.json(&body) };
                let reply = client.send(request).await;
                assert!(!(300..400).contains(&reply.status), "{path}: {}", reply.status);
                let shown = format!("{:?} {}", reply.headers, reply.text);
                assert!(!shown.contains("evil") && !shown.to_lowercase().contains("location"), "{path}: {shown}");
            }
        }
    }
}

async fn s11_t13_no_answer_may_be_cached_or_sniffed(world: &World) {
    let (client, someone) = (world.client(), world.someone(Kind::Verified).await);
    for reply in [
        someone.client.get(ME).await.expect(200),
        client.get(ME).await.expect(401),
        client.login(&someone.email, PASSWORD).await.expect(200),
        client.login(&someone.email, "wrong").await.expect(400),
        client.post("/auth/forgot-password", json!({ "email": someone.email })).await.expect(202),
        client.post("/auth/verify", json!({ "token": "x" })).await.expect(400),
        client.post("/auth/register", json!({})).await.expect(422),
        someone.client.post_empty("/auth/jwt/logout").await.expect(204),
        client.get("/nothing").await.expect(404),
    ] {
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{}", reply.text);
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{}", reply.text);
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"), "{}", reply.text);
        let media = (!reply.text.is_empty()).then_some("application/json");
        assert_eq!(reply.header("content-type"), media, "{}", reply.text);
    }
}

async fn s12_strangers_make_no_session(world: &World) {
    let someone = world.someone(Kind::Verified).await;
    let stranger = world.client().with_cookie("__Host-usermgr=made-up");
    for _ in 0..5 {
        stranger.get(ME).await.expect(401);
        stranger.login(&someone.email, "wrong").await.expect(400);
        stranger.post("/auth/jwt/refresh", json!({ "refresh_token": "made-up" })).await.expect(400);
    }
    let sessions = someone.client.get("/users/me/sessions").await.expect(200).json();
    assert_eq!(sessions.as_array().unwrap().len(), 1, "{sessions}");
}

async fn x11_other_methods_and_paths_are_answered_in_json_and_head_as_get(world: &World) {
    let (client, ada) = (world.client(), world.someone(Kind::Verified).await.client);
    for (method, path) in [
        (Method::GET, "/auth/register"),
        (Method::GET, "/auth/jwt/login"),
        (Method::HEAD, "/auth/register"),
        (Method::PUT, ME),
        (Method::DELETE, "/users"),
        (Method::POST, "/users"),
        (Method::DELETE, "/auth/verify"),
        (Method::OPTIONS, ME),
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
    let (head, get) = (ada.send(ada.request(Method::HEAD, ME)).await.expect(200), ada.get(ME).await.expect(200));
    assert_eq!(head.text, "");
    assert_eq!(head.header("content-length"), get.header("content-length"));
    client.send(client.request(Method::HEAD, ME)).await.expect(401);
}

on_targets! {
    once e1_every_failed_login_looks_the_same
    once e6_an_id_tells_an_ordinary_user_nothing
    once p14_a_wrong_current_password_is_refused_and_a_right_one_accepted
    once t2_t3_a_reset_token_dies_with_the_password_and_with_the_address
    once t4_a_verification_token_is_good_for_the_address_it_was_mailed_to
    once t7_tokens_are_long_and_no_two_are_alike
    once t12_no_get_changes_anything
    once t14_a_reset_ends_every_session_and_logs_no_user_in
    once j6_what_a_superuser_changes_counts_from_the_next_request
    once s10_no_answer_redirects
    once s11_t13_no_answer_may_be_cached_or_sniffed
    once s12_strangers_make_no_session
    once x11_other_methods_and_paths_are_answered_in_json_and_head_as_get
}
