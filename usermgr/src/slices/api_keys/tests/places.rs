//! Where a key may be, and what refuses one: every route of the library, every extractor but one, over both frameworks.

use std::sync::Arc;

use ::axum::{Router, routing::get};
use serde_json::json;

use super::rig::{ADA, Accounts, PASSWORD, Refused, Rig, reader};
use crate::{
    axum::{CurrentUser, Fresh, FreshStrong, RequestContext, Strong, Superuser, Verified, VerifiedSuperuser},
    http::{Routes, identify},
};

#[tokio::test]
async fn k2_no_route_of_the_library_accepts_a_key() {
    let rig = Rig::new();
    let (user, ada) = rig.ada().await;
    let (key, id) = reader(&ada).await;
    let mut walked = 0;
    for mounted in Routes::<Accounts>::of_engine(&rig.accounts.engine).iter() {
        let route = mounted.route();
        let named = if route.path.starts_with("/users/{id}") { user.id.to_string() } else { id.clone() };
        let path = route.path.replace("{backend}", "bearer").replace("{id}", &named);
        for program in [rig.program(&key), rig.program(&format!("{}zzzzzz", &key[..48]))] {
            rig.calls.take();
            let reply = program.request(route.method.clone(), &path).json(json!({})).await;
            assert_eq!(reply.status, 403, "{} {}", route.method, route.path);
            assert_eq!(reply.json["detail"], "API_KEY_NOT_ACCEPTED", "{} {}", route.method, route.path);
            assert_eq!(rig.calls.take(), [""; 0], "{} {} asks the store", route.method, route.path);
        }
        walked += 1;
    }
    assert!(walked > 30, "{walked} routes");
    assert_eq!(ada.get("/users/me/api-keys").await.expect(200).json.as_array().map(Vec::len), Some(1));
}

/// The scheme that an operation of the application names. Without the part there is none.
#[cfg(feature = "openapi")]
#[tokio::test]
async fn the_document_has_a_scheme_for_keys() {
    let rig = Rig::new();
    let document = crate::openapi::document(&*rig.accounts, &Routes::of_engine(&rig.accounts.engine));
    let schemes = &serde_json::to_value(&document).unwrap()["components"]["securitySchemes"];
    assert_eq!(
        (&schemes["APIKeyBearer"]["type"], &schemes["APIKeyBearer"]["scheme"]),
        (&json!("http"), &json!("bearer"))
    );
}

/// A handler for each extractor, and for each optional one.
fn handlers(accounts: Arc<Accounts>) -> Router {
    macro_rules! routes {
        ($($extractor:ident)*) => {
            Router::new()
                $(
                    .route(concat!("/", stringify!($extractor)), get(async |_: $extractor<Accounts>| "in"))
                    .route(concat!("/optional/", stringify!($extractor)), get(async |user: Option<$extractor<Accounts>>| {
                        if user.is_some() { "in" } else { "out" }
                    }))
                )*
                .route("/RequestContext", get(async |_: RequestContext<Accounts>| "in"))
                .with_state(accounts)
        };
    }
    routes!(CurrentUser Verified Superuser VerifiedSuperuser Fresh Strong FreshStrong)
}

#[cfg(feature = "actix")]
fn on_actix(accounts: Arc<Accounts>, config: &mut actix_web::web::ServiceConfig) {
    use crate::actix::{
        CurrentUser, Fresh, FreshStrong, Optional, RequestContext, Strong, Superuser, Verified, VerifiedSuperuser,
    };
    macro_rules! routes {
        ($($extractor:ident)*) => {$(
            config.route(concat!("/", stringify!($extractor)), actix_web::web::get().to(async |_: $extractor<Accounts>| "in"));
            config.route(
                concat!("/optional/", stringify!($extractor)),
                actix_web::web::get().to(async |user: Optional<$extractor<Accounts>>| if user.is_some() { "in" } else { "out" }),
            );
        )*};
    }
    config.app_data(actix_web::web::Data::from(accounts));
    routes!(CurrentUser Verified Superuser VerifiedSuperuser Fresh Strong FreshStrong);
    config.route("/RequestContext", actix_web::web::get().to(async |_: RequestContext<Accounts>| "in"));
}

const EXTRACTORS: [&str; 15] = [
    "CurrentUser",
    "Verified",
    "Superuser",
    "VerifiedSuperuser",
    "Fresh",
    "Strong",
    "FreshStrong",
    "optional/CurrentUser",
    "optional/Verified",
    "optional/Superuser",
    "optional/VerifiedSuperuser",
    "optional/Fresh",
    "optional/Strong",
    "optional/FreshStrong",
    "RequestContext",
];

