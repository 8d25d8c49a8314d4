//! Bad input to every route: a clear 4xx in JSON, never a 5xx, nothing of what was sent in the answer, nothing changed in the database.

#[path = "bad_input/bodies.rs"]
mod bodies;
#[path = "bad_input/shop.rs"]
mod shop;
#[path = "bad_input/socket.rs"]
mod socket;

use axum::http::Method;
use bodies::{CANARY, bad_bodies};
use serde_json::{Value, json};
use shop::{Answer, GOOD, Shop};
use usermgr::http::{Endpoint, Route};

/// A route as the tests ask for it.
struct Target {
    endpoint: Endpoint,
    method: Method,
    path: String,
    reads_body: bool,
}

fn targets(id: &str) -> Vec<Target> {
    let target = |route: &Route| {
        let reads_body = match route.endpoint {
            Endpoint::Login
            | Endpoint::Register
            | Endpoint::RequestVerify
            | Endpoint::Verify
            | Endpoint::ForgotPassword
            | Endpoint::ResetPassword
            | Endpoint::ChangePassword
            | Endpoint::RequestEmailChange
            | Endpoint::ConfirmEmailChange
            | Endpoint::UpdateMe
            | Endpoint::UpdateUser
            | Endpoint::Refresh => true,
            Endpoint::Logout
            | Endpoint::Me
            | Endpoint::DeleteMe
            | Endpoint::User
            | Endpoint::DeleteUser
            | Endpoint::ListUsers
            | Endpoint::ListSessions
            | Endpoint::RevokeSessions
            | Endpoint::RevokeSession
            | Endpoint::PublicKeys => false,
            other => panic!("{other:?} is new: say whether it reads a body"),
        };
        let backend = if route.endpoint == Endpoint::Refresh { "renewing" } else { "bearer" };
        let path = route.path.replace("{backend}", backend).replace("{id}", id);
        Target { endpoint: route.endpoint, method: route.method.clone(), path, reads_body }
    };
    Route::all().map(target).collect()
}

#[track_caller]
fn assert_clear(answer: &Answer, what: &str) {
    assert!((400..500).contains(&answer.status), "{what}: {} {}", answer.status, answer.text);
    let json: Value =
        serde_json::from_str(&answer.text).unwrap_or_else(|error| panic!("{what}: {error}: {}", answer.text));
    let detail = &json["detail"];
    let entries = detail.as_array().is_some_and(|entries| {
        !entries.is_empty()
            && entries
                .iter()
                .all(|entry| entry["type"].is_string() && entry["loc"].is_array() && entry["msg"].is_string())
    });
    let coded = detail.is_string() || detail["code"].is_string() && detail["reason"].is_string();
    assert_eq!(answer.status == 422, entries, "{what}: {json}");
    assert!(entries || coded, "{what}: {json}");
    assert!(!format!("{answer:?}").contains(CANARY), "{what} is echoed: {answer:?}");
}

#[tokio::test]
async fn x11_m3_u5_every_bad_body_to_every_route_is_a_clear_4xx_and_changes_nothing() {
    let shop = Shop::open().await;
    let before = shop.dump().await;
    for target in targets(&shop.ada).iter().filter(|target| target.reads_body) {
        for body in bad_bodies() {
            for token in [&shop.ada_token, &shop.root_token] {
                let what = format!("{} {}, {}", target.method, target.path, body.name);
                let answer =
                    shop.ask(target.method.clone(), &target.path, Some(token), body.media, body.bytes.clone()).await;
                if body.sought && [Endpoint::ForgotPassword, Endpoint::RequestVerify].contains(&target.endpoint) {
                    assert_eq!((answer.status, answer.text.as_str()), (202, "null"), "{what}");
                    continue;
                }
                assert_clear(&answer, &what);
                if let Some(status) = body.status {
                    // A guard answers first.
                    let guarded = target.endpoint == Endpoint::UpdateUser && *token == shop.ada_token;
                    assert!(answer.status == status || guarded && answer.status == 403, "{what}: {answer:?}");
                }
            }
        }
    }
    shop.settle().await;
    assert_eq!(shop.dump().await, before);
}

