//! Passkeys of the server: a flag turns them on, for the pages of one origin.

use serde_json::json;
use usermgr::testing::FakeAuthenticator;
use usermgr_tests::{PASSWORD, Server};

use super::{request_verify, verify};

const OPTIONS: &str = "/auth/jwt/login/passkey-options";

#[tokio::test]
async fn a_passkey_is_added_and_logs_in_on_the_pages_of_the_flags() {
    let server = Server::start(&["--passkeys", "shop.example", "--base-url", "https://www.shop.example"]);
    let client = server.client();
    client.post("/auth/register", json!({ "email": "ada@example.com", "password": PASSWORD })).await.expect(201);
    verify(&client, &request_verify(&server, "ada@example.com", 1).await).await.expect(200);
    let login = client.form("/auth/jwt/login", &[("username", "ada@example.com"), ("password", PASSWORD)]).await;
    let ada = client.with_token(login.expect(200).token());
    let mut phone = FakeAuthenticator::new("https://www.shop.example");

    let begun = ada.post("/users/me/factors/passkeys", json!({})).await.expect(200).json();
    let credential = phone.create(&begun["options"]);
    let answer = json!({ "pending_token": begun["pending_token"], "credential": credential, "label": "my phone" });
    ada.post("/users/me/factors/passkeys/confirm", answer).await.expect(200);

    let begun = client.post(OPTIONS, json!({})).await.expect(200).json();
    assert_eq!(begun["options"]["publicKey"]["rpId"], "shop.example");
    let credential = phone.get(&begun["options"]);
    let answer = json!({ "pending_token": begun["pending_token"], "credential": credential });
    let login = client.post("/auth/jwt/login/passkey", answer.clone()).await.expect(200);
    let me = client.with_token(login.token()).get("/users/me").await.expect(200).json();
    assert_eq!(me["email"], "ada@example.com");
    client.post("/auth/jwt/login/passkey", answer).await.expect_detail(400, "LOGIN_NOT_PENDING");
    // The password alone is no login any more.
    let half = client.form("/auth/jwt/login", &[("username", "ada@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(half.expect(400).json()["detail"]["code"], "LOGIN_SECOND_FACTOR_REQUIRED");
}

#[tokio::test]
async fn without_the_flag_there_are_none() {
    let server = Server::start(&[]);
    server.client().post(OPTIONS, json!({})).await.expect(404);
}
