//! The same over HTTP: the status and body when a hook does not pass, and what hooks see of a request.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use usermgr::{
    testing::{Client, Reply},
    token::{ChangeEmail, Reset, Verify},
};

use super::world::{ADA, Accounts, Behaviour, GOOD, HOOK_TIMEOUT, NEW, ROOT, World};

fn client(world: &World) -> Client {
    let routes = usermgr::axum::routes::<Accounts, Arc<Accounts>>();
    Client::new(routes.with_state(world.accounts.clone()))
}

/// A body with a token of Ada's in place of the name of its purpose.
async fn with_token(world: &World, mut body: Value) -> Value {
    let token = match body["token"].as_str() {
        Some("{verify}") => world.token::<Verify>(ADA).await.expose().to_owned(),
        Some("{reset}") => world.token::<Reset>(ADA).await.expose().to_owned(),
        Some("{change}") => world.token::<ChangeEmail>(ADA).await.expose().to_owned(),
        _ => return body,
    };
    body["token"] = token.into();
    body
}

/// A request as root, who is logged in before the hook misbehaves.
async fn ask(world: &World, hook: &'static str, behaviour: Behaviour, method: &str, path: &str, body: Value) -> Reply {
    let client = client(world);
    client.login("bearer", ROOT, GOOD).await;
    let path = path.replace("{ada}", &world.user(ADA).await.id.to_string());
    world.journal.set(hook, behaviour);
    let request = client.request(method.parse().unwrap(), &path);
    if body.is_null() { request.await } else { request.json(with_token(world, body).await).await }
}