#[tokio::test]
async fn j9_without_or_with_bad_credentials_a_guarded_route_is_401_whatever_the_body() {
    let shop = Shop::open().await;
    let before = shop.dump().await;
    let long = format!("eyJ{}", CANARY.repeat(500));
    let tokens = ["", " ", CANARY, "a.b.c", "null", "..", &long, "\u{e9}", "eyJhbGciOiJub25lIn0.e30."];
    for target in targets(&shop.ada) {
        let open = [
            Endpoint::Login,
            Endpoint::Register,
            Endpoint::RequestVerify,
            Endpoint::Verify,
            Endpoint::ForgotPassword,
            Endpoint::ResetPassword,
            Endpoint::ConfirmEmailChange,
            Endpoint::Refresh,
            Endpoint::PublicKeys,
        ];
        if open.contains(&target.endpoint) {
            continue;
        }
        for token in tokens.map(Some).into_iter().chain([None]) {
            for body in ["", "{", CANARY] {
                let what = format!("{} {} as {token:?}", target.method, target.path);
                let answer =
                    shop.ask(target.method.clone(), &target.path, token, Some("application/json"), body.into()).await;
                assert_clear(&answer, &what);
                assert_eq!(answer.status, 401, "{what}");
            }
        }
    }
    assert_eq!(shop.dump().await, before);
}

#[tokio::test]
async fn a_route_that_reads_no_body_takes_no_notice_of_one() {
    let shop = Shop::open().await;
    let before = shop.dump().await;
    // Those would end the session that asks, or make a new stamp.
    let ending = [Endpoint::Logout, Endpoint::DeleteMe, Endpoint::RevokeSessions];
    let lasting = |target: &&Target| !ending.contains(&target.endpoint);
    for target in targets("nobody").iter().filter(lasting).filter(|target| !target.reads_body) {
        for body in bad_bodies().into_iter().filter(|body| body.status != Some(413)) {
            let token = Some(shop.root_token.as_str());
            let answer = shop.ask(target.method.clone(), &target.path, token, body.media, body.bytes).await;
            let expected = if target.path.contains("nobody") { 404 } else { 200 };
            assert_eq!(answer.status, expected, "{} {}, {}", target.method, target.path, body.name);
            assert!(!format!("{answer:?}").contains(CANARY));
        }
    }
    assert_eq!(shop.dump().await, before);
}

#[tokio::test]
async fn p7_a_password_over_the_cap_is_refused_everywhere_and_hashed_nowhere() {
    let shop = Shop::open().await;
    let token = shop.reset_token().await;
    let before = shop.dump().await;
    let hashes = shop.hashes();
    let code = |code: &str| json!({ "detail": { "code": code, "reason": "the password is longer than 1024 bytes" } });
    // 1,025 and 60,000 characters, and 513 characters of two bytes each.
    for long in ["x".repeat(1025), CANARY.repeat(5000), "\u{e9}".repeat(513)] {
        let by_id = format!("/users/{}", shop.ada);
        for (method, path, body, token, expected) in [
            (
                Method::POST,
                "/auth/register",
                json!({ "email": "new@example.com", "password": long, "age": 1, "colour": "red" }),
                &shop.ada_token,
                (400, code("REGISTER_INVALID_PASSWORD")),
            ),
            (
                Method::POST,
                "/auth/bearer/login",
                json!({ "username": "ada@example.com", "password": long }),
                &shop.ada_token,
                (400, json!({ "detail": "LOGIN_BAD_CREDENTIALS" })),
            ),
            (
                Method::POST,
                "/auth/bearer/login",
                json!({ "username": "nobody@example.com", "password": long }),
                &shop.ada_token,
                (400, json!({ "detail": "LOGIN_BAD_CREDENTIALS" })),
            ),
            (
                Method::POST,
                "/auth/reset-password",
                json!({ "token": token, "password": long }),
                &shop.ada_token,
                (400, code("RESET_PASSWORD_INVALID_PASSWORD")),
            ),
            (
                Method::POST,
                "/auth/change-password",
                json!({ "current_password": long, "password": GOOD }),
                &shop.ada_token,
                (400, json!({ "detail": "CHANGE_PASSWORD_BAD_PASSWORD" })),
            ),
            (
                Method::PATCH,
                "/users/me",
                json!({ "password": long }),
                &shop.ada_token,
                (400, code("UPDATE_USER_INVALID_PASSWORD")),
            ),
            (
                Method::PATCH,
                "/users/me",
                json!({ "password": GOOD, "current_password": long }),
                &shop.ada_token,
                (403, json!({ "detail": "REAUTHENTICATION_REQUIRED" })),
            ),
            (
                Method::PATCH,
                &by_id,
                json!({ "password": long }),
                &shop.root_token,
                (400, code("UPDATE_USER_INVALID_PASSWORD")),
            ),
        ] {
            let answer = shop.ask(method, path, Some(token), Some("application/json"), body.to_string().into()).await;
            assert_clear(&answer, path);
            assert_eq!((answer.status, serde_json::from_str(&answer.text).unwrap()), expected, "{path}");
        }
    }
    assert_eq!(shop.hashes(), hashes);
    assert_eq!(shop.dump().await, before);
}

