//! The reference server as a process: its commands and flags, the mails that it writes, a restart, a shutdown, and one whole life of an
//! account. `tests/run` runs this suite once for each target; what the routes answer is in `wire`.

use serde_json::{Value, json};
use usermgr_tests::{Client, PASSWORD, Reply, Server};

#[path = "flow/addresses.rs"]
mod addresses;
#[path = "flow/api_keys.rs"]
mod api_keys;
#[path = "flow/commands.rs"]
mod commands;
#[path = "flow/factors.rs"]
mod factors;
#[path = "flow/impersonation.rs"]
mod impersonation;
#[path = "flow/invitations.rs"]
mod invitations;
#[path = "flow/login_history.rs"]
mod login_history;
#[path = "flow/mail.rs"]
mod mail;
#[path = "flow/origins.rs"]
mod origins;
#[path = "flow/pages.rs"]
mod pages;
#[path = "flow/passkeys.rs"]
mod passkeys;
#[path = "flow/proxy.rs"]
mod proxy;
#[path = "flow/restore.rs"]
mod restore;
#[path = "flow/usernames.rs"]
mod usernames;

const OTHER: &str = "another long enough one";

/// Everything a client may read of a user, and nothing else.
#[track_caller]
fn assert_user(user: &Value, email: &str, [active, superuser, verified]: [bool; 3]) -> String {
    let id = user["id"].as_str().unwrap_or_else(|| panic!("no id: {user}")).to_owned();
    let created_at = user["created_at"].as_str().unwrap_or_else(|| panic!("no time: {user}"));
    let whole = json!({
        "id": id, "email": email, "is_active": active, "is_superuser": superuser, "is_verified": verified,
        "created_at": created_at,
    });
    assert_eq!(*user, whole);
    id
}

async fn id_of(client: &Client) -> String {
    client.get("/users/me").await.expect(200).json()["id"].as_str().unwrap().to_owned()
}

async fn request_verify(server: &Server, email: &str, count: usize) -> String {
    let reply = server.client().post("/auth/request-verify-token", json!({ "email": email })).await;
    reply.expect_json(202, Value::Null);
    server.mailed_token("verify", email, count)
}

async fn forgot(server: &Server, email: &str, count: usize) -> String {
    server.client().post("/auth/forgot-password", json!({ "email": email })).await.expect_json(202, Value::Null);
    server.mailed_token("forgot", email, count)
}

async fn verify(client: &Client, token: &str) -> Reply {
    client.post("/auth/verify", json!({ "token": token })).await
}

async fn reset(client: &Client, token: &str, password: &str) -> Reply {
    client.post("/auth/reset-password", json!({ "token": token, "password": password })).await
}

#[tokio::test]
async fn t2_j6_a_life_from_registration_over_verification_and_reset_to_deletion() {
    let server = Server::start(&[]);
    let client = server.client();

    let reply = client.register("Ada@Example.com", PASSWORD).await.expect(201);
    let id = assert_user(&reply.json(), "Ada@example.com", [true, false, false]);
    let token = request_verify(&server, "Ada@example.com", 1).await;
    assert_user(&verify(&client, &token).await.expect(200).json(), "Ada@example.com", [true, false, true]);

    let reply = client.login("ada@example.com", PASSWORD).await.expect(200);
    let whole = reply.json();
    let fields = ["access_token", "expires_in", "refresh_token", "token_type"];
    assert_eq!(whole.as_object().unwrap().keys().collect::<Vec<_>>(), fields);
    assert_eq!(whole["token_type"], "bearer");
    let ada = client.with_token(reply.token());
    assert_user(&ada.get("/users/me").await.expect(200).json(), "Ada@example.com", [true, false, true]);
    let reply = ada.patch("/users/me", json!({ "email": "countess@example.com" })).await.expect(200);
    assert_user(&reply.json(), "countess@example.com", [true, false, false]);
    server.mail("email_changed", "Ada@example.com", 1);

    let token = forgot(&server, "countess@example.com", 1).await;
    reset(&client, &token, OTHER).await.expect_json(200, Value::Null);
    server.mail("reset", "countess@example.com", 1);
    client.login("countess@example.com", PASSWORD).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
    reset(&client, &token, PASSWORD).await.expect_detail(400, "RESET_PASSWORD_BAD_TOKEN");
    ada.get("/users/me").await.expect_detail(401, "Unauthorized");
    let ada = client.logged_in("countess@example.com", OTHER).await;

    let root = server.superuser("root@example.com").await;
    let reply = root.patch(&format!("/users/{id}"), json!({ "is_verified": true })).await.expect(200);
    assert_user(&reply.json(), "countess@example.com", [true, false, true]);
    ada.get("/users/me").await.expect(200);
    let reply = root.delete(&format!("/users/{id}")).await.expect(204);
    assert_eq!(reply.text, "");
    ada.get("/users/me").await.expect_detail(401, "Unauthorized");
    root.get(&format!("/users/{id}")).await.expect_detail(404, "Not Found");
    client.login("countess@example.com", OTHER).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
    server.stop();
}

#[tokio::test]
async fn a_restart_keeps_accounts_tokens_and_mailed_tokens() {
    let server = Server::start(&[]);
    let ada = server.client().joined("ada@example.com").await;
    let id = id_of(&ada).await;
    let token = request_verify(&server, "ada@example.com", 1).await;
    let access = server.client().login("ada@example.com", PASSWORD).await.token();
    let folder = server.stop();

    let server = Server::start_in(folder, &[]);
    let ada = server.client().with_token(access);
    assert_eq!(id_of(&ada).await, id);
    assert_user(&verify(&ada, &token).await.expect(200).json(), "ada@example.com", [true, false, true]);
    server.client().logged_in("ada@example.com", PASSWORD).await;
    server.client().register("ADA@example.com", PASSWORD).await.expect_detail(400, "REGISTER_USER_ALREADY_EXISTS");
    server.stop();
}