#[tokio::test(start_paused = true)]
async fn x5_a_gate_answers_with_its_own_status_and_a_broken_one_with_500_or_503_and_nothing_is_written() {
    let register = json!({ "email": "new@example.com", "password": GOOD });
    let login = json!({ "username": ADA, "password": GOOD });
    for (hook, method, path, body) in [
        ("on_before_register", "POST", "/auth/register", register.clone()),
        ("on_before_login", "POST", "/auth/bearer/login", login),
        ("on_before_update", "PATCH", "/users/me", json!({ "nickname": "Al" })),
        ("on_before_update", "PATCH", "/users/{ada}", json!({ "is_active": false })),
        ("on_before_update", "POST", "/auth/request-email-change", json!({ "email": "new@example.com" })),
        ("on_before_delete", "DELETE", "/users/{ada}", Value::Null),
        ("on_before_commit", "POST", "/auth/register", register.clone()),
        ("on_before_commit", "PATCH", "/users/me", json!({ "nickname": "Al" })),
        ("on_before_commit", "PATCH", "/users/{ada}", json!({ "is_active": false })),
        ("on_before_commit", "DELETE", "/users/{ada}", Value::Null),
        ("on_before_commit", "POST", "/auth/change-password", json!({ "current_password": GOOD, "password": NEW })),
        ("on_before_commit", "POST", "/auth/verify", json!({ "token": "{verify}" })),
        ("on_before_commit", "POST", "/auth/reset-password", json!({ "token": "{reset}", "password": NEW })),
        ("on_before_commit", "POST", "/auth/confirm-email-change", json!({ "token": "{change}" })),
    ] {
        for (behaviour, status, detail) in [
            (Behaviour::Fail, 409, json!({ "code": "NO", "reason": "because" })),
            (Behaviour::Panic, 500, json!("Internal Server Error")),
            (Behaviour::Hang, 503, json!("Service Unavailable")),
        ] {
            let world = World::new().await;
            let reply = ask(&world, hook, behaviour, method, path, body.clone()).await;
            assert_eq!(
                (reply.status.as_u16(), reply.json),
                (status, json!({ "detail": detail })),
                "{hook} {behaviour:?}"
            );
            assert_eq!(world.dump().await, world.at_first, "{hook} {behaviour:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_answers_with_the_code_of_the_route() {
    for (method, path, body, code) in [
        (
            "POST",
            "/auth/register",
            json!({ "email": "new@example.com", "password": GOOD }),
            "REGISTER_INVALID_PASSWORD",
        ),
        ("PATCH", "/users/me", json!({ "password": NEW }), "UPDATE_USER_INVALID_PASSWORD"),
        ("PATCH", "/users/{ada}", json!({ "password": NEW }), "UPDATE_USER_INVALID_PASSWORD"),
        (
            "POST",
            "/auth/change-password",
            json!({ "current_password": GOOD, "password": NEW }),
            "CHANGE_PASSWORD_INVALID_PASSWORD",
        ),
    ] {
        let world = World::new().await;
        let reply = ask(&world, "validate_password", Behaviour::Fail, method, path, body).await;
        let detail = json!({ "detail": { "code": code, "reason": "NO" } });
        assert_eq!((reply.status.as_u16(), reply.json), (400, detail), "{method} {path}");
        assert_eq!(world.dump().await, world.at_first, "{method} {path}");
    }
}

#[tokio::test(start_paused = true)]
async fn x5_an_after_hook_never_changes_the_answer() {
    for behaviour in [Behaviour::Pass, Behaviour::Fail, Behaviour::Panic, Behaviour::Hang] {
        for (hook, method, path, body, status) in [
            (
                "on_after_register",
                "POST",
                "/auth/register",
                json!({ "email": "new@example.com", "password": GOOD }),
                201,
            ),
            ("on_after_duplicate_register", "POST", "/auth/register", json!({ "email": ADA, "password": GOOD }), 400),
            ("on_after_login", "POST", "/auth/bearer/login", json!({ "username": ADA, "password": GOOD }), 200),
            ("on_after_failed_login", "POST", "/auth/bearer/login", json!({ "username": ADA, "password": NEW }), 400),
            ("on_after_logout", "POST", "/auth/bearer/logout", Value::Null, 204),
            ("on_after_update", "PATCH", "/users/me", json!({ "nickname": "Al" }), 200),
            ("on_after_update", "PATCH", "/users/{ada}", json!({ "is_verified": true }), 200),
            ("on_after_delete", "DELETE", "/users/{ada}", Value::Null, 204),
            (
                "on_after_change_password",
                "POST",
                "/auth/change-password",
                json!({ "current_password": GOOD, "password": NEW }),
                204,
            ),
            ("on_after_verify", "POST", "/auth/verify", json!({ "token": "{verify}" }), 200),
            (
                "on_after_reset_password",
                "POST",
                "/auth/reset-password",
                json!({ "token": "{reset}", "password": NEW }),
                200,
            ),
            ("on_after_change_email", "POST", "/auth/confirm-email-change", json!({ "token": "{change}" }), 200),
        ] {
            let world = World::new().await;
            let reply = ask(&world, hook, behaviour, method, path, body).await;
            assert_eq!(reply.status.as_u16(), status, "{hook} {behaviour:?}: {}", reply.json);
            assert!(world.journal.lines().last().unwrap().starts_with(hook), "{hook} {behaviour:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn e4_the_answer_waits_neither_for_the_mail_nor_for_the_look_up() {
    for (hook, path) in [
        ("on_after_request_verify", "/auth/request-verify-token"),
        ("on_after_forgot_password", "/auth/forgot-password"),
    ] {
        for behaviour in [Behaviour::Pass, Behaviour::Fail, Behaviour::Panic, Behaviour::Hang] {
            let world = World::new().await;
            let client = client(&world);
            world.journal.set(hook, behaviour);
            let mut seen = Vec::new();
            for email in [ADA, "nobody@example.com", super::world::INA, super::world::VERA] {
                let begun = tokio::time::Instant::now();
                let reply = client.post(path, json!({ "email": email })).await;
                assert!(begun.elapsed() < Duration::from_millis(1), "{hook} {behaviour:?}");
                assert_eq!(
                    world.journal.lines(),
                    Vec::<String>::new(),
                    "{hook} {behaviour:?}: nothing ran before the answer"
                );
                seen.push((reply.status.as_u16(), reply.headers, reply.json));
                let begun = tokio::time::Instant::now();
                world.settle().await;
                assert!(begun.elapsed() <= HOOK_TIMEOUT + Duration::from_millis(10));
                world.journal.clear();
            }
            assert_eq!((seen[0].0, &seen[0].2), (202, &Value::Null));
            assert!(seen.iter().all(|reply| *reply == seen[0]), "{hook} {behaviour:?}: {seen:?}");
        }
    }
}

#[tokio::test]
async fn a_login_hook_adds_headers_and_fields_but_no_other_token() {
    let world = World::new().await;
    let client = client(&world);
    let reply = client.login("bearer", ADA, GOOD).await;
    assert_eq!(reply.headers["x-greeting"], "hello");
    assert_eq!(reply.json["greeting"], "hello");
    assert_eq!(reply.json["token_type"], "bearer");
    assert_ne!(reply.json["access_token"], "stolen");
    assert_eq!(client.get("/users/me").await.json["email"], ADA);
}

#[tokio::test]
async fn a_hook_sees_the_actor_of_the_request() {
    let world = World::new().await;
    let client = client(&world);
    client.login("bearer", ROOT, GOOD).await;
    let (root, ada) = (world.user(ROOT).await.id, world.user(ADA).await.id);
    world.journal.clear();
    client.patch(&format!("/users/{ada}"), json!({ "is_verified": true })).await;
    for line in world.journal.lines() {
        assert!(line.contains(&format!(" by user:{root} ")), "{line}");
    }
}
