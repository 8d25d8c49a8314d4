//! Nothing is served that `check` refuses, however it is mounted.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use usermgr::{
    CookieOptions, Secret,
    engine::Answers,
    http::{Route, Routes},
    prelude::*,
};
use usermgr_tests::{Client, PASSWORD, SECRET};

use crate::front;

struct Accounts {
    engine: Engine<MemoryStore>,
    secret: &'static str,
}

#[user_manager(store = MemoryStore, secret = Secret::new(self.secret))]
impl Accounts {}

fn engine() -> usermgr::engine::EngineBuilder<MemoryStore> {
    let bearer = Backend::bearer("jwt", Jwt::new());
    Engine::builder(MemoryStore::new()).backend(bearer).backend(Backend::cookie(
        "cookie",
        CookieOptions::default(),
        Database::new(),
    ))
}

#[tokio::test]
async fn s18_nothing_is_served_that_the_check_refuses_however_it_is_mounted() {
    for (what, engine, secret) in [
        ("no secret", engine(), ""),
        ("a short secret", engine(), "x"),
        ("no backend", Engine::builder(MemoryStore::new()), SECRET),
    ] {
        let accounts = Arc::new(Accounts { engine: engine.build().unwrap(), secret });
        assert!(accounts.check().is_err(), "{what}");
        let client = Client::new(front::own(accounts, Routes::all()).await);
        for route in Route::every_store().chain(Route::sessions()) {
            let path = route.path.replace("{backend}", "cookie").replace("{id}", "1");
            let body = json!({ "email": "ada@example.com", "password": PASSWORD, "username": "ada@example.com" });
            let request = client.request(route.method.clone(), &path).header("origin", "null").json(&body);
            let reply = client.send(request).await.expect(500);
            assert_eq!(reply.json(), json!({ "detail": "Internal Server Error" }), "{what}: {path}");
            assert_eq!(reply.header("set-cookie"), None, "{what}: {path}");
        }
        for path in ["/own", "/own/optional"] {
            client.get(path).await.expect_detail(500, "Internal Server Error");
        }
        let head = client.send(client.request(Method::HEAD, "/users/me")).await;
        assert_eq!((head.status, head.text.as_str()), (500, ""), "{what}");
    }
    let accounts = Arc::new(Accounts { engine: engine().build().unwrap(), secret: SECRET });
    let client = Client::new(front::own(accounts, Routes::all()).await);
    client.get("/own/optional").await.expect_json(200, Value::Null);
    client.register("ada@example.com", PASSWORD).await.expect(201);
}

#[tokio::test]
async fn s19_where_addresses_must_be_verified_extractors_demand_it_as_the_routes_do() {
    let engine = engine().require_verified(true).build().unwrap();
    let accounts = Arc::new(Accounts { engine, secret: SECRET });
    let new =
        NewUser::new(EmailAddress::parse("ada@example.com").unwrap(), NoProfile).password(PASSWORD).verified(true);
    accounts.create(new, &Context::default()).await.unwrap();
    let client = Client::new(front::own(accounts, Routes::all()).await);
    let ada = client.logged_in("ada@example.com", PASSWORD).await;
    ada.get("/own").await.expect(200);
    ada.patch("/users/me", json!({ "email": "new@example.com" })).await.expect(200);
    // The present address is not verified.
    ada.get("/users/me").await.expect_detail(403, "Forbidden");
    ada.get("/own").await.expect_detail(403, "Forbidden");
    ada.get("/own/optional").await.expect_json(200, Value::Null);
}

#[test]
fn s18_an_engine_that_is_wrong_is_not_built() {
    for (what, engine) in [
        ("an origin that every sandbox has", engine().allow_origin("null")),
        ("a pattern", engine().allow_origin("https://*.example.com")),
        ("discreet answers without verification", engine().answers(Answers::Discreet)),
        ("a name twice", engine().backend(Backend::bearer("jwt", Jwt::new()))),
    ] {
        assert!(engine.build().is_err(), "{what}");
    }
    engine().build().unwrap();
}
