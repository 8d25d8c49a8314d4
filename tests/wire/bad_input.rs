//! Bad input to every route: a clear 4xx in JSON, never a 5xx, nothing of what was sent in the answer, nothing changed in the database.
//! On both frameworks, without a socket.

#[path = "bad_input/bodies.rs"]
mod bodies;
#[path = "bad_input/shop.rs"]
mod shop;

use axum::http::Method;
use bodies::{CANARY, bad_bodies};
use serde_json::{Value, json};
use shop::{Answer, GOOD, Shop};
use usermgr::http::{Endpoint, Route};

use crate::world::World;

/// A route as the tests ask for it.
struct Asked {
    endpoint: Endpoint,
    method: Method,
    path: String,
    reads_body: bool,
}

/// All routes; `id` is the user, or the session, of those that name one.
fn routes(id: &str) -> Vec<Asked> {
    use Endpoint as E;
    let asked = |route: &Route| {
        let reads_body = match route.endpoint {
            E::Login | E::Register | E::RequestVerify | E::Verify | E::ForgotPassword | E::ResetPassword => true,
            E::ChangePassword | E::RequestEmailChange | E::ConfirmEmailChange | E::UpdateMe | E::UpdateUser => true,
            E::Refresh => true,
            E::Logout | E::Me | E::DeleteMe | E::User | E::DeleteUser | E::ListUsers | E::PublicKeys => false,
            E::ListSessions | E::RevokeSessions | E::RevokeSession => false,
            E::SendResetMail | E::SendVerifyMail | E::ListUserSessions | E::RevokeUserSessions => false,
            other => panic!("{other:?} is new: say whether it reads a body"),
        };
        let backend = if route.endpoint == E::Refresh { "renewing" } else { "bearer" };
        let path = route.path.replace("{backend}", backend).replace("{id}", id);
        Asked { endpoint: route.endpoint, method: route.method.clone(), path, reads_body }
    };
    Route::all().map(asked).collect()
}

