use ::http::Request;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::Value;

use super::*;
use crate::{
    http::{Endpoint, Routes},
    prelude::*,
    token::{KeySet, SELECTED, SigningKey, VerifyingKey},
};

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

macro_rules! pem {
    ($name:literal) => {
        include_bytes!(concat!("../../../token/key_set/test-keys/", $name, ".pem"))
    };
}

fn accounts(backends: Vec<Backend<MemoryStore>>) -> Arc<Accounts> {
    let engine = backends.into_iter().fold(Engine::builder(MemoryStore::new()), |engine, it| engine.backend(it));
    let accounts = Accounts { engine: engine.build().unwrap() };
    accounts.check().unwrap();
    Arc::new(accounts)
}

/// The response of the route.
async fn asked(accounts: &Arc<Accounts>) -> Outgoing {
    let mut routes = Routes::all().only(&[Endpoint::PublicKeys]).into_iter();
    let route = routes.next().unwrap();
    assert_eq!((route.method().as_str(), route.path()), ("GET", "/.well-known/jwks.json"));
    let (parts, ()) = Request::get(route.path()).body(()).unwrap().into_parts();
    route.answer(accounts.clone(), parts, Ok(bytes::Bytes::new()), None).await
}

async fn token(accounts: &Accounts, backend: &str) -> String {
    let (cx, ada) = (Context::default(), Credentials::new("ada@example.com", "correct horse battery"));
    accounts.login(ada, backend, &cx).await.unwrap().token.expose().to_owned()
}

#[tokio::test]
async fn j5_another_library_checks_our_tokens_by_the_published_keys() {
    // With all features the process has two signature providers and must select one.
    let _ = SELECTED.install_default();
    let es256 = || KeySet::new(SigningKey::es256("es", pem!("es256")));
    let eddsa =
        KeySet::new(SigningKey::eddsa("ed", pem!("ed25519"))).previous(VerifyingKey::es256("old", pem!("es256.pub")));
    let accounts = accounts(vec![
        Backend::bearer("es", Jwt::new().keys(es256())),
        Backend::bearer("revocable", Jwt::new().keys(es256()).revocable()),
        Backend::bearer("refresh", Jwt::new().keys(eddsa).with_refresh(Refresh::new())),
        #[cfg(feature = "aws-lc")]
        Backend::bearer(
            "rs",
            Jwt::new().keys(
                KeySet::new(SigningKey::rs256("rs", pem!("rsa2048")))
                    .previous(VerifyingKey::rs256("rs-old", pem!("rsa2048.pub"))),
            ),
        ),
        Backend::bearer("secret", Jwt::new()),
        Backend::bearer("row", Database::new()),
    ]);
    let new = NewUser {
        password: Some("correct horse battery".into()),
        ..NewUser::new(EmailAddress::parse("ada@example.com").unwrap(), NoProfile)
    };
    let ada = accounts.create(new, &Context::default()).await.unwrap();

    let answer = asked(&accounts).await;
    assert_eq!(
        (answer.status, &answer.headers["cache-control"]),
        (StatusCode::OK, &"public, max-age=300".parse().unwrap())
    );
    let text = std::str::from_utf8(&answer.body).unwrap();
    let members: Value = serde_json::from_str(text).unwrap();
    for key in members["keys"].as_array().unwrap() {
        for secret in ["d", "p", "q", "k"] {
            assert!(key.get(secret).is_none(), "{key}");
        }
        assert_eq!(key["use"], "sig");
    }
    let published: JwkSet = serde_json::from_str(text).unwrap();
    let mut checked = 0;
    for backend in [
        "es",
        "revocable",
        "refresh",
        #[cfg(feature = "aws-lc")]
        "rs",
    ] {
        let token = token(&accounts, backend).await;
        let header = decode_header(&token).unwrap();
        let jwk = published.find(&header.kid.unwrap()).unwrap();
        let mut validation = Validation::new(header.alg);
        validation.set_audience(&["usermgr:auth"]);
        let claims = decode::<Value>(&token, &DecodingKey::from_jwk(jwk).unwrap(), &validation).unwrap().claims;
        assert_eq!(claims["sub"], ada.id.to_string(), "{backend}");
        checked += 1;
    }
    assert!(checked >= 3);
    // A key of two backends is listed once, and earlier keys are listed too. A token signed with a secret has no key
    // id.
    let names: Vec<_> = published.keys.iter().filter_map(|key| key.common.key_id.as_deref()).collect();
    let expected = [
        "es",
        "ed",
        "old",
        #[cfg(feature = "aws-lc")]
        "rs",
        #[cfg(feature = "aws-lc")]
        "rs-old",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn an_engine_without_key_pairs_publishes_none() {
    let accounts = accounts(vec![Backend::bearer("secret", Jwt::new())]);
    assert_eq!(&asked(&accounts).await.body[..], br#"{"keys":[]}"#);
}
