//! The routes: what they take and answer, and where they are.

use serde_json::json;

use super::rig::{ADA, BADGE, Badges, World};
use crate::{
    MemoryStore,
    http::{Endpoint, Route, Routes},
    prelude::*,
    session::Method,
    testing::Client,
};

async fn served() -> (World<MemoryStore>, Client) {
    let world = World::open(MemoryStore::new()).await;
    let client = Client::new(crate::axum::router(world.accounts.clone()).unwrap());
    (world, client)
}

async fn ask(world: &World<MemoryStore>, client: &Client, email: &str) -> String {
    let reply = client.post("/auth/request-login", json!({ "email": email })).await.expect(202);
    assert_eq!(reply.json.as_object().unwrap().len(), 1);
    world.accounts.engine.settle().await;
    reply.json["request"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn ml1_a_link_logs_in_over_http_and_get_and_head_change_nothing() {
    let (world, client) = served().await;
    ask(&world, &client, ADA).await;
    let token = world.link(ADA).unwrap();
    let path = "/auth/bearer/login/mail";
    for _ in 0..2 {
        client.get(&format!("{path}?token={}", token.expose())).await.expect(405);
        client.request(::http::Method::HEAD, &format!("{path}?token={}", token.expose())).await.expect(405);
    }
    let body = json!({ "token": token.expose() });
    let reply = client.post(path, &body).await.expect(200);
    assert_eq!(reply.json["token_type"], "bearer");
    let again = client.post(path, &body).await.expect(400);
    assert_eq!(again.json["detail"], "LOGIN_BAD_TOKEN");
}

#[tokio::test]
async fn ml2_a_code_logs_in_over_http_with_its_request() {
    let (world, client) = served().await;
    let request = ask(&world, &client, ADA).await;
    let other = ask(&world, &client, "unknown@example.com").await;
    let code = world.code(ADA).unwrap();
    let path = "/auth/bearer/login/mail";
    let refused = client.post(path, json!({ "request": other, "code": code.expose() })).await.expect(400);
    assert_eq!(refused.json["detail"], "LOGIN_BAD_CODE");
    client.post(path, json!({ "request": request, "code": code.expose() })).await.expect(200);
    client.post("/auth/other/login/mail", json!({ "token": "x" })).await.expect(404);
}

#[tokio::test]
async fn ml3_every_address_gets_the_same_answer_and_what_is_none_is_refused() {
    let (world, client) = served().await;
    let answers: Vec<_> = [ask(&world, &client, ADA).await, ask(&world, &client, "unknown@example.com").await].into();
    assert!(answers.iter().all(|request| request.len() == 43) && answers[0] != answers[1]);
    for body in [json!({}), json!({ "email": 7 }), json!({ "email": "no address" })] {
        client.post("/auth/request-login", &body).await.expect(422);
    }
    for body in [
        json!({}),
        json!({ "request": "x" }),
        json!({ "code": "x" }),
        json!({ "token": 7 }),
        json!({ "token": null, "request": "x" }),
        json!({ "request": "x", "code": 12345678 }),
    ] {
        client.post("/auth/bearer/login/mail", &body).await.expect(422);
    }
}

#[tokio::test]
async fn mf10_over_http_a_second_factor_is_asked_for() {
    let world = World::with(MemoryStore::new(), MailLogin::new(), |engine| engine.with(Badges(Method::KEY)));
    let ada = world.add(ADA, |new| new.verified(true)).await;
    world.give_badge(&ada).await;
    let client = Client::new(crate::axum::router(world.accounts.clone()).unwrap());
    ask(&world, &client, ADA).await;
    let token = world.link(ADA).unwrap();
    let reply = client.post("/auth/bearer/login/mail", json!({ "token": token.expose() })).await.expect(400);
    let detail = &reply.json["detail"];
    assert_eq!((&detail["code"], &detail["factors"]), (&json!("LOGIN_SECOND_FACTOR_REQUIRED"), &json!(BADGE.as_str())));
}

#[tokio::test]
async fn the_routes_are_those_of_an_engine_with_the_part() {
    let paths = ["/auth/request-login", "/auth/{backend}/login/mail"];
    assert!(Route::all().all(|route| !paths.contains(&route.path)));
    let of_parts: Vec<_> = Route::of_parts().filter(|route| paths.contains(&route.path)).collect();
    assert_eq!(of_parts.len(), 2);
    let world = World::open(MemoryStore::new()).await;
    let mounted = |engine: &Engine<MemoryStore>| {
        let routes = Routes::<super::rig::Accounts<MemoryStore>>::of_engine(engine);
        routes
            .iter()
            .filter(|route| [Endpoint::RequestLogin, Endpoint::LoginByMail].contains(&route.endpoint()))
            .count()
    };
    assert_eq!(mounted(&world.accounts.engine), 2);
    assert_eq!(mounted(&Engine::new(MemoryStore::new())), 0);
}
