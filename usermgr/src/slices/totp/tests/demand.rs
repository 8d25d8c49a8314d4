//! Users who must have a second factor.

use ::axum::{Router, routing::get};
use serde_json::json;

use super::rig::{Accounts, EMAIL, PASSWORD, Rig};
use crate::{
    Limits,
    axum::{FreshStrong, Strong},
    engine::Demand,
    http::Routes,
    prelude::*,
    testing::Client,
};

fn demanding(demand: Demand) -> Rig {
    Rig::with(|engine| engine.limits(Limits::dangerous_none()).with(demand))
}

#[tokio::test]
async fn mf15_a_session_without_the_factor_that_is_demanded_adds_the_first_one_and_does_nothing_else() {
    let rig = demanding(Demand::everybody());
    let client = rig.logged_in(EMAIL).await;
    // A superuser, so that no guard refuses for another reason.
    let ada = rig.accounts.get_by_email(&EmailAddress::parse(EMAIL).unwrap()).await.unwrap().unwrap();
    rig.accounts.set_superuser(&Admin::system("test"), &ada.id, true, &Context::default()).await.unwrap();
    client.login("bearer", EMAIL, PASSWORD).await.expect(200);
    let mut open = Vec::new();
    for route in Routes::<Accounts>::of_engine(&rig.accounts.engine) {
        // Those that anybody may call do not look at the session.
        if route.route().who() == "anybody" || route.path().starts_with("/auth/cookie") {
            continue;
        }
        let path = route.path().replace("{backend}", "bearer").replace("{id}", "0");
        let reply = client.clone().request(route.method().clone(), &path).json(json!({})).await;
        match reply.json["detail"] == "SECOND_FACTOR_SETUP_REQUIRED" {
            true => assert_eq!(reply.status, 403),
            false => open.push(format!("{} {path}", route.method())),
        }
        if path.ends_with("/logout") {
            client.login("bearer", EMAIL, PASSWORD).await.expect(200);
        }
    }
    open.sort();
    assert_eq!(
        open,
        [
            "GET /users/me",
            "GET /users/me/factors",
            "POST /auth/bearer/logout",
            "POST /auth/bearer/step-up",
            "POST /users/me/factors/totp",
            "POST /users/me/factors/totp/confirm",
        ]
    );
    rig.add_app(&client).await;
    client.get("/users/me/sessions").await.expect(200);
}

#[tokio::test]
async fn mf15_only_those_it_is_demanded_of_must_have_one() {
    let rig = demanding(Demand::superusers());
    let client = rig.logged_in(EMAIL).await;
    client.get("/users/me/sessions").await.expect(200);
    let ada = rig.accounts.get_by_email(&EmailAddress::parse(EMAIL).unwrap()).await.unwrap().unwrap();
    rig.accounts.set_superuser(&Admin::system("test"), &ada.id, true, &Context::default()).await.unwrap();
    let client = rig.client();
    client.login("bearer", EMAIL, PASSWORD).await.expect(200);
    let reply = client.get("/users").await.expect(403);
    assert_eq!(reply.json["detail"], "SECOND_FACTOR_SETUP_REQUIRED");
    rig.add_app(&client).await;
    client.get("/users").await.expect(200);
}

#[tokio::test]
async fn mf13_an_extractor_asks_what_was_proved_and_not_what_a_user_has() {
    let rig = Rig::new();
    let routes = Router::new()
        .route("/strong", get(|_: Strong<Accounts>| async { "strong" }))
        .route("/fresh", get(|_: FreshStrong<Accounts>| async { "fresh" }))
        .route("/maybe", get(|user: Option<Strong<Accounts>>| async move { user.is_some().to_string() }))
        .with_state(rig.accounts.clone());
    let get = async |token: &str, path: &str| Client::new(routes.clone()).with_token(token).get(path).await;
    let client = rig.logged_in(EMAIL).await;
    let token = client.token().unwrap();
    for path in ["/strong", "/fresh"] {
        assert_eq!(get(&token, path).await.expect(403).json["detail"], "SECOND_FACTOR_REQUIRED");
        get("", path).await.expect(401);
    }
    assert_eq!(get(&token, "/maybe").await.text(), "false");
    rig.add_app(&client).await;
    for path in ["/strong", "/fresh"] {
        get(&token, path).await.expect(200);
    }
    assert_eq!(get(&token, "/maybe").await.text(), "true");
    rig.later(601);
    get(&token, "/strong").await.expect(200);
    assert_eq!(get(&token, "/fresh").await.expect(403).json["detail"], "REAUTHENTICATION_REQUIRED");
}
