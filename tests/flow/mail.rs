//! Verifying an address and resetting a password by what came by mail: the rows of the wire, and which tokens are dead.

use serde_json::{Value, json};
use usermgr_tests::{PASSWORD, Server, mails};

use super::{OTHER, assert_user, forgot, id_of, request_verify, reset, verify};

#[tokio::test]
async fn request_verify_and_verify_rows_of_the_wire() {
    let server = Server::start(&[]);
    let client = server.client();
    let root = server.superuser("root@example.com").await;
    let ask = async |body: Value| client.post("/auth/request-verify-token", body).await;

    ask(json!({})).await.expect_faults(json!([["missing", ["body", "email"]]]));
    ask(json!({ "email": "ada" })).await.expect_faults(json!([["value_error", ["body", "email"]]]));
    verify(&client, "garbage").await.expect_detail(400, "VERIFY_USER_BAD_TOKEN");
    client.post("/auth/verify", json!({})).await.expect_faults(json!([["missing", ["body", "token"]]]));

    let [gone, inactive, moved] = ["gone@example.com", "inactive@example.com", "moved@example.com"];
    for email in [gone, inactive, moved] {
        client.register(email, PASSWORD).await.expect(201);
    }
    let [gone_token, inactive_token, moved_token] = [
        request_verify(&server, gone, 1).await,
        request_verify(&server, inactive, 1).await,
        request_verify(&server, moved, 1).await,
    ];
    let id = id_of(&client.logged_in(gone, PASSWORD).await).await;
    root.delete(&format!("/users/{id}")).await.expect(204);
    verify(&client, &gone_token).await.expect_detail(400, "VERIFY_USER_BAD_TOKEN");
    // Inactive users can be verified, and stay inactive.
    let id = id_of(&client.logged_in(inactive, PASSWORD).await).await;
    root.patch(&format!("/users/{id}"), json!({ "is_active": false })).await.expect(200);
    assert_user(&verify(&client, &inactive_token).await.expect(200).json(), inactive, [false, false, true]);
    verify(&client, &inactive_token).await.expect_detail(400, "VERIFY_USER_ALREADY_VERIFIED");
    // T4: a token is for one address.
    let user = client.logged_in(moved, PASSWORD).await;
    user.patch("/users/me", json!({ "email": "elsewhere@example.com" })).await.expect(200);
    verify(&client, &moved_token).await.expect_detail(400, "VERIFY_USER_BAD_TOKEN");

    for silent in ["nobody@example.com", inactive, "root@example.com"] {
        ask(json!({ "email": silent })).await.expect_json(202, Value::Null);
    }
    let folder = server.stop();
    assert_eq!(mails(&folder, "verify", "nobody@example.com").len(), 0);
    assert_eq!(mails(&folder, "verify", inactive).len(), 1);
    assert_eq!(mails(&folder, "verify", "root@example.com").len(), 0);
}

#[tokio::test]
async fn forgot_and_reset_rows_of_the_wire() {
    let server = Server::start(&[]);
    let client = server.client();
    let root = server.superuser("root@example.com").await;
    let ask = async |body: Value| client.post("/auth/forgot-password", body).await;

    ask(json!({})).await.expect_faults(json!([["missing", ["body", "email"]]]));
    client
        .post("/auth/reset-password", json!({}))
        .await
        .expect_faults(json!([["missing", ["body", "token"]], ["missing", ["body", "password"]]]));
    client
        .post("/auth/reset-password", json!({ "token": "x" }))
        .await
        .expect_faults(json!([["missing", ["body", "password"]]]));
    reset(&client, "garbage", PASSWORD).await.expect_detail(400, "RESET_PASSWORD_BAD_TOKEN");
    // The token is looked at before the password is.
    reset(&client, "garbage", "g").await.expect_detail(400, "RESET_PASSWORD_BAD_TOKEN");

    client.register("ada@example.com", PASSWORD).await.expect(201);
    let first = forgot(&server, "ada@example.com", 1).await;
    let second = forgot(&server, "ADA@example.com".to_lowercase().as_str(), 2).await;
    let reason =
        json!({ "code": "RESET_PASSWORD_INVALID_PASSWORD", "reason": "the password is shorter than 8 characters" });
    reset(&client, &first, "g").await.expect_detail(400, reason);
    reset(&client, &second, OTHER).await.expect_json(200, Value::Null);
    reset(&client, &first, PASSWORD).await.expect_detail(400, "RESET_PASSWORD_BAD_TOKEN");
    client.logged_in("ada@example.com", OTHER).await;

    let inactive = id_of(&client.joined("inactive@example.com").await).await;
    let token = forgot(&server, "inactive@example.com", 1).await;
    root.patch(&format!("/users/{inactive}"), json!({ "is_active": false })).await.expect(200);
    reset(&client, &token, OTHER).await.expect_detail(400, "RESET_PASSWORD_BAD_TOKEN");
    ask(json!({ "email": "inactive@example.com" })).await.expect_json(202, Value::Null);
    ask(json!({ "email": "nobody@example.com" })).await.expect_json(202, Value::Null);
    // T18: active again, the token of before stays dead.
    let again = id_of(&client.joined("again@example.com").await).await;
    let token = forgot(&server, "again@example.com", 1).await;
    for active in [false, true] {
        root.patch(&format!("/users/{again}"), json!({ "is_active": active })).await.expect(200);
    }
    reset(&client, &token, OTHER).await.expect_detail(400, "RESET_PASSWORD_BAD_TOKEN");
    let folder = server.stop();
    assert_eq!(mails(&folder, "forgot", "inactive@example.com").len(), 1);
    assert_eq!(mails(&folder, "forgot", "nobody@example.com").len(), 0);
}

#[tokio::test]
async fn t2_t3_a_reset_token_dies_with_the_password_and_with_the_address() {
    let server = Server::start(&[]);
    let client = server.client();
    let ada = client.joined("ada@example.com").await;
    let token = forgot(&server, "ada@example.com", 1).await;
    ada.patch("/users/me", json!({ "email": "countess@example.com" })).await.expect(200);
    reset(&client, &token, OTHER).await.expect_detail(400, "RESET_PASSWORD_BAD_TOKEN");
    let token = forgot(&server, "countess@example.com", 1).await;
    let body = json!({ "current_password": PASSWORD, "password": OTHER });
    ada.post("/auth/change-password", body).await.expect(204);
    reset(&client, &token, PASSWORD).await.expect_detail(400, "RESET_PASSWORD_BAD_TOKEN");
}

#[tokio::test]
async fn t1_of_sixteen_resets_with_one_token_at_once_one_wins() {
    let server = Server::start(&[]);
    server.client().register("ada@example.com", PASSWORD).await.expect(201);
    let token = forgot(&server, "ada@example.com", 1).await;
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let (client, token) = (server.client(), token.clone());
            tokio::spawn(async move { (number, reset(&client, &token, &format!("new password {number:02}")).await) })
        })
        .collect();
    let mut winners = Vec::new();
    for task in tasks {
        let (number, reply) = task.await.unwrap();
        match reply.status {
            200 => winners.push(number),
            _ => drop(reply.expect_detail(400, "RESET_PASSWORD_BAD_TOKEN")),
        }
    }
    assert_eq!(winners.len(), 1);
    server.client().logged_in("ada@example.com", &format!("new password {:02}", winners[0])).await;
}
