//! An authenticator app of others' making, over processes: adding it, a login in two steps, and one use of a code whatever process sees it.

use std::process::Command;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use usermgr_tests::{Client, PASSWORD, Server, run, skip};

use super::{request_verify, verify};

const FLAGS: [&str; 2] = ["--totp", "Shop"];

/// The code that `oathtool` shows for a secret in so many seconds. `None` on a machine without it.
fn code(secret: &str, seconds: u32) -> Option<String> {
    let at = format!("now + {seconds} seconds");
    let shown = Command::new("oathtool").args(["--totp", "-b", secret, "--now", &at]).output();
    let Ok(shown) = shown else {
        skip("no app shows codes: oathtool is not installed");
        return None;
    };
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    Some(String::from_utf8(shown.stdout).unwrap().trim().to_owned())
}

/// A user with a verified address and an app, and the secret of the app.
async fn with_app(server: &Server) -> Option<(Client, String, Value)> {
    let client = server.client().joined("ada@example.com").await;
    let token = request_verify(server, "ada@example.com", 1).await;
    verify(&client, &token).await.expect(200);
    let begun = client.post_empty("/users/me/factors/totp").await.expect(200).json();
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let body = json!({ "pending_token": begun["pending_token"], "code": code(&secret, 0)? });
    let added = client.post("/users/me/factors/totp/confirm", body).await.expect(200).json();
    Some((client, secret, added))
}

async fn pending(server: &Server) -> Value {
    let reply = server.client().login("ada@example.com", PASSWORD).await.expect(400).json();
    assert_eq!(reply["detail"]["code"], "LOGIN_SECOND_FACTOR_REQUIRED");
    reply["detail"]["pending_token"].clone()
}

#[tokio::test]
async fn an_app_of_others_logs_in_and_a_recovery_code_does_when_it_is_lost() {
    let server = Server::start(&FLAGS);
    let Some((client, secret, added)) = with_app(&server).await else { return };
    // The session that added it goes on: a signed token is refreshed, since its stamp has changed.
    let me = client.get("/users/me").await;
    assert!([200, 401].contains(&me.status), "{me:?}");

    let Some(next) = code(&secret, 30) else { return };
    let step = async |answer: Value| server.client().post("/auth/jwt/login/second-factor", answer).await;
    let wrong = json!({ "pending_token": pending(&server).await, "code": "000000" });
    step(wrong).await.expect_detail(400, "LOGIN_BAD_SECOND_FACTOR");
    let right = json!({ "pending_token": pending(&server).await, "code": next });
    let token = step(right).await.expect(200).token();
    let sessions = server.client().with_token(token).get("/users/me/sessions").await.expect(200).json();
    assert_eq!(sessions[0]["amr"], json!(["mfa", "otp", "pwd"]));

    let code = &added["recovery_codes"][0];
    step(json!({ "pending_token": pending(&server).await, "recovery_code": code })).await.expect(200);
    step(json!({ "pending_token": pending(&server).await, "recovery_code": code }))
        .await
        .expect_detail(400, "LOGIN_BAD_SECOND_FACTOR");

    // An operator helps a user who has lost everything.
    let remove = ["remove-factors", "--email", "ada@example.com"];
    assert_eq!(run(&server.folder(), &remove).status.code(), Some(2), "without the options it would find none");
    let removed = run(&server.folder(), &[&remove[..], &FLAGS].concat());
    assert!(removed.status.success(), "{removed:?}");
    let line: Value = serde_json::from_slice(&removed.stdout).unwrap();
    assert_eq!(line["factors"], 2);
    server.client().login("ada@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn mf3_mf6_two_processes_use_a_code_once_and_judge_five_answers() {
    let first = Server::start(&FLAGS);
    let second = Server::start_in(first.folder(), &FLAGS);
    let Some((_, secret, _)) = with_app(&first).await else { return };
    let Some(next) = code(&secret, 30) else { return };
    let mut logins = JoinSet::new();
    for at in 0..16 {
        let server = if at % 2 == 0 { &first } else { &second };
        let (client, body) = (server.client(), json!({ "pending_token": pending(server).await, "code": next }));
        logins.spawn(async move { client.post("/auth/jwt/login/second-factor", body).await.status });
    }
    let statuses = logins.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 15, "{statuses:?}");

    let token = pending(&first).await;
    let mut answers = JoinSet::new();
    for at in 0..32 {
        let client = if at % 2 == 0 { first.client() } else { second.client() };
        let body = json!({ "pending_token": token, "code": "000000" });
        answers.spawn(async move { client.post("/auth/jwt/login/second-factor", body).await.json()["detail"].clone() });
    }
    let details = answers.join_all().await;
    let judged = details.iter().filter(|detail| **detail == "LOGIN_BAD_SECOND_FACTOR").count();
    assert_eq!((judged, details.len()), (5, 32), "{details:?}");
}

#[tokio::test]
async fn mf15_a_server_that_demands_a_factor_lets_its_superuser_add_one() {
    let server = Server::start(&["--totp", "Shop", "--demand", "superusers"]);
    let root = server.client().joined("root@example.com").await;
    assert!(run(&server.folder(), &["promote", "--email", "root@example.com"]).status.success());
    let root = root.logged_in("root@example.com", PASSWORD).await;
    root.get("/users").await.expect_detail(403, "SECOND_FACTOR_SETUP_REQUIRED");
    let begun = root.post_empty("/users/me/factors/totp").await.expect(200).json();
    let Some(code) = code(begun["secret"].as_str().unwrap(), 0) else { return };
    let body = json!({ "pending_token": begun["pending_token"], "code": code });
    root.post("/users/me/factors/totp/confirm", body).await.expect(200);
}
