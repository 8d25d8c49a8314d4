//! What the presets believe, and what they refuse.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Map, json};

use super::*;
use crate::federation::{issuer::is_guid, secret::apple_name};

const TENANT: &str = "9d5c0c9e-0c64-4b3c-9f70-1f9c5b0a1e11";

fn claims(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn o5_the_issuer_of_a_tenant_is_the_one_that_its_token_names() {
    let issuer = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let other = "11111111-2222-3333-4444-555555555555";
    let (all, some) = (Issuer::Tenants(None), Issuer::Tenants(Some(vec![TENANT.into()])));
    for (issuer_claim, tid, expected) in [
        (issuer(TENANT), TENANT, [true, true]),
        (issuer(other), other, [true, false]),
        (issuer(TENANT), other, [false, false]),
        (issuer("common"), "common", [false, false]),
        (issuer("{tenantid}"), "{tenantid}", [false, false]),
        (format!("https://evil.example/{TENANT}/v2.0"), TENANT, [false, false]),
    ] {
        let claims = claims(json!({ "iss": issuer_claim, "tid": tid }));
        assert_eq!([all.has_issued(&claims), some.has_issued(&claims)], expected, "{claims:?}");
    }
    assert!(!all.has_issued(&claims(json!({ "tid": TENANT }))));
    assert!(all.is_named("https://login.microsoftonline.com/{tenantid}/v2.0"));
    assert!(is_guid(TENANT) && !is_guid(&TENANT.to_uppercase()) && !is_guid("9d5c0c9e0c644b3c9f701f9c5b0a1e11"));
}

#[test]
fn a_configuration_that_would_be_unsafe_is_refused() {
    let secret = || ClientSecret::new("0123456789");
    let good = Provider::microsoft(Tenant::id(TENANT), "id", secret()).trust_email().link_by_email();
    assert_eq!(good.faults(false), [""; 0]);
    for (provider, words) in [
        (Provider::microsoft(Tenant::all(), "id", secret()).link_by_email(), "name the tenants"),
        (Provider::microsoft(Tenant::all(), "id", secret()).trust_email(), "name the tenants"),
        (Provider::google("", secret()), "client id is empty"),
        (Provider::google("id", ClientSecret::new("short")), "less than 8 bytes"),
        (Provider::google("id", ClientSecret::env("A_VARIABLE_NOT_DEFINED")), "A_VARIABLE_NOT_DEFINED is not set"),
        (Provider::google("id", secret()).named("associate"), "another route"),
        (Provider::google("id", secret()).named("Google"), "as the name"),
        (Provider::google("id", secret()).parameter("redirect_uri", "https://evil.example"), "redirect_uri"),
        (Provider::google("id", secret()).parameter("request_uri", "https://evil.example"), "request_uri"),
        (Provider::google("id", secret()).redirect_uri("https://shop.example/back?a=b"), "without a query"),
        (Provider::google("id", secret()).associate_redirect_uri("/back"), "without a query"),
        (Provider::oidc("corp", "http://id.corp.example", "id", secret()), "not an https URL"),
        (Provider::github("id", secret()).dangerous_without_pkce(), "nothing binds"),
        (Provider::google("id", secret()).dangerous_without_pkce().nonce_may_be_missing(), "nothing binds"),
        (Provider::apple("id", AppleKey::new("team", "key", ClientSecret::new("not a PEM"))), "not the PEM"),
    ] {
        let faults = provider.faults(false).join("\n");
        assert!(faults.contains(words), "{faults:?} does not say {words:?}");
    }
}

#[test]
fn the_names_are_those_that_fastapi_users_has_stored() {
    let secret = || ClientSecret::new("0123456789");
    let names = [
        Provider::google("id", secret()),
        Provider::github("id", secret()),
        Provider::microsoft(Tenant::id(TENANT), "id", secret()),
        Provider::gitlab("id", secret()),
        Provider::discord("id", secret()),
    ]
    .map(|provider| provider.name().to_owned());
    assert_eq!(names, ["google", "github", "microsoft", "gitlab", "discord"]);
}

#[test]
fn apple_says_a_name_once_and_unsigned() {
    let sent = r#"{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"eve@example.com"}"#;
    assert_eq!(apple_name(sent).as_deref(), Some("Ada Lovelace"));
    for nothing in ["", "{}", r#"{"name":"Ada"}"#, r#"{"name":{"firstName":""}}"#] {
        assert_eq!(apple_name(nothing), None, "{nothing}");
    }
}

#[test]
fn apples_secret_is_a_token_of_five_minutes() {
    let pem = "-----BEGIN PRIVATE KEY-----\n\
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVYLFnQiWorN6K0wI\n\
        xquwsb2yVng4VtGzKGJ9+l/AhYOhRANCAATuULgJn+lLM7tb6iHsokJh6sgihweu\n\
        n7ASzB/ClaYW2Y/4ZKObp/1F4QyB5nmoamNj4TClSPj0DJmBJ2ovZxzz\n\
        -----END PRIVATE KEY-----\n";
    let key = AppleKey::new("TEAM", "KEY", ClientSecret::new(pem));
    assert_eq!(key.fault(), None);
    let token = key.secret("com.example.shop", Timestamp::from_second(1_800_000_000).unwrap()).unwrap();
    let part = |at: usize| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap()).unwrap()
    };
    assert_eq!(part(0), json!({ "alg": "ES256", "kid": "KEY" }));
    let expected = json!({
        "iss": "TEAM", "iat": 1_800_000_000, "exp": 1_800_000_300, "aud": APPLE, "sub": "com.example.shop",
    });
    assert_eq!(part(1), expected);
}
