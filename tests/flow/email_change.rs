//! A new address, proved first; and leaving.

use reqwest::Method;
use serde_json::{Value, json};
use usermgr_tests::{Client, PASSWORD, Reply, Server};

use super::{OTHER, assert_user};

async fn request(client: &Client, email: &str) {
    client.post("/auth/request-email-change", json!({ "email": email })).await.expect_json(202, Value::Null);
}

async fn confirm(server: &Server, token: &str) -> Reply {
    server.client().post("/auth/confirm-email-change", json!({ "token": token })).await
}

#[tokio::test]
async fn t5_an_address_changes_when_the_new_one_has_answered_and_the_old_one_is_told() {
    let server = Server::start(&[]);
    let ada = server.client().joined("ada@example.com").await;
    request(&ada, "countess@example.com").await;
    let token = server.mailed_token("change_email", "countess@example.com", 1);
    assert_user(&ada.get("/users/me").await.expect(200).json(), "ada@example.com", [true, false, false]);
    let reply = confirm(&server, &token).await.expect(200);
    assert_user(&reply.json(), "countess@example.com", [true, false, true]);
    server.mail("email_changed", "ada@example.com", 1);
    confirm(&server, &token).await.expect_detail(400, "CHANGE_EMAIL_BAD_TOKEN");
    // The session goes on: whoever proved the new address has proved the password just before.
    ada.get("/users/me").await.expect(200);
    server.client().login("ada@example.com", PASSWORD).await.expect(400);
    server.client().logged_in("countess@example.com", PASSWORD).await;
}

#[tokio::test]
async fn t5_of_many_confirmations_one_changes_the_address() {
    let server = Server::start(&[]);
    let ada = server.client().joined("ada@example.com").await;
    request(&ada, "countess@example.com").await;
    let token = server.mailed_token("change_email", "countess@example.com", 1);
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (client, body) = (server.client(), json!({ "token": token }));
        asked.spawn(async move { client.post("/auth/confirm-email-change", body).await.status });
    }
    let statuses = asked.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 400].contains(status)), "{statuses:?}");
}

#[tokio::test]
async fn e3_a_taken_address_is_not_told_and_gets_no_token() {
    let server = Server::start(&[]);
    server.client().register("bob@example.com", PASSWORD).await.expect(201);
    let ada = server.client().joined("ada@example.com").await;
    request(&ada, "BOB@example.com").await;
    request(&ada, "free@example.com").await;
    server.mailed_token("change_email", "free@example.com", 1);
    let folder = server.stop();
    for spelling in ["BOB@example.com", "bob@example.com"] {
        assert_eq!(usermgr_tests::mails(&folder, "change_email", spelling), [] as [Value; 0]);
    }
}

#[tokio::test]
async fn a_token_dies_with_the_password_the_old_address_and_the_activity() {
    let server = Server::start(&[]);
    let root = server.superuser("root@example.com").await;
    for (number, change) in
        [json!({ "password": OTHER }), json!({ "email": "elsewhere@example.com" }), json!({ "is_active": false })]
            .into_iter()
            .enumerate()
    {
        let (old, new) = (format!("old{number}@example.com"), format!("new{number}@example.com"));
        let user = server.client().joined(&old).await;
        let id = super::id_of(&user).await;
        request(&user, &new).await;
        let token = server.mailed_token("change_email", &new, 1);
        root.patch(&format!("/users/{id}"), change).await.expect(200);
        confirm(&server, &token).await.expect_detail(400, "CHANGE_EMAIL_BAD_TOKEN");
    }
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_stays_with_its_owner() {
    let server = Server::start(&[]);
    let ada = server.client().joined("ada@example.com").await;
    request(&ada, "new@example.com").await;
    let token = server.mailed_token("change_email", "new@example.com", 1);
    server.client().register("new@example.com", PASSWORD).await.expect(201);
    confirm(&server, &token).await.expect_detail(400, "UPDATE_USER_EMAIL_ALREADY_EXISTS");
}

#[tokio::test]
async fn rows_of_the_wire() {
    let server = Server::start(&[]);
    let ada = server.client().joined("ada@example.com").await;
    let stranger = server.client();
    stranger.post("/auth/request-email-change", json!({})).await.expect_detail(401, "Unauthorized");
    ada.post("/auth/request-email-change", json!({})).await.expect_faults(json!([["missing", ["body", "email"]]]));
    let bad = json!({ "email": "nowhere" });
    ada.post("/auth/request-email-change", bad).await.expect_faults(json!([["value_error", ["body", "email"]]]));
    stranger.post("/auth/confirm-email-change", json!({})).await.expect_faults(json!([["missing", ["body", "token"]]]));
    confirm(&server, "garbage").await.expect_detail(400, "CHANGE_EMAIL_BAD_TOKEN");
    stranger.send(stranger.request(Method::DELETE, "/users/me")).await.expect_detail(401, "Unauthorized");
}

#[tokio::test]
async fn a_user_leaves_and_takes_everything_with_him() {
    let server = Server::start(&[]);
    let ada = server.client().joined("ada@example.com").await;
    ada.send(ada.request(Method::DELETE, "/users/me")).await.expect(204);
    ada.get("/users/me").await.expect_detail(401, "Unauthorized");
    server.client().login("ada@example.com", PASSWORD).await.expect(400);
    let root = server.superuser("root@example.com").await;
    root.send(root.request(Method::DELETE, "/users/me")).await.expect_detail(400, "LAST_SUPERUSER");
}
