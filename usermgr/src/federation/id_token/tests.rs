//! One mutation of a good token each: every one is refused, and for the right reason.

use serde_json::json;

use super::*;
use crate::{
    federation::keys::RemoteKeys,
    testing::fake_provider::{jwk, sign, sign_text},
};

const NOW: i64 = 1_800_000_000;

fn claims() -> Value {
    json!({
        "iss": "https://op.example", "aud": "shop", "sub": "ada", "exp": NOW + 300, "iat": NOW, "nonce": "n",
        "at_hash": half_hash("an access token", Algorithm::ES256),
    })
}

fn header() -> Value {
    json!({ "alg": "ES256", "kid": "key-0" })
}

fn keys() -> RemoteKeys {
    let broken = json!({ "kid": 7, "kty": "RSA" });
    let symmetric = json!({ "kty": "oct", "kid": "oct", "k": URL_SAFE_NO_PAD.encode("secret") });
    let small = json!({ "kty": "RSA", "kid": "small", "n": URL_SAFE_NO_PAD.encode([0xff; 128]), "e": "AQAB" });
    let keys = json!({ "keys": [broken, symmetric, small, jwk(0), jwk(1)] });
    RemoteKeys::read(keys.as_object().unwrap()).unwrap()
}

fn judge(token: &str) -> Result<Map<String, Value>, String> {
    let expected = Expected {
        clients: &["shop"],
        nonce: "n",
        nonce_may_be_missing: false,
        access_token: Some("an access token"),
        now: Timestamp::from_second(NOW).unwrap(),
        leeway: Duration::from_secs(60),
    };
    let judged = || {
        let token = Unverified::read(token)?;
        let key = keys().find(token.key_id.as_deref(), token.algorithm).ok_or_else(|| wrong("no key"))?;
        let claims = token.verified_by(&key)?;
        expected.judge(&claims, token.algorithm)?;
        Ok(claims)
    };
    judged().map_err(|error: ProviderError| error.to_string())
}

fn refuses(token: &str, what: &str) {
    let refused = judge(token).expect_err(what);
    assert!(refused.ends_with(&format!(": {what}")), "{refused}, expected {what}");
}

#[test]
fn o3_a_good_token_is_accepted() {
    assert_eq!(judge(&sign(0, &header(), &claims())).unwrap()["sub"], "ada");
    let mut several = claims();
    several["aud"] = json!(["shop", "other"]);
    several["azp"] = json!("shop");
    assert!(judge(&sign(0, &header(), &several)).is_ok());
    let mut late = claims();
    late["exp"] = json!(NOW - 59);
    late["nbf"] = json!(NOW + 60);
    assert!(judge(&sign(0, &header(), &late)).is_ok(), "the provider's clock may differ by a minute");
}

#[test]
fn o3_each_claim_is_checked() {
    let rows: &[(&str, Value)] = &[
        ("aud", json!("other")),
        ("aud", json!([])),
        ("aud", json!(["other"])),
        ("aud", json!({ "shop": 1 })),
        ("aud", json!("Shop")),
        ("aud", json!(null)),
        ("azp", json!("other")),
        ("azp", json!(null)),
        ("azp", json!(["shop"])),
        ("exp", json!(NOW - 60)),
        ("exp", json!("1900000000")),
        ("exp", json!(1e300)),
        ("exp", json!(-1)),
        ("exp", json!(null)),
        ("iat", json!(NOW + 61)),
        ("iat", json!(NOW - 660)),
        ("iat", json!("now")),
        ("iat", json!(null)),
        ("nbf", json!(NOW + 61)),
        ("nbf", json!("x")),
        ("nbf", json!(null)),
        ("nonce", json!("m")),
        ("nonce", json!("")),
        ("nonce", json!(["n"])),
        ("nonce", json!(null)),
        ("at_hash", json!("AAAA")),
        ("at_hash", json!("")),
        ("at_hash", json!(null)),
        ("sub", json!("")),
        ("sub", json!(7)),
        ("sub", json!(null)),
        ("sub", json!("x".repeat(256))),
    ];
    for (claim, value) in rows {
        let mut claims = claims();
        claims[*claim] = value.clone();
        refuses(&sign(0, &header(), &claims), claim);
    }
    for claim in ["aud", "exp", "iat", "nonce", "sub"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(claim);
        refuses(&sign(0, &header(), &claims), claim);
    }
    let mut several = claims();
    several["aud"] = json!(["shop", "other"]);
    refuses(&sign(0, &header(), &several), "azp");
}

#[test]
fn o3_each_header_is_checked() {
    for (what, header) in [
        ("alg", json!({ "alg": "none" })),
        ("alg", json!({ "alg": "None", "kid": "key-0" })),
        ("alg", json!({ "alg": "es256", "kid": "key-0" })),
        ("alg", json!({ "alg": "HS256", "kid": "oct" })),
        ("alg", json!({ "alg": "HS256", "kid": "key-0" })),
        ("alg", json!({ "kid": "key-0" })),
        ("no key", json!({ "alg": "ES384", "kid": "key-0" })),
        ("no key", json!({ "alg": "RS256", "kid": "small" })),
        ("no key", json!({ "alg": "ES256" })),
        ("no key", json!({ "alg": "ES256", "kid": "zz", "jwk": jwk(0) })),
        ("no key", json!({ "alg": "ES256", "kid": "zz", "jku": "https://evil.example/keys" })),
        ("signature", json!({ "alg": "ES256", "kid": "key-1" })),
        ("crit", json!({ "alg": "ES256", "kid": "key-0", "crit": ["b64"] })),
        ("kid", json!({ "alg": "ES256", "kid": 1 })),
    ] {
        refuses(&sign(0, &header, &claims()), what);
    }
}

#[test]
fn o3_a_token_has_one_shape() {
    let good = sign(0, &header(), &claims());
    let (message, _) = good.rsplit_once('.').unwrap();
    for bad in [
        good.replace('.', ".="),
        format!("{good}."),
        format!("{good}="),
        good[..good.len() - 4].to_owned(),
        message.to_owned(),
        format!("{message}."),
        String::new(),
        "..".into(),
        "a.b.c.d.e".into(),
        "x".repeat(LONGEST + 1),
    ] {
        assert!(judge(&bad).is_err(), "{bad}");
    }
    let twice = claims().to_string().replacen("\"sub\":\"ada\"", "\"sub\":\"ada\",\"sub\":\"eve\"", 1);
    assert!(twice.contains("eve"));
    refuses(&sign_text(0, &header().to_string(), &twice), "claims");
    let twice = header().to_string().replacen('{', "{\"alg\":\"none\",", 1);
    refuses(&sign_text(0, &twice, &claims().to_string()), "header");
}

#[test]
fn o3_one_key_needs_no_name() {
    let alone = RemoteKeys::read(json!({ "keys": [jwk(0)] }).as_object().unwrap()).unwrap();
    assert!(alone.find(None, Algorithm::ES256).is_some());
    assert!(keys().find(None, Algorithm::ES256).is_none(), "two of them fit");
}
