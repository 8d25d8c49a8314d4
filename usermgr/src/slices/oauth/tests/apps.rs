//! One-time codes: an application gets what a browser has signed in for, once, and only the one that has begun.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::rig::{Refused as _, Rig};
use crate::{
    oauth::{OAuth, Provider},
    prelude::*,
    testing::{Client, Reply},
};

const VERIFIER: &str = "a verifier of an application, which has 43 characters or more";
const URI: &str = "com.example.shop:/signed-in";

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

fn rig() -> Rig {
    Rig::with_oauth(Provider::keep_tokens, |oauth| oauth.app(URI).app("http://127.0.0.1/in").error_to("/failed"))
}

fn begin(uri: &str) -> String {
    format!("/auth/corp/start?return_to={uri}&code_challenge={}", challenge())
}

/// The browser of the system: begins, comes back, and is sent to the application.
async fn sent(rig: &Rig, browser: &Client, uri: &str, subject: &str) -> String {
    // An application has the system open the URL, so that no page has sent the browser.
    let begun = browser.get(&begin(uri)).header("sec-fetch-site", "none").await.expect(303);
    let back = browser.get(&rig.corp.consent(begun.header("location").unwrap(), subject)).await.expect(303);
    back.header("location").unwrap().to_owned()
}

fn code_of(location: &str) -> &str {
    location.split_once("?code=").unwrap_or_else(|| panic!("{location}")).1
}

async fn exchange(app: &Client, code: &str, verifier: &str) -> Reply {
    app.post("/auth/bearer/exchange", json!({ "code": code, "code_verifier": verifier })).await
}

#[tokio::test]
async fn o2_an_application_gets_a_session_for_its_code_and_the_browser_gets_none() {
    let rig = rig();
    let (browser, app) = (rig.browser(), rig.browser());
    for uri in [URI, "http://127.0.0.1:4711/in"] {
        let location = sent(&rig, &browser, uri, "ada").await;
        assert!(location.starts_with(&format!("{uri}?code=")), "{location}");
        assert!(browser.get("/users/me").await.status == 401, "the browser is not logged in");
        let reply = exchange(&app, code_of(&location), VERIFIER).await.expect(200);
        let token = reply.json["access_token"].as_str().unwrap();
        let me = app.get("/users/me").header("authorization", &format!("Bearer {token}")).await.expect(200).json;
        assert_eq!(me["email"], "ada@example.com");
    }
    // What the provider has given is kept, as after a sign-in in a browser.
    let (ada, cx) = (rig.ada().await, Context::default());
    let identity = rig.accounts.identities(&ada, &cx).await.unwrap().remove(0).id;
    let token = rig.accounts.provider_token(&ada, &identity, &cx).await.unwrap();
    assert!(rig.corp.access_tokens().contains(&token.expose().to_owned()));
    assert_eq!(rig.heard()[..3], ["registered ada@example.com", "came from corp", "logged in ada"]);
    let claims = rig.accounts.claims.lock().unwrap().clone().unwrap();
    assert_eq!((claims.provider.as_str(), claims.raw["email"].as_str()), ("corp", Some("ada@example.com")));
}

#[tokio::test]
async fn o1_a_code_works_once_for_a_minute_and_with_its_verifier_alone() {
    let rig = rig();
    let (browser, app) = (rig.browser(), rig.browser());
    let location = sent(&rig, &browser, URI, "ada").await;
    exchange(&app, code_of(&location), VERIFIER).await.expect(200);
    exchange(&app, code_of(&location), VERIFIER).await.expect_detail(400, "OAUTH_INVALID_CODE");
    // A wrong verifier uses the code up.
    let location = sent(&rig, &browser, URI, "ada").await;
    exchange(&app, code_of(&location), &challenge()).await.expect_detail(400, "OAUTH_INVALID_CODE");
    exchange(&app, code_of(&location), VERIFIER).await.expect_detail(400, "OAUTH_INVALID_CODE");
    // It is for the backend that was named.
    let location = sent(&rig, &browser, URI, "ada").await;
    let body = json!({ "code": code_of(&location), "code_verifier": VERIFIER });
    app.post("/auth/cookie/exchange", body).await.expect_detail(400, "OAUTH_INVALID_CODE");
    let location = sent(&rig, &browser, URI, "ada").await;
    rig.later(59);
    exchange(&app, code_of(&location), VERIFIER).await.expect(200);
    let location = sent(&rig, &browser, URI, "ada").await;
    rig.later(60);
    exchange(&app, code_of(&location), VERIFIER).await.expect_detail(400, "OAUTH_INVALID_CODE");
    for broken in ["", "x", "a\0b"] {
        exchange(&app, broken, VERIFIER).await.expect_detail(400, "OAUTH_INVALID_CODE");
    }
}

