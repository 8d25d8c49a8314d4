//! ID tokens of applications: each is for a nonce of ours, for a listed client, and for one sign-in.

use serde_json::{Value, json};

use super::rig::{Refused as _, Rig};
use crate::{
    oauth::{ClientSecret, OAuth2, Provider},
    testing::{Client, Reply},
};

const APP: &str = "com.example.shop";

fn rig() -> Rig {
    Rig::with(|provider| provider.native([APP]), |engine| engine)
}

/// A nonce and its state.
async fn nonce(app: &Client) -> (String, String) {
    let begun = app.post("/auth/corp/nonce", json!({})).await.expect(200).json;
    (begun["nonce"].as_str().unwrap().to_owned(), begun["state"].as_str().unwrap().to_owned())
}

async fn sign_in(app: &Client, state: &str, id_token: &str) -> Reply {
    app.post("/auth/bearer/native", json!({ "state": state, "id_token": id_token })).await
}

#[tokio::test]
async fn o3_an_application_signs_in_with_its_id_token_once() {
    let rig = rig();
    let app = rig.browser();
    for client in [APP, "a client"] {
        let (nonce, state) = nonce(&app).await;
        let token = rig.corp.sign_in_on_device("ada", client, &nonce);
        let reply = sign_in(&app, &state, &token).await.expect(200);
        let access = format!("Bearer {}", reply.json["access_token"].as_str().unwrap());
        let me = app.get("/users/me").header("authorization", &access).await.expect(200).json;
        assert_eq!(me["email"], "ada@example.com");
        sign_in(&app, &state, &token).await.expect_detail(400, "OAUTH_INVALID_STATE");
    }
    assert_eq!(rig.heard()[..3], ["registered ada@example.com", "came from corp", "logged in ada"]);
    assert!(!rig.corp.calls().contains(&"/token".to_owned()), "no code was exchanged");
}

#[tokio::test]
async fn o3_a_token_for_another_client_or_nonce_is_refused_and_the_state_is_used_up() {
    let rig = rig();
    let app = rig.browser();
    type Alter = fn(&mut serde_json::Map<String, Value>);
    let wrongs: [(&str, Alter); 8] = [
        ("aud", |claims| claims["aud"] = json!("com.example.other")),
        ("aud", |claims| claims["aud"] = json!([APP, "com.example.other"])),
        ("azp", |claims| drop(claims.insert("azp".to_owned(), json!("com.example.other")))),
        ("nonce", |claims| claims["nonce"] = json!("another")),
        ("nonce", |claims| drop(claims.remove("nonce"))),
        ("exp", |claims| claims["exp"] = json!(1)),
        ("iss", |claims| claims["iss"] = json!("https://evil.example")),
        ("sub", |claims| drop(claims.remove("sub"))),
    ];
    for (what, alter) in wrongs {
        let (nonce, state) = nonce(&app).await;
        rig.corp.alter_id_tokens(move |_, claims| alter(claims));
        let wrong = rig.corp.sign_in_on_device("ada", APP, &nonce);
        sign_in(&app, &state, &wrong).await.expect_detail(400, "OAUTH_REFUSED");
        rig.corp.alter_id_tokens(|_, _| ());
        let right = rig.corp.sign_in_on_device("ada", APP, &nonce);
        sign_in(&app, &state, &right).await.expect_detail(400, "OAUTH_INVALID_STATE");
        assert!(rig.heard().is_empty(), "{what}");
    }
    // A token of a sign-in in a browser has the nonce of that browser.
    let (_, state) = nonce(&app).await;
    let stolen = rig.corp.sign_in_on_device("ada", "a client", "the nonce of a browser");
    sign_in(&app, &state, &stolen).await.expect_detail(400, "OAUTH_REFUSED");
    for token in ["", "x", "a.b.c"] {
        let (_, state) = nonce(&app).await;
        sign_in(&app, &state, token).await.expect_detail(400, "OAUTH_REFUSED");
    }
}

#[tokio::test]
async fn t6_a_state_of_an_application_is_for_no_browser_and_the_reverse() {
    let rig = rig();
    let (app, browser) = (rig.browser(), rig.browser());
    let (nonce_of_app, state_of_app) = nonce(&app).await;
    rig.callback(&browser, "corp", "ada").await;
    let path = format!("/auth/corp/callback?code=x&state={state_of_app}");
    browser.get(&path).await.expect_detail(400, "OAUTH_INVALID_STATE");
    let begun = browser.get("/auth/corp/authorize").await.expect(200).json;
    let url = begun["authorization_url"].as_str().unwrap();
    let state = url.split('&').find_map(|pair| pair.strip_prefix("state=")).unwrap();
    let token = rig.corp.sign_in_on_device("ada", APP, &nonce_of_app);
    sign_in(&app, state, &token).await.expect_detail(400, "OAUTH_INVALID_STATE");
    for broken in ["", "x", "a.b.c"] {
        sign_in(&app, broken, &token).await.expect_detail(400, "ACCESS_TOKEN_DECODE_ERROR");
    }
    rig.later(600);
    sign_in(&app, &state_of_app, &token).await.expect_detail(400, "ACCESS_TOKEN_ALREADY_EXPIRED");
}

#[tokio::test]
async fn a_provider_accepts_no_id_tokens_by_itself() {
    let rig = Rig::new();
    let app = rig.browser();
    for provider in ["corp", "forge", "unknown"] {
        app.post(&format!("/auth/{provider}/nonce"), json!({})).await.expect(404);
    }
    app.post("/auth/unknown/native", json!({})).await.expect(404);
    let forge = OAuth2::new("https://forge.example/a", "https://forge.example/t").profile("https://forge.example/me");
    let forge =
        Provider::oauth2("forge", forge.subject("/id"), "id", ClientSecret::new("a client's secret")).native([APP]);
    let oauth = crate::oauth::OAuth::at("https://shop.example").provider(forge).client(rig.corp.clone());
    let error = crate::Engine::builder(crate::MemoryStore::new()).with(oauth).build().unwrap_err();
    assert!(error.to_string().contains("OAuth 2.0 has no ID tokens"), "{error}");
}

#[tokio::test]
async fn the_name_that_apple_gives_to_an_application_is_taken_where_the_token_has_none() {
    let rig = Rig::with(|provider| provider.form_post().native([APP]), |engine| engine);
    let app = rig.browser();
    let (nonce_of_app, state) = nonce(&app).await;
    let token = rig.corp.sign_in_on_device("ada", APP, &nonce_of_app);
    let body = json!({ "state": state, "id_token": token, "name": "Ada Lovelace" });
    app.post("/auth/bearer/native", body).await.expect(200);
    let claims = rig.accounts.claims.lock().unwrap().clone().unwrap();
    assert_eq!(claims.raw["name"], "Ada Lovelace");
    let (_, state) = nonce(&app).await;
    for name in [json!("x".repeat(256)), json!("a\0b"), json!(1)] {
        let body = json!({ "state": state, "id_token": token, "name": name });
        app.post("/auth/bearer/native", body).await.expect(422);
    }
}

#[tokio::test]
async fn o7_a_page_of_another_site_signs_no_visitor_in_with_an_id_token() {
    let rig = rig();
    let app = rig.browser();
    let (nonce, state) = nonce(&app).await;
    let body = json!({ "state": state, "id_token": rig.corp.sign_in_on_device("eve", APP, &nonce) });
    let forged = app.post("/auth/cookie/native", body.clone()).header("sec-fetch-site", "cross-site");
    forged.header("origin", "https://evil.example").await.expect(403);
    app.post("/auth/cookie/native", body).await.expect(204);
}
