//! Key pairs: which keys are accepted, and which tokens they open.

use serde_json::{Value, json};

use super::*;

macro_rules! pem {
    ($name:literal) => {
        include_bytes!(concat!("test-keys/", $name, ".pem"))
    };
}

/// Returns a signing key of each algorithm, with its public half.
fn pairs() -> Vec<(SigningKey, VerifyingKey)> {
    vec![
        (SigningKey::es256("es", pem!("es256")), VerifyingKey::es256("es", pem!("es256.pub"))),
        (SigningKey::eddsa("ed", pem!("ed25519")), VerifyingKey::eddsa("ed", pem!("ed25519.pub"))),
        #[cfg(feature = "aws-lc")]
        (SigningKey::rs256("rs", pem!("rsa2048")), VerifyingKey::rs256("rs", pem!("rsa2048.pub"))),
    ]
}

fn keys(set: KeySet) -> Keys {
    set.into_keys("at+jwt").unwrap_or_else(|error| panic!("{error}"))
}

fn fault(set: KeySet) -> String {
    set.into_keys("at+jwt").expect_err("this set is refused").to_string()
}

fn claims() -> Value {
    json!({ "sub": "1" })
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Returns a token with this header, signed by the current key whatever the header says.
fn signed(keys: &Keys, header: &Value) -> String {
    let message = format!("{}.{}", part(header), part(&claims()));
    let signature = keys.current.sign(message.as_bytes()).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(&*signature))
}

#[test]
fn j5_every_algorithm_signs_and_its_public_half_opens_until_it_is_taken_out() {
    for (at, (private, public)) in pairs().into_iter().enumerate() {
        let old = keys(KeySet::new(private));
        let token = old.sign(&claims()).unwrap();
        assert_eq!(old.open::<Value>(&token).unwrap(), claims());
        let next = || SigningKey::eddsa("next", pem!("ed25519"));
        let rotated = keys(KeySet::new(next()).previous(public));
        assert_eq!(rotated.open::<Value>(&token).unwrap(), claims(), "{at}");
        assert!(rotated.open::<Value>(&rotated.sign(&claims()).unwrap()).is_some());
        assert!(keys(KeySet::new(next())).open::<Value>(&token).is_none(), "{at}");
    }
}

#[test]
fn j1_the_algorithm_is_the_keys_and_never_the_headers() {
    for (private, _) in pairs() {
        let keys = keys(KeySet::new(private));
        let (id, algorithm) = (keys.current.id.clone(), format!("{:?}", keys.current.algorithm));
        let header = |alg: &str| json!({ "alg": alg, "typ": "at+jwt", "kid": id });
        assert!(keys.open::<Value>(&signed(&keys, &header(&algorithm))).is_some());
        for other in
            ["none", "None", "HS256", "HS512", "RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA", "es256", ""]
        {
            if other != algorithm {
                assert!(keys.open::<Value>(&signed(&keys, &header(other))).is_none(), "{algorithm} as {other}");
            }
        }
    }
}

#[test]
fn j1_a_public_key_is_no_secret() {
    let ours = keys(KeySet::new(SigningKey::es256("es", pem!("es256"))));
    for secret in [&pem!("es256.pub")[..], pem!("es256.pub").trim_ascii()] {
        let forger = Key {
            id: "es".into(),
            algorithm: Algorithm::HS256,
            encoding: Some(EncodingKey::from_secret(secret)),
            decoding: DecodingKey::from_secret(secret),
        };
        let forger = Keys::new("at+jwt", forger, Vec::new());
        let token = forger.sign(&claims()).unwrap();
        assert!(forger.open::<Value>(&token).is_some() && ours.open::<Value>(&token).is_none());
    }
}

#[test]
fn j2_a_key_is_found_by_its_name_and_no_other_is_tried() {
    let ours = keys(
        KeySet::new(SigningKey::es256("a", pem!("es256"))).previous(VerifyingKey::eddsa("b", pem!("ed25519.pub"))),
    );
    for kid in [json!("b"), json!("c"), json!(""), Value::Null] {
        let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid });
        assert!(ours.open::<Value>(&signed(&ours, &header)).is_none(), "{kid}");
    }
    let theirs = keys(KeySet::new(SigningKey::eddsa("a", pem!("ed25519"))));
    assert!(ours.open::<Value>(&theirs.sign(&claims()).unwrap()).is_none(), "another key of the same name");
}

#[test]
fn x14_wrong_key_material_is_refused_and_never_shown() {
    let wrong: Vec<(&str, SigningKey)> = vec![
        ("nothing", SigningKey::es256("k", "")),
        ("no PEM", SigningKey::es256("k", "canary")),
        ("a public key", SigningKey::es256("k", pem!("es256.pub"))),
        ("another curve", SigningKey::es256("k", pem!("p384"))),
        ("another kind", SigningKey::es256("k", pem!("ed25519"))),
        ("another kind", SigningKey::eddsa("k", pem!("es256"))),
        ("a public key", SigningKey::eddsa("k", pem!("ed25519.pub"))),
        ("cut off", SigningKey::eddsa("k", &pem!("ed25519")[..60])),
        #[cfg(feature = "aws-lc")]
        ("too short", SigningKey::rs256("k", pem!("rsa1024"))),
        #[cfg(feature = "aws-lc")]
        ("another kind", SigningKey::rs256("k", pem!("es256"))),
    ];
    for (what, key) in wrong {
        let text = fault(KeySet::new(key));
        assert!(text.contains("the signing key `k` is not the PEM of a private key for "), "{what}: {text}");
        assert!(!text.contains("canary") && !text.contains("BEGIN"), "{text}");
    }
    let wrong: Vec<(&str, VerifyingKey)> = vec![
        ("nothing", VerifyingKey::es256("k", "")),
        ("a private key", VerifyingKey::es256("k", pem!("es256"))),
        ("another curve", VerifyingKey::es256("k", pem!("p384.pub"))),
        ("another kind", VerifyingKey::eddsa("k", pem!("es256.pub"))),
        #[cfg(feature = "aws-lc")]
        ("too short", VerifyingKey::rs256("k", pem!("rsa1024.pub"))),
    ];
    for (what, key) in wrong {
        let text = fault(KeySet::new(SigningKey::eddsa("good", pem!("ed25519"))).previous(key));
        assert!(text.contains("the signing key `k` is not the PEM of a public key for "), "{what}: {text}");
    }
}

#[test]
fn x14_the_names_of_keys_are_visible_and_differ() {
    for id in ["", "a b", "\u{e9}", "a\n", &"x".repeat(65)] {
        let text = fault(KeySet::new(SigningKey::eddsa(id, pem!("ed25519"))));
        assert!(text.contains("of a signing key is invalid"), "{id:?}: {text}");
    }
    let twice =
        KeySet::new(SigningKey::eddsa("a", pem!("ed25519"))).previous(VerifyingKey::es256("a", pem!("es256.pub")));
    assert!(fault(twice).contains("two signing keys are named `a`"));
}

#[test]
fn x1_a_key_shows_its_name_alone() {
    let shown = format!("{:?}", KeySet::new(SigningKey::eddsa("a", pem!("ed25519"))));
    assert_eq!(shown, r#"KeySet { current: SigningKey("a", EdDSA), previous: [] }"#);
}
