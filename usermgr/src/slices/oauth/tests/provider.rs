//! Providers that fail, lie and rotate.

use serde_json::json;

use super::rig::Rig;
use crate::{
    limits::{Limit, Limits},
    testing::{Client, FakeFailure},
};

#[tokio::test]
async fn o11_a_refusal_is_a_code_and_the_state_is_used_up() {
    let rig = Rig::new();
    for (query, detail) in [
        ("error=access_denied&error_description=%3Cscript%3E", "access_denied"),
        ("error=%3Cscript%3E", "Bad Request"),
        ("error=access_denied&code=x", "access_denied"),
        ("code=", "OAUTH_REFUSED"),
        ("", "OAUTH_REFUSED"),
        ("code=wrong", "OAUTH_REFUSED"),
    ] {
        let browser = rig.browser();
        let callback = rig.callback(&browser, "corp", "ada").await;
        let state = callback.split('&').find(|pair| pair.starts_with("state=")).unwrap();
        let path = format!("/auth/corp/callback?{query}&{state}&iss=https://id.corp.example").replace("?&", "?");
        let refused = browser.get(&path).await.expect(400);
        assert_eq!(refused.json["detail"], detail, "{query}");
        let again = browser.get(&callback).await.expect(400);
        assert_eq!(again.json["detail"], "OAUTH_INVALID_STATE", "{query}");
    }
}

#[tokio::test]
async fn o4_the_issuer_of_the_answer_is_ours() {
    let rig = Rig::new();
    for iss in ["", "&iss=https://evil.example", "&iss=https://id.corp.example/"] {
        let browser = rig.browser();
        let callback = rig.callback(&browser, "corp", "ada").await;
        let (path, _) = callback.split_once("&iss=").unwrap();
        let refused = browser.get(&format!("{path}{iss}")).await.expect(400);
        assert_eq!(refused.json["detail"], "OAUTH_REFUSED", "{iss:?}");
    }
    assert!(!rig.corp.calls().contains(&"/token".to_owned()));
    // A provider that does not announce it need not send it.
    let rig = Rig::new();
    rig.corp.publish("authorization_response_iss_parameter_supported", false);
    let browser = rig.browser();
    let callback = rig.callback(&browser, "corp", "ada").await;
    browser.get(callback.split_once("&iss=").unwrap().0).await.expect(200);
}

#[tokio::test]
async fn o3_a_token_of_another_issuer_or_flow_is_refused() {
    for (claim, value) in [
        ("iss", json!("https://id.corp.example/")),
        ("iss", json!(["https://id.corp.example"])),
        ("iss", json!(null)),
        ("nonce", json!("another")),
        ("aud", json!("another client")),
        ("sub", json!("")),
    ] {
        let rig = Rig::new();
        rig.corp.alter_id_tokens(move |_, claims| {
            claims.insert(claim.to_owned(), value.clone());
        });
        let refused = rig.sign_in(&rig.browser(), "corp", "ada").await.expect(400);
        assert_eq!(refused.json["detail"], "OAUTH_REFUSED", "{claim}");
    }
}

#[tokio::test]
async fn o6_address_and_flag_are_of_one_document() {
    let rig = Rig::new();
    rig.corp.address_in_userinfo();
    let browser = rig.browser();
    rig.sign_in(&browser, "corp", "ada").await.expect(200);
    assert_eq!(browser.get("/users/me").await.json["email"], "ada@example.com", "only user info has it");
    assert!(rig.corp.calls().contains(&"/userinfo".to_owned()));
    // User info of another account.
    let rig = Rig::new();
    rig.corp.address_in_userinfo();
    rig.corp.person("ada", json!({ "sub": "eve", "email": "eve@example.com", "email_verified": true }));
    rig.corp.alter_id_tokens(|_, claims| {
        claims.insert("sub".to_owned(), json!("ada"));
    });
    rig.sign_in(&rig.browser(), "corp", "ada").await.expect(400);
    // A flag in the ID token says nothing about an address in user info.
    let rig = Rig::with(|provider| provider.trust_email(), |engine| engine);
    rig.corp.address_in_userinfo();
    rig.corp.person("ada", json!({ "email": "ada@example.com" }));
    rig.corp.alter_id_tokens(|_, claims| {
        claims.insert("email_verified".to_owned(), json!(true));
    });
    let browser = rig.browser();
    rig.sign_in(&browser, "corp", "ada").await.expect(200);
    assert_eq!(browser.get("/users/me").await.json["is_verified"], false);
    // Nor does it stand beside that address in what hooks read.
    let seen = rig.accounts.claims.lock().unwrap().clone().unwrap();
    assert_eq!((seen.raw.get("email"), seen.raw.get("email_verified")), (Some(&json!("ada@example.com")), None));
}