#[tokio::test]
async fn o1_of_sixteen_exchanges_of_a_code_one_is_a_login() {
    let rig = rig();
    let location = sent(&rig, &rig.browser(), URI, "ada").await;
    let exchanges = (0..16).map(|_| {
        let (app, code) = (rig.browser(), code_of(&location).to_owned());
        tokio::spawn(async move { exchange(&app, &code, VERIFIER).await.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for exchange in exchanges.collect::<Vec<_>>() {
        statuses.push(exchange.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (200, &[400; 15][..]));
}

#[tokio::test]
async fn o13_a_code_of_a_user_who_was_locked_out_or_has_reset_the_password_is_no_login() {
    let rig = rig();
    let (browser, app, cx) = (rig.browser(), rig.browser(), Context::default());
    let location = sent(&rig, &browser, URI, "ada").await;
    exchange(&app, code_of(&location), VERIFIER).await.expect(200);
    let location = sent(&rig, &browser, URI, "ada").await;
    rig.heard();
    rig.accounts.forgot_password(&rig.ada().await, &cx).await.unwrap();
    let token = rig.heard().pop().unwrap();
    let body = json!({ "token": token, "password": "another horse battery" });
    app.post("/auth/reset-password", body).await.expect(200);
    exchange(&app, code_of(&location), VERIFIER).await.expect_detail(400, "OAUTH_INVALID_CODE");
    // The reset has taken the account from the user who had not proved its address, so that another one is used.
    let location = sent(&rig, &browser, URI, "eve").await;
    let email = EmailAddress::parse("eve@example.com").unwrap();
    let eve = rig.accounts.get_by_email(&email).await.unwrap().unwrap();
    rig.accounts.set_active(&Admin::system("test"), &eve.id, false, &cx).await.unwrap();
    let refused = exchange(&app, code_of(&location), VERIFIER).await;
    assert!(["OAUTH_INVALID_CODE", "LOGIN_BAD_CREDENTIALS"].contains(&refused.json["detail"].as_str().unwrap()));
    refused.expect(400);
}

#[tokio::test]
async fn o9_an_application_is_reached_by_a_listed_uri_with_a_challenge_alone() {
    let rig = rig();
    let browser = rig.browser();
    for path in [
        begin("com.example.other:/signed-in"),
        begin("https://app.shop.example/"),
        begin("/"),
        format!("/auth/corp/start?code_challenge={}", challenge()),
        format!("/auth/corp/start?return_to={URI}"),
        format!("/auth/corp/start?return_to={URI}&code_challenge={VERIFIER}").replace(' ', "+"),
        format!("{}&backend=unknown", begin(URI)),
        format!("{}&scopes=admin", begin(URI)),
    ] {
        browser.get(&path).await.expect(422);
    }
    browser.get(&begin(URI).replace("corp", "unknown")).await.expect(404);
    // Without a challenge, a form cannot name it either.
    browser.post_form("/auth/corp/start", &[("return_to", URI), ("backend", "cookie")]).await.expect(422);
    // Errors come to the application as well.
    let begun = browser.get(&begin(URI)).await.expect(303);
    let back = browser.get(&rig.corp.deny(begun.header("location").unwrap())).await.expect(303);
    assert_eq!(back.header("location"), Some(&*format!("{URI}?error=access_denied")));
    let fault = Engine::builder(MemoryStore::new()).with(OAuth::at("https://shop.example").app("shop:/in"));
    assert!(fault.build().is_err_and(|error| error.to_string().contains("`shop:/in` is not a URI of an application")));
}

#[tokio::test]
async fn o7_a_page_of_another_site_exchanges_no_code_for_a_cookie() {
    let rig = rig();
    let begun = rig.browser();
    let first = begun.get(&format!("{}&backend=cookie", begin(URI))).await.expect(303);
    let back = begun.get(&rig.corp.consent(first.header("location").unwrap(), "ada")).await.expect(303);
    let body = json!({ "code": code_of(back.header("location").unwrap()), "code_verifier": VERIFIER });
    let visitor = rig.browser();
    let forged = visitor.post("/auth/cookie/exchange", body.clone()).header("sec-fetch-site", "cross-site");
    forged.header("origin", "https://evil.example").await.expect(403);
    rig.browser().post("/auth/cookie/exchange", body).await.expect(204);
    rig.browser().post("/auth/unknown/exchange", json!({})).await.expect(404);
    rig.browser().post("/auth/bearer/exchange", json!({ "code": 1 })).await.expect(422);
}
