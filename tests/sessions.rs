//! Sessions over a socket: listing them, ending one or all, refreshing, and what two processes over one database make of it. The
//! reference server is asked, and for what takes time, strategies with a test clock.

#[path = "sessions/acting.rs"]
mod acting;
#[path = "sessions/elsewhere.rs"]
mod elsewhere;
#[path = "sessions/lifetimes.rs"]
mod lifetimes;
#[path = "sessions/lists.rs"]
mod lists;
#[path = "sessions/most.rs"]
mod most;
#[path = "sessions/notes.rs"]
mod notes;
#[path = "sessions/redis.rs"]
mod redis;
#[path = "sessions/refreshing.rs"]
mod refreshing;
#[path = "sessions/rotation.rs"]
mod rotation;
#[path = "sessions/two_steps.rs"]
mod two_steps;

use reqwest::Method;
use serde_json::{Value, json};
use usermgr_tests::{Client, PASSWORD, Reply, Server};

const ADA: &str = "ada@example.com";

/// The pair of a login.
async fn pair(client: &Client) -> (String, String) {
    let reply = client.login(ADA, PASSWORD).await.expect(200);
    (reply.token(), refresh_token(&reply))
}

#[track_caller]
fn refresh_token(reply: &Reply) -> String {
    reply.json()["refresh_token"].as_str().unwrap_or_else(|| panic!("no refresh token: {}", reply.text)).to_owned()
}

async fn refresh(client: &Client, token: &str) -> Reply {
    client.post("/auth/jwt/refresh", json!({ "refresh_token": token })).await
}

/// The list of a user's sessions.
async fn list(client: &Client) -> Vec<Value> {
    client.get("/users/me/sessions").await.expect(200).json().as_array().unwrap().clone()
}

async fn logout(client: &Client) -> Reply {
    client.send(client.request(Method::POST, "/auth/jwt/logout")).await
}

async fn registered(server: &Server) -> Client {
    server.client().register(ADA, PASSWORD).await.expect(201);
    server.client()
}
