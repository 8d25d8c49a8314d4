//! Adding, naming and removing an app.

use serde_json::json;

use super::rig::{EMAIL, PASSWORD, Rig};
use crate::{audit::EventKind, factors::Totp, prelude::*, store::CredentialStore};

/// The kinds of the user's credentials.
async fn kinds(rig: &Rig) -> Vec<String> {
    let rows = rig.store.list_credentials(None, 100).await.unwrap();
    let mut kinds: Vec<_> = rows.into_iter().map(|row| row.kind.to_string()).collect();
    kinds.sort();
    kinds
}

#[tokio::test]
async fn mf8_nothing_is_added_before_a_code_proves_it_and_that_code_is_used_up() {
    let rig = Rig::new();
    let client = rig.logged_in(EMAIL).await;
    client.post("/users/me/factors/totp", ()).await.expect(200);
    assert_eq!(kinds(&rig).await, [""; 0]);
    rig.client().login("bearer", EMAIL, PASSWORD).await.expect(200);

    let (app, added) = rig.add_app(&client).await;
    assert_eq!((&added["factor"]["kind"], &added["factor"]["label"]), (&json!("totp"), &json!("phone")));
    assert_eq!(added["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(kinds(&rig).await, ["recovery", "totp"]);
    assert_eq!((rig.heard().last().unwrap().as_str(), rig.probe.count(EventKind::FactorAdded)), ("added totp", 1));
    let pending = rig.pending(EMAIL).await;
    let reply = rig.answer(&pending, "code", &app.code()).await.expect(400);
    assert_eq!(reply.json["detail"], "LOGIN_BAD_SECOND_FACTOR");
}

#[tokio::test]
async fn mf8_what_is_begun_is_of_its_user_its_session_and_its_time() {
    let rig = Rig::new();
    let ada = rig.logged_in(EMAIL).await;
    let elsewhere = rig.client();
    elsewhere.login("bearer", EMAIL, PASSWORD).await.expect(200);
    let bob = rig.logged_in("bob@example.com").await;
    let begun = ada.post("/users/me/factors/totp", ()).await.expect(200).json;
    let app = super::rig::App::of(&begun, &rig.clock);
    let body = |code: &str| json!({ "pending_token": begun["pending_token"], "code": code });
    for other in [&bob, &elsewhere] {
        let reply = other.post("/users/me/factors/totp/confirm", body(&app.code())).await.expect(400);
        assert_eq!(reply.json["detail"], "FACTOR_NOT_PENDING");
    }
    let long = json!({ "pending_token": begun["pending_token"], "code": app.code(), "label": "x".repeat(65) });
    let reply = ada.post("/users/me/factors/totp/confirm", long).await.expect(400);
    assert_eq!(reply.json["detail"], "FACTOR_INVALID_LABEL");
    for at in 0..6 {
        let reply = ada.post("/users/me/factors/totp/confirm", body(&app.wrong())).await.expect(400);
        assert_eq!(reply.json["detail"], if at < 5 { "FACTOR_BAD_CODE" } else { "FACTOR_NOT_PENDING" });
    }
    ada.post("/users/me/factors/totp/confirm", body(&app.code())).await.expect(400);

    for (seconds, expected) in [(600, 400), (599, 200)] {
        let client = rig.client();
        client.login("bearer", EMAIL, PASSWORD).await.expect(200);
        let begun = client.post("/users/me/factors/totp", ()).await.expect(200).json;
        let app = super::rig::App::of(&begun, &rig.clock);
        rig.later(seconds);
        let body = json!({ "pending_token": begun["pending_token"], "code": app.code() });
        client.post("/users/me/factors/totp/confirm", body).await.expect(expected);
    }
}

#[tokio::test]
async fn mf8_only_a_fresh_session_with_the_second_factor_changes_factors_and_the_owner_learns_of_it() {
    let rig = Rig::new();
    let (client, app, _) = rig.with_app().await;
    let id = client.get("/users/me/factors").await.json[0]["id"].as_str().unwrap().to_owned();
    let one = format!("/users/me/factors/{id}");
    rig.later(600);
    for reply in [
        client.post("/users/me/factors/totp", ()).await,
        client.patch(&one, json!({ "label": "mine" })).await,
        client.delete(&one).await,
        client.post("/users/me/recovery-codes", ()).await,
    ] {
        assert_eq!(reply.expect(403).json["detail"], "REAUTHENTICATION_REQUIRED");
    }
    // A session that has proved the password alone, as an older one would.
    let user = rig.accounts.get_by_email(&EmailAddress::parse(EMAIL).unwrap()).await.unwrap().unwrap();
    let refused = rig.accounts.sign_in(&user, crate::session::Amr::PASSWORD, "bearer", &Context::default()).await;
    assert!(matches!(refused, Err(crate::LoginError::SecondFactorRequired(_))));

    let client = rig.log_in(&app).await;
    let named = client.patch(&one, json!({ "label": " mine " })).await.expect(200);
    assert_eq!(named.json["label"], "mine");
    client.patch("/users/me/factors/0123", json!({ "label": "x" })).await.expect(404);
    client.delete("/users/me/factors/0123").await.expect(404);
    rig.heard();
    client.delete(&one).await.expect(204);
    assert_eq!((rig.heard(), rig.probe.count(EventKind::FactorRemoved)), (vec!["removed totp".to_owned()], 1));
    // The last one takes the recovery codes with it.
    assert_eq!(kinds(&rig).await, [""; 0]);
    rig.client().login("bearer", EMAIL, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn mf8_a_gate_may_refuse_and_the_user_begins_again() {
    let rig = Rig::new();
    let client = rig.logged_in(EMAIL).await;
    rig.accounts.refuses.store(true, std::sync::atomic::Ordering::SeqCst);
    let begun = client.post("/users/me/factors/totp", ()).await.expect(200).json;
    let app = super::rig::App::of(&begun, &rig.clock);
    let body = json!({ "pending_token": begun["pending_token"], "code": app.code() });
    let reply = client.post("/users/me/factors/totp/confirm", body).await.expect(409);
    assert_eq!((&reply.json["detail"], kinds(&rig).await), (&json!("NO_APPS"), Vec::new()));
    rig.accounts.refuses.store(false, std::sync::atomic::Ordering::SeqCst);
    rig.add_app(&client).await;
}

#[tokio::test]
async fn mf9_the_first_factor_ends_the_other_sessions_and_raises_its_own() {
    let rig = Rig::new();
    let client = rig.logged_in(EMAIL).await;
    let others = [rig.client(), rig.client()];
    for other in &others {
        other.login("bearer", EMAIL, PASSWORD).await.expect(200);
    }
    rig.add_app(&client).await;
    for other in &others {
        other.get("/users/me").await.expect(401);
    }
    let sessions = client.get("/users/me/sessions").await.expect(200).json;
    assert_eq!((sessions.as_array().unwrap().len(), &sessions[0]["amr"]), (1, &json!(["mfa", "otp", "pwd"])));

    // A second one ends nothing, and brings no codes.
    let (_, added) = rig.add_app(&client).await;
    assert_eq!(added["recovery_codes"], json!(null));
    assert_eq!(kinds(&rig).await, ["recovery", "totp", "totp"]);
    client.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn mf9_a_superuser_removes_all_factors_and_every_session_ends() {
    let rig = Rig::new();
    let (client, ..) = rig.with_app().await;
    let id = client.get("/users/me").await.json["id"].as_str().unwrap().to_owned();
    client.delete(&format!("/users/{id}/factors")).await.expect(403);
    let root = rig.user("root@example.com").await;
    rig.accounts.set_superuser(&Admin::system("test"), &root.id, true, &Context::default()).await.unwrap();
    let admin = rig.client();
    admin.login("bearer", "root@example.com", PASSWORD).await.expect(200);
    rig.heard();
    admin.delete(&format!("/users/{id}/factors")).await.expect(204);
    assert_eq!((rig.heard(), kinds(&rig).await), (vec!["removed totp".to_owned()], Vec::new()));
    client.get("/users/me").await.expect(401);
    rig.client().login("bearer", EMAIL, PASSWORD).await.expect(200);
    admin.delete(&format!("/users/{id}/factors")).await.expect(404);
    admin.delete("/users/none/factors").await.expect(404);
}

#[tokio::test]
async fn mf12_no_factor_is_added_before_the_address_is_verified() {
    let rig = Rig::new();
    let client = rig.client();
    client.register(EMAIL, PASSWORD).await.expect(201);
    client.login("bearer", EMAIL, PASSWORD).await.expect(200);
    let reply = client.post("/users/me/factors/totp", ()).await.expect(400);
    assert_eq!(reply.json["detail"], "FACTOR_NOT_VERIFIED");

    // Nor if it stops being verified meanwhile.
    let user = rig.accounts.get_by_email(&EmailAddress::parse(EMAIL).unwrap()).await.unwrap().unwrap();
    let verified = async |is: bool| {
        let update = crate::user::AdminUpdate { is_verified: Some(is), ..Default::default() };
        rig.accounts.update_user(&Admin::system("test"), &user.id, update, &Context::default()).await.unwrap();
    };
    verified(true).await;
    let begun = client.post("/users/me/factors/totp", ()).await.expect(200).json;
    let app = super::rig::App::of(&begun, &rig.clock);
    verified(false).await;
    let body = json!({ "pending_token": begun["pending_token"], "code": app.code() });
    let reply = client.post("/users/me/factors/totp/confirm", body).await.expect(400);
    assert_eq!((&reply.json["detail"], kinds(&rig).await), (&json!("FACTOR_NOT_VERIFIED"), Vec::new()));
}

#[tokio::test]
async fn a_user_has_at_most_twenty_factors() {
    let rig = Rig::new();
    let client = rig.logged_in(EMAIL).await;
    for _ in 0..20 {
        rig.add_app(&client).await;
    }
    let reply = client.post("/users/me/factors/totp", ()).await.expect(400);
    assert_eq!(reply.json["detail"], "FACTOR_LIMIT");
}

#[test]
fn an_issuer_is_a_name() {
    for issuer in ["", " ", "a:b", "a\nb", &"x".repeat(65)] {
        let engine = Engine::<MemoryStore>::new(MemoryStore::new()).with(Totp::new(issuer));
        assert!(engine.unwrap_err().to_string().contains("the issuer must have 1 to 64 characters"), "{issuer:?}");
    }
    let twice = Engine::<MemoryStore>::new(MemoryStore::new()).with(Totp::new("Shop")).unwrap().with(Totp::new("Shop"));
    assert!(twice.unwrap_err().to_string().contains("the part `totp` is added twice"));
}
