//! API keys of the server: one life of a key, over every database and both frameworks.

use serde_json::{Value, json};
use usermgr_tests::{Client, PASSWORD, Server};

const FLAGS: [&str; 2] = ["--api-keys", "shop"];
const ADA: &str = "ada@example.com";
const LIST: &str = "/users/me/api-keys";

/// A verified user who has just logged in.
async fn verified(server: &Server, email: &str) -> Client {
    server.client().register(email, PASSWORD).await.expect(201);
    let token = super::request_verify(server, email, 1).await;
    super::verify(&server.client(), &token).await.expect(200);
    server.client().logged_in(email, PASSWORD).await
}

/// Makes a key, and returns its id and a program that has it.
async fn program(server: &Server, owner: &Client, scope: &str) -> (String, Client) {
    let made = owner.post(LIST, json!({ "scopes": [scope], "label": "nightly" })).await.expect(201).json();
    (made["id"].as_str().unwrap().to_owned(), server.client().with_token(made["key"].as_str().unwrap()))
}

#[tokio::test]
async fn k4_a_key_works_until_it_is_rotated_or_revoked_or_its_owner_may_no_more() {
    let server = Server::start(&FLAGS);
    let ada = verified(&server, ADA).await;
    ada.post(LIST, json!({ "scopes": ["users:read"] })).await.expect_detail(400, "API_KEY_SCOPE_NOT_ALLOWED");
    let (id, nightly) = program(&server, &ada, "account:read").await;
    assert_eq!(nightly.get("/demo/account").await.expect(200).json()["email"], ADA);
    nightly.get("/users/me").await.expect_detail(403, "API_KEY_NOT_ACCEPTED");
    let listed = ada.get(LIST).await.expect(200).json();
    assert_eq!((&listed[0]["id"], &listed[0]["label"]), (&json!(id), &json!("nightly")));
    assert!(listed[0]["used_at"].is_string() && listed[0]["key"].is_null(), "{listed}");

    let path = format!("{LIST}/{id}");
    ada.patch(&path, json!({ "label": "by night" })).await.expect(200);
    let next = ada.post(&format!("{path}/rotate"), json!({})).await.expect(201).json();
    nightly.get("/demo/account").await.expect(401);
    let newer = server.client().with_token(next["key"].as_str().unwrap());
    newer.get("/demo/account").await.expect(200);
    assert_eq!(next["label"], "by night");
    ada.delete(&format!("{LIST}/{}", next["id"].as_str().unwrap())).await.expect(204);
    newer.get("/demo/account").await.expect(401);
    ada.get(LIST).await.expect_json(200, Value::Array(Vec::new()));

    // A superuser sees the keys of a user, revokes them, and blocks the user of others.
    let root = server.superuser("root@example.com").await;
    let of_ada = format!("/users/{}/api-keys", super::id_of(&ada).await);
    let (_, revoked) = program(&server, &ada, "account:read").await;
    assert_eq!(root.get(&of_ada).await.expect(200).json().as_array().map(Vec::len), Some(1));
    root.delete(&of_ada).await.expect(204);
    revoked.get("/demo/account").await.expect(401);
    let (_, blocked) = program(&server, &ada, "account:read").await;
    blocked.get("/demo/account").await.expect(200);
    root.patch(&format!("/users/{}", super::id_of(&ada).await), json!({ "is_active": false })).await.expect(200);
    blocked.get("/demo/account").await.expect(401);
}

#[tokio::test]
async fn k4_a_key_outlives_a_restart_of_the_server() {
    let server = Server::start(&FLAGS);
    let ada = verified(&server, ADA).await;
    let key = ada.post(LIST, json!({ "scopes": ["account:read"] })).await.expect(201).json()["key"].clone();
    let server = Server::start_in(server.stop(), &FLAGS);
    server.client().with_token(key.as_str().unwrap()).get("/demo/account").await.expect(200);
    // Without the flag there are neither keys nor their routes, and no route of the demonstration.
    let server = Server::start_in(server.stop(), &[]);
    server.client().with_token(key.as_str().unwrap()).get("/demo/account").await.expect(404);
    server.client().logged_in(ADA, PASSWORD).await.get(LIST).await.expect(404);
}