#[track_caller]
fn assert_clear(answer: &Answer, what: &str) {
    assert!((400..500).contains(&answer.status), "{what}: {} {}", answer.status, answer.text);
    let json = answer.json();
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

async fn x11_m3_u5_every_bad_body_to_every_route_is_a_clear_4xx_and_changes_nothing(world: &World) {
    let shop = Shop::open(world.target.framework).await;
    let before = shop.dump().await;
    for route in routes(&shop.ada).iter().filter(|route| route.reads_body) {
        for body in bad_bodies() {
            for token in [&shop.ada_token, &shop.root_token] {
                let what = format!("{} {}, {}", route.method, route.path, body.name);
                let answer =
                    shop.ask(route.method.clone(), &route.path, Some(token), body.media, body.bytes.clone()).await;
                if body.is_lookup && [Endpoint::ForgotPassword, Endpoint::RequestVerify].contains(&route.endpoint) {
                    assert_eq!((answer.status, answer.text.as_str()), (202, "null"), "{what}");
                    continue;
                }
                assert_clear(&answer, &what);
                if let Some(status) = body.status {
                    // A guard answers first.
                    let guarded = route.endpoint == Endpoint::UpdateUser && *token == shop.ada_token;
                    assert!(answer.status == status || guarded && answer.status == 403, "{what}: {answer:?}");
                }
            }
        }
    }
    shop.settle().await;
    assert_eq!(shop.dump().await, before);
}

async fn j9_without_or_with_bad_credentials_a_guarded_route_is_401_whatever_the_body(world: &World) {
    let shop = Shop::open(world.target.framework).await;
    let before = shop.dump().await;
    let long = format!("eyJ{}", CANARY.repeat(500));
    let tokens = ["", " ", CANARY, "a.b.c", "null", "..", &long, "\u{e9}", "eyJhbGciOiJub25lIn0.e30."];
    for route in routes(&shop.ada) {
        let open = [
            "/auth/register",
            "/auth/bearer/login",
            "/auth/renewing/refresh",
            "/auth/request-verify-token",
            "/auth/verify",
            "/auth/forgot-password",
            "/auth/reset-password",
            "/auth/confirm-email-change",
            "/.well-known/jwks.json",
        ];
        if open.contains(&route.path.as_str()) {
            continue;
        }
        for token in tokens.map(Some).into_iter().chain([None]) {
            for body in ["", "{", CANARY] {
                let what = format!("{} {} as {token:?}", route.method, route.path);
                let answer =
                    shop.ask(route.method.clone(), &route.path, token, Some("application/json"), body.into()).await;
                assert_clear(&answer, &what);
                assert_eq!(answer.status, 401, "{what}");
            }
        }
    }
    assert_eq!(shop.dump().await, before);
}

async fn a_route_that_reads_no_body_takes_no_notice_of_one(world: &World) {
    let shop = Shop::open(world.target.framework).await;
    let before = shop.dump().await;
    // Those would end the session that asks, or make a new stamp.
    let ending = [Endpoint::Logout, Endpoint::DeleteMe, Endpoint::RevokeSessions];
    let lasting = |route: &&Asked| !ending.contains(&route.endpoint);
    for route in routes("unknown").iter().filter(lasting).filter(|route| !route.reads_body) {
        for body in bad_bodies().into_iter().filter(|body| body.status != Some(413)) {
            let token = Some(shop.root_token.as_str());
            let answer = shop.ask(route.method.clone(), &route.path, token, body.media, body.bytes).await;
            let expected = if route.path.contains("unknown") { 404 } else { 200 };
            assert_eq!(answer.status, expected, "{} {}, {}", route.method, route.path, body.name);
            assert!(!format!("{answer:?}").contains(CANARY));
        }
    }
    assert_eq!(shop.dump().await, before);
}

async fn p7_a_password_over_the_cap_is_refused_everywhere_and_hashed_nowhere(world: &World) {
    let shop = Shop::open(world.target.framework).await;
    let token = shop.reset_token().await;
    let (before, hashes) = (shop.dump().await, shop.hashes());
    let by_id = format!("/users/{}", shop.ada);
    let (post, patch) = (&Method::POST, &Method::PATCH);
    let reason = "the password is longer than 1024 bytes";
    let policy =
        |code: &str| json!({ "code": code, "reason": reason, "reason_code": "too_long", "reason_limit": "1024" });
    // 1,025 and 60,000 characters, and 513 characters of two bytes each.
    for long in ["x".repeat(1025), CANARY.repeat(5000), "\u{e9}".repeat(513)] {
        let new = json!({ "email": "new@example.com", "password": long, "age": 1, "colour": "red" });
        let login = |email: &str| json!({ "username": email, "password": long });
        let reset = json!({ "token": token, "password": long });
        let (current, password) = (json!({ "password": GOOD, "current_password": long }), json!({ "password": long }));
        for (method, path, body, status, detail) in [
            (post, "/auth/register", &new, 400, policy("REGISTER_INVALID_PASSWORD")),
            (post, "/auth/bearer/login", &login("ada@example.com"), 400, json!("LOGIN_BAD_CREDENTIALS")),
            (post, "/auth/bearer/login", &login("nobody@example.com"), 400, json!("LOGIN_BAD_CREDENTIALS")),
            (post, "/auth/reset-password", &reset, 400, policy("RESET_PASSWORD_INVALID_PASSWORD")),
            (post, "/auth/change-password", &current, 400, json!("CHANGE_PASSWORD_BAD_PASSWORD")),
            (patch, "/users/me", &password, 400, policy("UPDATE_USER_INVALID_PASSWORD")),
            (patch, "/users/me", &current, 403, json!("REAUTHENTICATION_REQUIRED")),
            (patch, &by_id, &password, 400, policy("UPDATE_USER_INVALID_PASSWORD")),
        ] {
            let token = if path == by_id { &shop.root_token } else { &shop.ada_token };
            let answer = shop.send(method, path, Some(token), body).await;
            assert_clear(&answer, path);
            assert_eq!((answer.status, answer.json()), (status, json!({ "detail": detail })), "{path}");
        }
    }
    assert_eq!(shop.hashes(), hashes);
    assert_eq!(shop.dump().await, before);
}

async fn x1_m8_a_profile_field_at_fault_is_named_and_not_repeated(world: &World) {
    let shop = Shop::open(world.target.framework).await;
    let before = shop.dump().await;
    let ada = Some(shop.ada_token.as_str());
    // A value that tries to pass for serde's own words.
    let clever = format!("x, expected {CANARY}");
    for (field, values) in [
        (
            "age",
            vec![
                json!(CANARY),
                json!(clever),
                json!(300),
                json!(-1),
                json!(1.5),
                json!({ CANARY: CANARY }),
                json!(null),
            ],
        ),
        ("colour", vec![json!(CANARY), json!(clever)]),
        ("code", vec![json!(CANARY), json!(clever)]),
        ("nickname", vec![json!([CANARY]), json!({ "a": CANARY })]),
        ("tags", vec![json!([1, CANARY])]),
    ] {
        for value in values {
            let mut new = json!({ "email": "new@example.com", "password": GOOD, "age": 1, "colour": "red" });
            new[field] = value.clone();
            let changed = json!({ field: value });
            for (method, path, body) in [(Method::POST, "/auth/register", new), (Method::PATCH, "/users/me", changed)] {
                let answer = shop.send(&method, path, ada, &body).await;
                assert_clear(&answer, &format!("{method} {body}"));
                let entry = &answer.json()["detail"][0];
                let named = json!([entry["type"], entry["loc"][0], entry["loc"][1]]);
                assert_eq!(named, json!(["value_error", "body", field]), "{method} {body}");
            }
        }
    }
    for text in ["\0", "a\0b"] {
        let body = json!({ "nickname": format!("{CANARY}{text}") });
        let answer = shop.send(&Method::PATCH, "/users/me", ada, &body).await;
        assert_clear(&answer, "u5");
        assert_eq!(answer.status, 422);
    }
    let body = json!({ "email": "new@example.com", "password": GOOD });
    let answer = shop.send(&Method::POST, "/auth/register", None, &body).await;
    assert_eq!(answer.json()["detail"][0]["type"], "missing");
    assert_eq!(shop.dump().await, before);
}

async fn t10_a_blank_missing_or_mistyped_token_opens_nothing(world: &World) {
    let shop = Shop::open(world.target.framework).await;
    let before = shop.dump().await;
    let blank = ["", " ", "\0", ".", ".."].map(|token| Some(json!(token)));
    let mistyped = [json!(null), json!(0), json!([]), json!({})].map(Some);
    for token in blank.into_iter().chain(mistyped).chain([None]) {
        for (path, name) in [
            ("/auth/verify", "token"),
            ("/auth/reset-password", "token"),
            ("/auth/confirm-email-change", "token"),
            ("/auth/renewing/refresh", "refresh_token"),
        ] {
            let mut body = json!({ "password": GOOD });
            if let Some(token) = &token {
                body[name] = token.clone();
            }
            let answer = shop.send(&Method::POST, path, None, &body).await;
            assert_clear(&answer, &format!("{path} {body}"));
        }
    }
    assert_eq!(shop.dump().await, before);
}

/// The names that a caller might try: those of all columns, of what an account shows, of a profile, and of other libraries.
async fn field_names(shop: &Shop) -> std::collections::BTreeSet<String> {
    let more = "hashed_password user role roles is_staff is_admin admin isActive is_super_user \
        email_verified email_verified_at verified created_at updated_at user_id session sessions token \
        tokens stamp hash deleted _id __proto__ constructor $set profile \
        credits staff is_active is_superuser is_verified id version";
    shop.columns().await.into_iter().chain(more.split(' ').map(str::to_owned)).collect()
}

async fn m1_no_field_of_a_row_is_set_that_its_payload_does_not_have(world: &World) {
    const PROFILE: [&str; 5] = ["age", "colour", "nickname", "code", "tags"];
    let shop = Shop::open(world.target.framework).await;
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
        let answer = shop.send(&method, path, token, body).await;
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

on_frameworks! {
    once x11_m3_u5_every_bad_body_to_every_route_is_a_clear_4xx_and_changes_nothing
    once j9_without_or_with_bad_credentials_a_guarded_route_is_401_whatever_the_body
    once a_route_that_reads_no_body_takes_no_notice_of_one
    once p7_a_password_over_the_cap_is_refused_everywhere_and_hashed_nowhere
    once x1_m8_a_profile_field_at_fault_is_named_and_not_repeated
    once t10_a_blank_missing_or_mistyped_token_opens_nothing
    once m1_no_field_of_a_row_is_set_that_its_payload_does_not_have
}