#[tokio::test]
async fn keys_are_replaced_while_the_server_runs() {
    let rig = Rig::new();
    for _ in 0..3 {
        rig.sign_in(&rig.browser(), "corp", "ada").await.expect(200);
        rig.corp.rotate_keys();
    }
    // A thousand tokens with invented keys cause three calls, and one more every ten seconds.
    let calls = || rig.corp.calls().iter().filter(|path| *path == "/keys").count();
    let before = calls();
    rig.corp.alter_id_tokens(|header, _| {
        header.insert("kid".to_owned(), json!("invented"));
    });
    for _ in 0..20 {
        rig.sign_in(&rig.browser(), "corp", "ada").await.expect(400);
    }
    assert!(calls() - before <= 3, "{}", calls() - before);
}

#[tokio::test]
async fn a_provider_that_is_down_is_a_503_and_comes_back() {
    let rig = Rig::new();
    let discovery = "/.well-known/openid-configuration";
    rig.corp.fail(discovery, FakeFailure::Mute);
    let down = rig.browser().get("/auth/corp/authorize").await.expect(503);
    assert_eq!(down.json["detail"], "OAUTH_PROVIDER_UNAVAILABLE");
    assert!(down.header("retry-after").is_some());
    rig.browser().get("/auth/corp/authorize").await.expect(503);
    let asked = rig.corp.calls().iter().filter(|path| *path == discovery).count();
    assert_eq!(asked, 1, "the second one was answered at once");
    rig.registered("alan@example.com").await;
    rig.corp.heal();
    rig.later(2);
    rig.sign_in(&rig.browser(), "corp", "ada").await.expect(200);
}

#[tokio::test]
async fn o11_what_a_provider_answers_is_never_our_500() {
    for (failure, status) in [
        (FakeFailure::Answer(500, "<h1>".into()), 503),
        (FakeFailure::Answer(503, String::new()), 503),
        (FakeFailure::Answer(429, String::new()), 503),
        (FakeFailure::Mute, 503),
        (FakeFailure::Answer(200, "<h1>".into()), 400),
        (FakeFailure::Answer(200, String::new()), 400),
        (FakeFailure::Answer(200, "{}".into()), 400),
        (FakeFailure::Answer(200, "[]".into()), 400),
        (FakeFailure::Answer(200, r#"{"error":"bad_verification_code"}"#.into()), 400),
        (FakeFailure::Answer(200, r#"{"access_token":"a","token_type":"mac"}"#.into()), 400),
        (FakeFailure::Answer(200, "x".repeat(300_000)), 400),
        (FakeFailure::Answer(302, String::new()), 400),
        (FakeFailure::Answer(401, String::new()), 400),
    ] {
        for path in ["/token", "/keys"] {
            let rig = Rig::new();
            rig.corp.fail(path, failure.clone());
            let reply = rig.sign_in(&rig.browser(), "corp", "ada").await;
            assert_eq!(reply.status.as_u16(), status, "{path}: {failure:?}");
            assert!(!reply.text().contains("<h1>"));
        }
    }
}

#[tokio::test]
async fn providers_are_listed_for_buttons() {
    let rig = Rig::new();
    let listed = rig.browser().get("/auth/providers").await.expect(200).json;
    assert_eq!(listed, json!([{ "name": "corp", "label": "corp" }, { "name": "forge", "label": "forge" }]));
}

#[tokio::test]
async fn o11_refusals_count_for_their_network() {
    let limits = Limits::default().wrong_secrets_per_network(Limit::new(3));
    let rig = Rig::with(|provider| provider, |engine| engine.limits(limits));
    let browser = || rig.browser().peer([192, 0, 2, 1]);
    let refuse = async |callback: &str, browser: &Client| {
        let state = callback.split('&').find(|pair| pair.starts_with("state=")).unwrap();
        browser.get(&format!("/auth/corp/callback?error=access_denied&{state}")).await
    };
    for _ in 0..3 {
        let browser = browser();
        refuse(&rig.callback(&browser, "corp", "ada").await, &browser).await.expect(400);
    }
    let browser = browser();
    let callback = rig.callback(&browser, "corp", "ada").await;
    refuse(&callback, &browser).await.expect(429);
    // No row was written: the state is not used up.
    rig.later(30);
    browser.get(&callback).await.expect(200);
}
