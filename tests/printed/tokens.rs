//! Tokens at the wrong place, and after a change of secrets.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use usermgr::{
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{Client, FakeClock, Probe},
    token::{Reset, Verify},
};

const GOOD: &str = "correct horse battery";
const NEW: &str = "another long enough one";
const OLD_SECRET: &str = "only-for-tests-0123456789abcdef-old";
const NEW_SECRET: &str = "only-for-tests-0123456789abcdef-new";

struct Accounts {
    engine: Engine<MemoryStore>,
    secrets: SecretSet,
    probe: Probe,
}

/// The same secrets for all purposes: what keeps them apart is not the application's care.
#[user_manager(store = MemoryStore, secret = self.secrets, reset_secret = self.secrets, verify_secret = self.secrets)]
impl Accounts {
    async fn on_after_request_verify(&self, user: &User, token: &VerifyToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) {
        self.probe.keep(&user.email, token);
    }
}

/// A process of the application: a manager over the common rows.
struct Process {
    accounts: Arc<Accounts>,
    client: Client,
}

impl Process {
    fn start(store: &MemoryStore, current: &str, previous: &[&str]) -> Self {
        let engine = Engine::builder(store.clone())
            .backend(Backend::bearer("app", Database::new()))
            .backend(Backend::bearer("jwt", Jwt::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .clock(FakeClock::start())
            .build()
            .unwrap();
        let secrets = SecretSet::new(Secret::new(current), previous.iter().map(Secret::new));
        let accounts = Arc::new(Accounts { engine, secrets, probe: Probe::default() });
        let client = Client::new(usermgr::axum::routes::<Accounts, Arc<Accounts>>().with_state(accounts.clone()));
        Self { accounts, client }
    }

    async fn access(&self, backend: &str) -> String {
        let credentials = Credentials::new("ada@example.com", GOOD);
        self.accounts.login(credentials, backend, &Context::default()).await.unwrap().token.expose().to_owned()
    }

    async fn mailed(&self) -> (String, String) {
        let ada = EmailAddress::parse("ada@example.com").unwrap();
        let user = self.accounts.get_by_email(&ada).await.unwrap().unwrap();
        self.accounts.request_verify(&user, &Context::default()).await.unwrap();
        self.accounts.forgot_password(&user, &Context::default()).await.unwrap();
        let probe = &self.accounts.probe;
        let verify = probe.token::<Verify>("ada@example.com").unwrap();
        let reset = probe.token::<Reset>("ada@example.com").unwrap();
        (verify.expose().to_owned(), reset.expose().to_owned())
    }

    /// Whether a token gives access, over HTTP, through any backend.
    async fn admits(&self, token: &str) -> bool {
        let mut admitted = false;
        for backend in ["app", "jwt"] {
            admitted |= self.accounts.identify(backend, token).await.unwrap().is_some();
        }
        admitted
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let reply = self.client.post(path, body).await;
        (reply.status.as_u16(), reply.json["detail"].clone())
    }
}

fn header(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()).unwrap()
}

fn with_header(token: &str, header: &Value) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

#[tokio::test]
async fn t6_no_token_passes_for_one_of_another_purpose() {
    let store = MemoryStore::new();
    let process = Process::start(&store, NEW_SECRET, &[]);
    process.client.register("ada@example.com", GOOD).await;
    let (verify, reset) = process.mailed().await;
    let tokens = [
        ("jwt", process.access("jwt").await),
        ("session", process.access("app").await),
        ("verify", verify.clone()),
        ("reset", reset.clone()),
    ];
    for (kind, token) in &tokens {
        if *kind != "verify" {
            let body = json!({ "token": token });
            assert_eq!(process.post("/auth/verify", body).await, (400, json!("VERIFY_USER_BAD_TOKEN")), "{kind}");
        }
        if *kind != "reset" {
            let body = json!({ "token": token, "password": NEW });
            assert_eq!(
                process.post("/auth/reset-password", body).await,
                (400, json!("RESET_PASSWORD_BAD_TOKEN")),
                "{kind}"
            );
        }
        assert_eq!(process.admits(token).await, ["jwt", "session"].contains(kind), "{kind}");
    }
    // A header of the wanted purpose does not help: the key is another.
    for (wanted, sample) in [("verify", &verify), ("reset", &reset), ("jwt", &tokens[0].1)] {
        for (kind, token) in tokens.iter().filter(|(kind, _)| *kind != wanted && *kind != "session") {
            let disguised = with_header(token, &header(sample));
            let (path, body) = match wanted {
                "verify" => ("/auth/verify", json!({ "token": disguised })),
                "reset" => ("/auth/reset-password", json!({ "token": disguised, "password": NEW })),
                _ => {
                    assert!(!process.admits(&disguised).await, "{kind} as {wanted}");
                    continue;
                }
            };
            assert_eq!(process.post(path, body).await.0, 400, "{kind} as {wanted}");
        }
    }
    assert_eq!(process.post("/auth/verify", json!({ "token": verify })).await.0, 200);
    assert_eq!(process.post("/auth/reset-password", json!({ "token": reset, "password": NEW })).await.0, 200);
}

#[tokio::test]
async fn j5_an_old_secret_is_accepted_until_it_is_taken_out() {
    let store = MemoryStore::new();
    let before = Process::start(&store, OLD_SECRET, &[]);
    before.client.register("ada@example.com", GOOD).await;
    let old = before.access("jwt").await;
    let (verify, reset) = before.mailed().await;

    let during = Process::start(&store, NEW_SECRET, &[OLD_SECRET]);
    assert!(during.admits(&old).await);
    let new = during.access("jwt").await;
    assert_ne!(header(&new)["kid"], header(&old)["kid"]);
    assert!(during.admits(&new).await);
    // A process that was not restarted yet does not know the new secret, and refuses it without an error.
    assert!(!before.admits(&new).await);

    let after = Process::start(&store, NEW_SECRET, &[]);
    assert!(!after.admits(&old).await);
    assert!(after.admits(&new).await);
    let body = json!({ "token": verify });
    assert_eq!(after.post("/auth/verify", body.clone()).await, (400, json!("VERIFY_USER_BAD_TOKEN")));
    assert_eq!(during.post("/auth/verify", body).await.0, 200);
    let body = json!({ "token": reset, "password": NEW });
    assert_eq!(after.post("/auth/reset-password", body.clone()).await, (400, json!("RESET_PASSWORD_BAD_TOKEN")));
    assert_eq!(during.post("/auth/reset-password", body).await.0, 200);
    // Sessions with a row know no secret.
    let credentials = Credentials::new("ada@example.com", NEW);
    let session = during.accounts.login(credentials, "app", &Context::default()).await.unwrap().token;
    assert!(after.admits(session.expose()).await);
}

#[tokio::test]
async fn j1_j2_j5_an_unknown_key_id_another_algorithm_or_an_altered_part_opens_nothing() {
    let store = MemoryStore::new();
    let process = Process::start(&store, NEW_SECRET, &[OLD_SECRET]);
    process.client.register("ada@example.com", GOOD).await;
    let good = process.access("jwt").await;
    assert!(process.admits(&good).await);
    assert_eq!(header(&good)["alg"], "HS256");

    let mut forged = vec![
        // Not signed, cut, padded, with a loose bit at the end.
        good.rsplit_once('.').unwrap().0.to_owned() + ".",
        good[..good.len() - 1].to_owned(),
        format!("{good}="),
        format!("{good}."),
        format!(".{good}"),
    ];
    for (name, value) in [
        ("kid", json!("unknown")),
        ("kid", json!("../../etc/passwd")),
        ("kid", json!("' OR 1=1 --")),
        ("kid", json!("k".repeat(3000))),
        ("kid", json!(null)),
        ("kid", json!(1)),
        ("alg", json!("none")),
        ("alg", json!("None")),
        ("alg", json!("hs256")),
        ("alg", json!("HS512")),
        ("alg", json!("RS256")),
        ("typ", json!("JWT")),
        ("crit", json!(["exp"])),
    ] {
        let mut header = header(&good);
        header[name] = value;
        forged.push(with_header(&good, &header));
    }
    for token in forged {
        assert!(!process.admits(&token).await, "{token}");
    }
    // The key id of another key of the set does not fit the signature.
    let other = Process::start(&store, OLD_SECRET, &[]).access("jwt").await;
    assert!(process.admits(&other).await);
    assert!(!process.admits(&with_header(&good, &header(&other))).await);
}