#[tokio::test]
async fn x1_m8_a_profile_field_at_fault_is_named_and_not_repeated() {
    let shop = Shop::open().await;
    let before = shop.dump().await;
    // A value that tries to pass for serde's own words.
    let clever = format!("x, expected {CANARY}");
    for (field, value, kind) in [
        ("age", json!(CANARY), "value_error"),
        ("age", json!(clever), "value_error"),
        ("age", json!(300), "value_error"),
        ("age", json!(-1), "value_error"),
        ("age", json!(1.5), "value_error"),
        ("age", json!({ CANARY: CANARY }), "value_error"),
        ("age", json!(null), "value_error"),
        ("colour", json!(CANARY), "value_error"),
        ("colour", json!(clever), "value_error"),
        ("code", json!(CANARY), "value_error"),
        ("code", json!(clever), "value_error"),
        ("nickname", json!([CANARY]), "value_error"),
        ("nickname", json!({ "a": CANARY }), "value_error"),
        ("tags", json!([1, CANARY]), "value_error"),
    ] {
        let mut body = json!({ "email": "new@example.com", "password": GOOD, "age": 1, "colour": "red" });
        body[field] = value.clone();
        for (method, path) in [(Method::POST, "/auth/register"), (Method::PATCH, "/users/me")] {
            if method == Method::PATCH {
                body = json!({ field: value });
            }
            let what = format!("{method} {body}");
            let token = Some(shop.ada_token.as_str());
            let answer = shop.ask(method, path, token, Some("application/json"), body.to_string().into()).await;
            assert_clear(&answer, &what);
            let entry = &serde_json::from_str::<Value>(&answer.text).unwrap()["detail"][0];
            assert_eq!(
                (entry["type"].as_str(), &entry["loc"][0], &entry["loc"][1]),
                (Some(kind), &json!("body"), &json!(field)),
                "{what}"
            );
        }
    }
    for text in ["\0", "a\0b"] {
        let body = json!({ "nickname": format!("{CANARY}{text}") });
        let token = Some(shop.ada_token.as_str());
        let answer =
            shop.ask(Method::PATCH, "/users/me", token, Some("application/json"), body.to_string().into()).await;
        assert_clear(&answer, "u5");
        assert_eq!(answer.status, 422);
    }
    let body = json!({ "email": "new@example.com", "password": GOOD });
    let answer =
        shop.ask(Method::POST, "/auth/register", None, Some("application/json"), body.to_string().into()).await;
    assert_eq!(serde_json::from_str::<Value>(&answer.text).unwrap()["detail"][0]["type"], "missing");
    assert_eq!(shop.dump().await, before);
}

#[tokio::test]
async fn t10_a_blank_missing_or_mistyped_token_opens_nothing() {
    let shop = Shop::open().await;
    let before = shop.dump().await;
    for token in
        [json!(""), json!(" "), json!(null), json!(0), json!([]), json!({}), json!("\0"), json!("."), json!("..")]
    {
        for (path, body) in [
            ("/auth/verify", json!({ "token": token })),
            ("/auth/reset-password", json!({ "token": token, "password": GOOD })),
            ("/auth/confirm-email-change", json!({ "token": token })),
            ("/auth/renewing/refresh", json!({ "refresh_token": token })),
        ] {
            let answer = shop.ask(Method::POST, path, None, Some("application/json"), body.to_string().into()).await;
            assert_clear(&answer, &format!("{path} {body}"));
        }
    }
    for path in ["/auth/verify", "/auth/reset-password", "/auth/confirm-email-change", "/auth/renewing/refresh"] {
        let answer = shop.ask(Method::POST, path, None, Some("application/json"), "{}".into()).await;
        assert_clear(&answer, path);
    }
    assert_eq!(shop.dump().await, before);
}

