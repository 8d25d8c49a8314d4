//! What the tests share. Each of them is a separate process, because jsonwebtoken chooses its library once in the life of a process.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, crypto::rust_crypto, decode, encode};
use serde::{Deserialize, Serialize};
use usermgr::{token::{Reset, Verify}, password::{Argon2Params, Argon2id}, prelude::*, testing::Probe};

struct Accounts {
    engine: Engine<MemoryStore>,
    probe: Probe,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_request_verify(&self, user: &User, token: &VerifyToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) {
        self.probe.keep(&user.email, token);
    }
}

/// Uses every kind of signed token that usermgr has.
pub async fn use_usermgr() {
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("jwt", Jwt::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .build().unwrap();
    let accounts = Accounts { engine, probe: Probe::default() };
    let cx = Context::default();
    let (email, password) = ("ada@example.com", "correct horse battery");
    let user = accounts.register(Register::new(email, password), &cx).await.unwrap();

    let login = accounts.login(Credentials::new(email, password), "jwt", &cx).await.unwrap();
    assert_eq!(accounts.identify("jwt", login.token.expose()).await.unwrap().unwrap().user().id, user.id);
    let mut forged = login.token.expose().to_owned();
    let last = if forged.ends_with('A') { 'E' } else { 'A' };
    forged.pop();
    forged.push(last);
    assert!(accounts.identify("jwt", &forged).await.unwrap().is_none());

    accounts.request_verify(&user, &cx).await.unwrap();
    let token = accounts.probe.token::<Verify>(email).unwrap();
    assert!(accounts.verify(&token, &cx).await.unwrap().is_verified);
    accounts.forgot_password(&user, &cx).await.unwrap();
    let token = accounts.probe.token::<Reset>(email).unwrap();
    accounts.reset_password(&token, "another long enough one".into(), &cx).await.unwrap();
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Claims {
    sub: String,
    exp: u64,
}

/// The application's own use of the crate: it chooses a library, signs with RS256 and reads what it signed.
pub fn use_jsonwebtoken() {
    rust_crypto::DEFAULT_PROVIDER.install_default().expect("no provider was chosen before");
    let claims = Claims { sub: "ada".into(), exp: 32_503_680_000 };
    let key = EncodingKey::from_rsa_pem(include_bytes!("../tests/rsa.pem")).unwrap();
    let token = encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap();
    let key = DecodingKey::from_rsa_pem(include_bytes!("../tests/rsa.pub.pem")).unwrap();
    let read = decode::<Claims>(&token, &key, &Validation::new(Algorithm::RS256)).unwrap();
    assert_eq!(read.claims, claims);
}

/// What an application does that has forgotten to choose: with both libraries there, jsonwebtoken panics.
pub fn misuse_jsonwebtoken() {
    let key = EncodingKey::from_secret(b"0123456789abcdef0123456789abcdef");
    let claims = Claims { sub: "ada".into(), exp: 32_503_680_000 };
    let signed = std::panic::catch_unwind(|| encode(&Header::new(Algorithm::HS256), &claims, &key));
    assert!(signed.is_err(), "jsonwebtoken chooses by itself: are both libraries there?");
}
