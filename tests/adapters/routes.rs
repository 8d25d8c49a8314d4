//! Routes left out, moved and nested: each answers where it was put, and nowhere else.

use reqwest::Method;
use serde_json::json;
use usermgr::{
    http::{Endpoint, Routes},
    password::{Argon2Params, Argon2id},
    prelude::*,
};
use usermgr_tests::{Client, PASSWORD};

use crate::front;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

async fn open(routes: Routes<Accounts>) -> Client {
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("jwt", Jwt::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .build()
        .unwrap();
    Client::new(front::mount(Accounts { engine }, routes).await)
}

#[tokio::test]
async fn routes_left_out_are_gone_and_moved_ones_answer_at_their_new_place_alone() {
    let open_to_all = [Endpoint::Register, Endpoint::Login];
    let routes = Routes::all()
        .without(&[Endpoint::UpdateMe, Endpoint::DeleteMe, Endpoint::ChangePassword])
        .without(&open_to_all)
        .prefix("/api/")
        .and(Routes::new().only(&open_to_all).prefix("public/v1"));
    let client = open(routes).await;
    let body = json!({ "email": "ada@example.com", "password": PASSWORD });
    client.post("/outer/public/v1/auth/register", body.clone()).await.expect(201);
    client.post("/outer/api/auth/register", body.clone()).await.expect_detail(404, "Not Found");
    client.post("/outer/auth/register", body.clone()).await.expect_detail(404, "Not Found");
    client.post("/auth/register", body).await.expect_detail(404, "Not Found");

    // The backend's name is the parameter, wherever the route stands.
    let form = [("username", "ada@example.com"), ("password", PASSWORD)];
    let token = client.form("/outer/public/v1/auth/jwt/login", &form).await.expect(200).token();
    client.form("/outer/public/v1/auth/public/login", &form).await.expect_detail(404, "Not Found");
    let ada = client.with_token(token);
    let me = ada.get("/outer/api/users/me").await.expect(200).json();
    ada.get(&format!("/outer/api/users/{}", me["id"].as_str().unwrap())).await.expect_detail(403, "Forbidden");
    ada.get("/outer/api/users").await.expect_detail(403, "Forbidden");
    ada.get("/outer/users/me").await.expect_detail(404, "Not Found");

    // A path that has lost one of its methods answers the others.
    let reply = ada.patch("/outer/api/users/me", json!({})).await;
    assert_eq!(reply.header("allow"), Some("GET,HEAD"));
    reply.expect_detail(405, "Method Not Allowed");
    let reply = client.send(client.request(Method::HEAD, "/outer/api/users/me")).await.expect(401);
    assert_eq!(reply.text, "");
    ada.post("/outer/api/auth/change-password", json!({})).await.expect_detail(404, "Not Found");
}

#[tokio::test]
async fn of_two_routes_at_one_place_the_first_answers() {
    let client = open(Routes::new().and(Routes::all()).and(Routes::new().prefix("/again"))).await;
    for path in ["/outer/users/me", "/outer/users", "/outer/again/users/me"] {
        client.get(path).await.expect_detail(401, "Unauthorized");
    }
}