/// The names that a caller might try: those of all columns, of what an account shows, of a profile, and of other libraries.
async fn field_names(shop: &Shop) -> std::collections::BTreeSet<String> {
    let more = [
        "hashed_password",
        "user",
        "role",
        "roles",
        "is_staff",
        "is_admin",
        "admin",
        "isActive",
        "is_super_user",
        "email_verified",
        "email_verified_at",
        "verified",
        "created_at",
        "updated_at",
        "user_id",
        "session",
        "sessions",
        "token",
        "tokens",
        "stamp",
        "hash",
        "deleted",
        "_id",
        "__proto__",
        "constructor",
        "$set",
        "profile",
        "credits",
        "staff",
        "is_active",
        "is_superuser",
        "is_verified",
        "id",
        "version",
    ];
    shop.columns().await.into_iter().chain(more.map(str::to_owned)).collect()
}

#[tokio::test]
async fn m1_no_field_of_a_row_is_set_that_its_payload_does_not_have() {
    const PROFILE: [&str; 5] = ["age", "colour", "nickname", "code", "tags"];
    let shop = Shop::open().await;
    let names = field_names(&shop).await;
    assert!(names.len() > 50, "{names:?}");
    let values = [
        json!(true),
        json!(false),
        json!(0),
        json!(99),
        json!("x"),
        json!("2000-01-01T00:00:00Z"),
        json!(null),
        json!([1]),
        json!({ "credits": 99, "is_superuser": true }),
        json!("018f0000-0000-7000-8000-000000000000"),
    ];
    let ask = async |method: Method, path: &str, token: Option<&str>, body: &Value| {
        let answer = shop.ask(method, path, token, Some("application/json"), body.to_string().into()).await;
        assert!([200, 201, 422].contains(&answer.status), "{path} {body}: {answer:?}");
        answer.status
    };
    // What two registrations differ in anyway.
    let stable = |row: Vec<(String, Option<String>)>| -> Vec<_> {
        let own = ["id", "email", "email_key", "password_hash", "stamp", "created_at"];
        row.into_iter().filter(|(name, _)| !own.contains(&name.as_str())).collect()
    };
    let plain = |number: usize| json!({ "email": format!("m{number}@example.com"), "password": GOOD, "age": 1, "colour": "red" });
    ask(Method::POST, "/auth/register", None, &plain(0)).await;
    let expected = stable(shop.row("m0@example.com").await);
    let shown = format!("{expected:?}");
    assert!(shown.contains("credits") && expected.len() >= 5, "{shown}");
    let (mut tried, before) = (0, shop.row("ada@example.com").await);
    for name in &names {
        for value in &values {
            tried += 1;
            if !PROFILE.contains(&name.as_str()) && !["email", "password"].contains(&name.as_str()) {
                let mut body = plain(tried);
                body[name] = value.clone();
                if ask(Method::POST, "/auth/register", None, &body).await == 201 {
                    let email = format!("m{tried}@example.com");
                    assert_eq!(stable(shop.row(&email).await), expected, "{name}: {value}");
                    // Nor is it an id of the caller's choice.
                    assert!(
                        !format!("{:?}", shop.row(&email).await).contains("018f0000-0000-7000-8000"),
                        "{name}: {value}"
                    );
                }
            }
            let own = ["email", "password", "current_password"];
            if !PROFILE.contains(&name.as_str()) && !own.contains(&name.as_str()) {
                let body = json!({ name: value });
                ask(Method::PATCH, "/users/me", Some(&shop.ada_token), &body).await;
                assert_eq!(shop.row("ada@example.com").await, before, "PATCH me, {body}");
                if !["is_active", "is_superuser", "is_verified"].contains(&name.as_str()) {
                    ask(Method::PATCH, &format!("/users/{}", shop.ada), Some(&shop.root_token), &body).await;
                    assert_eq!(shop.row("ada@example.com").await, before, "PATCH by id, {body}");
                }
            }
        }
    }
    // What is in the payload is set.
    ask(Method::PATCH, "/users/me", Some(&shop.ada_token), &json!({ "age": 37 })).await;
    assert_ne!(shop.row("ada@example.com").await, before);
    usermgr_tests::figure("bad inputs tried", 3 * tried as u64);
}