#[tokio::test]
async fn k2_no_extractor_but_requires_accepts_a_key() {
    let rig = Rig::new();
    rig.add("root@example.com", |new| new.superuser(true)).await;
    let root = rig.login("root@example.com").await;
    let (key, _) = reader(&root).await;
    rig.program(&key).get("/orders").await.expect(200);
    let application = crate::testing::Client::new(handlers(rig.accounts.clone())).with_token(key.as_str());
    for extractor in EXTRACTORS {
        application.get(&format!("/{extractor}")).await.expect_detail(403, "API_KEY_NOT_ACCEPTED");
    }
    // Beside a good session too.
    let session = crate::testing::Client::new(handlers(rig.accounts.clone())).with_token(root.token().unwrap());
    session.get("/CurrentUser").await.expect(200);
    let both = session.get("/optional/CurrentUser");
    let both = both.header("authorization", &format!("Bearer {}", root.token().unwrap()));
    both.header("authorization", &format!("Bearer {key}")).await.expect_detail(403, "API_KEY_NOT_ACCEPTED");

    let (parts, ()) =
        http::Request::get("/").header("authorization", format!("Bearer {key}")).body(()).unwrap().into_parts();
    let problem = identify(&*rig.accounts, &parts).await.map(|principal| principal.is_some()).unwrap_err();
    assert_eq!(problem.status(), 403);
}

#[cfg(feature = "actix")]
#[tokio::test]
async fn k2_no_extractor_of_actix_but_requires_accepts_a_key() {
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    let rig = Rig::new();
    rig.add("root@example.com", |new| new.superuser(true)).await;
    let (key, _) = reader(&rig.login("root@example.com").await).await;
    let accounts = rig.accounts.clone();
    let app = actix_web::App::new().configure(|config| {
        on_actix(accounts.clone(), config);
        let orders =
            async |who: crate::actix::Requires<Accounts, super::rig::can::OrdersRead>| who.email.as_str().to_owned();
        config.route("/orders", actix_web::web::get().to(orders));
    });
    let app = init_service(app).await;
    let ask = |path: String| TestRequest::get().uri(&path).insert_header(("authorization", format!("Bearer {key}")));
    for extractor in EXTRACTORS {
        let answer = call_service(&app, ask(format!("/{extractor}")).to_request()).await;
        assert_eq!(answer.status(), 403, "{extractor}");
        let body = read_body(answer).await;
        assert!(String::from_utf8_lossy(&body).contains("API_KEY_NOT_ACCEPTED"), "{extractor}");
    }
    let answer = call_service(&app, ask("/orders".to_owned()).to_request()).await;
    assert_eq!(read_body(answer).await, "root@example.com");
}

#[tokio::test]
async fn k5_a_key_is_in_the_header_alone_and_alone_in_it() {
    let rig = Rig::new();
    let (_, ada) = rig.ada().await;
    let (key, _) = reader(&ada).await;
    let (other, _) = reader(&ada).await;
    let bearer = |key: &str| format!("Bearer {key}");
    let orders = || rig.client();

    // The scheme is read in any case.
    orders().get("/orders").header("authorization", &format!("bEARER {key}")).await.expect(200);
    for (name, value) in [
        ("authorization", format!("Basic {key}")),
        ("authorization", key.clone()),
        ("authorization", format!("ApiKey {key}")),
        ("x-api-key", key.clone()),
        ("cookie", format!("__Host-usermgr={key}")),
        ("cookie", format!("authorization=Bearer {key}")),
        ("proxy-authorization", bearer(&key)),
    ] {
        orders().get("/orders").header(name, &value).await.expect(401);
    }
    for path in [format!("/orders?key={key}"), format!("/orders?access_token={key}&api_key={key}")] {
        orders().get(&path).await.expect(401);
    }
    orders().request(http::Method::GET, "/orders").form(&[("access_token", &key), ("key", &key)]).await.expect(401);

    // Two keys, and a key beside a session, even the owner's own: which user would the request be for?
    let two = orders();
    let two = two.get("/orders").header("authorization", &bearer(&key)).header("authorization", &bearer(&other));
    two.await.expect(401);
    let cookie = rig.client();
    cookie.login("cookie", ADA, PASSWORD).await.expect(204);
    cookie.get("/orders").await.expect(200);
    cookie.get("/orders").header("authorization", &bearer(&key)).await.expect(401);
    // A cookie that opens nothing has no veto.
    let stale = rig.client().with_cookie("__Host-usermgr", "of-an-ended-session");
    stale.get("/orders").header("authorization", &bearer(&key)).await.expect(200);

    // What cannot be a key is no question for the store.
    let mut last = key.chars().last().unwrap();
    last = if last == 'a' { 'b' } else { 'a' };
    rig.calls.take();
    rig.program(&format!("{}{last}", &key[..53])).get("/orders").await.expect(401);
    assert_eq!(rig.calls.take(), [""; 0]);
}
