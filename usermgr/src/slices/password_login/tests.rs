//! A pepper through its life: introduced, rotated, lost and removed, seen from logins.

use std::sync::Arc;

use serde_json::json;

use crate::{
    audit::EventKind,
    password::{Argon2Params, Argon2id},
    prelude::*,
    secret::SecretSet,
    store::Lookup,
    testing::{Client, Probe},
    user::PasswordHash,
};

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";
const ONE: &str = "0123456789abcdef0123456789abcdef";
const TWO: &str = "fedcba9876543210fedcba9876543210";

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

/// A process over the store of the test, with a hasher of its own.
struct Process {
    client: Client,
    probe: Probe,
    accounts: Arc<Accounts>,
}

fn hasher() -> Argon2id {
    Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap())
}

fn peppered(current: &str, previous: &[&str]) -> Argon2id {
    hasher().pepper(SecretSet::new(Secret::new(current), previous.iter().map(Secret::new)))
}

impl Process {
    fn new(store: &MemoryStore, hasher: Argon2id) -> Self {
        let probe = Probe::default();
        let engine = Engine::builder(store.clone())
            .backend(Backend::bearer("bearer", Database::new()))
            .hasher(hasher)
            .audit(probe.clone())
            .build();
        let accounts = Arc::new(Accounts { engine: engine.unwrap() });
        Self { client: Client::new(crate::axum::router(accounts.clone()).unwrap()), probe, accounts }
    }

    /// Logs in, and returns the status and the kinds of events in their order.
    async fn login(&self, password: &str) -> (u16, Vec<EventKind>) {
        let before = self.probe.events().len();
        let status = self.client.login("bearer", EMAIL, password).await.status.as_u16();
        (status, self.probe.events()[before..].iter().map(|event| event.kind).collect())
    }
}

async fn stored(store: &MemoryStore) -> PasswordHash {
    let email = EmailAddress::parse(EMAIL).unwrap();
    store.find(Lookup::Email(&email)).await.unwrap().unwrap().password_hash.unwrap()
}

async fn key_id(store: &MemoryStore) -> Option<String> {
    let hash = stored(store).await;
    let (_, rest) = hash.expose().split_once("keyid=")?;
    Some(rest.split('$').next().unwrap().to_owned())
}

#[tokio::test]
async fn p11_a_login_moves_its_hash_to_the_current_key() {
    use EventKind::{LoggedIn, PasswordRehashed};
    let (right, moved) = ((200, vec![LoggedIn]), (200, vec![PasswordRehashed, LoggedIn]));
    let store = MemoryStore::new();
    let plain = Process::new(&store, hasher());
    plain.client.register(EMAIL, PASSWORD).await.expect(201);
    assert_eq!(key_id(&store).await, None);
    for (by, expected) in [
        (peppered(ONE, &[]), Some("pkH4iZTj")),
        (peppered(TWO, &[ONE]), Some("SfWu/tDg")),
        (hasher().accepts_pepper(Secret::new(TWO)), None),
    ] {
        let process = Process::new(&store, by);
        assert_eq!(process.login("a wrong horse battery").await.0, 400);
        assert_eq!(process.login(PASSWORD).await, moved);
        assert_eq!(key_id(&store).await.as_deref(), expected);
        assert_eq!(process.login(PASSWORD).await, right, "once is enough");
    }
}

#[tokio::test]
async fn p11_a_dump_and_the_right_password_open_nothing_without_the_key() {
    use EventKind::{HashUnusable, LoginFailed};
    let store = MemoryStore::new();
    Process::new(&store, peppered(ONE, &[])).client.register(EMAIL, PASSWORD).await.expect(201);
    let hash = stored(&store).await;
    assert!(!hash.expose().contains(ONE));
    for by in [hasher(), peppered(TWO, &[])] {
        let process = Process::new(&store, by);
        assert_eq!(process.login(PASSWORD).await, (400, vec![HashUnusable, LoginFailed]));
        assert_eq!(process.login("a wrong horse battery").await, (400, vec![HashUnusable, LoginFailed]));
        let failed = process.probe.events().into_iter().find(|event| event.kind == LoginFailed).unwrap();
        assert_eq!(failed.detail.as_deref(), Some("unusable hash"));
    }
    // Nothing was written, and the key makes it good again.
    assert_eq!(stored(&store).await.expose(), hash.expose());
    assert_eq!(Process::new(&store, peppered(TWO, &[ONE])).login(PASSWORD).await.0, 200);
}

#[tokio::test]
async fn p11_a_current_password_without_its_key_is_reported_too() {
    let store = MemoryStore::new();
    let with = Process::new(&store, peppered(ONE, &[]));
    with.client.register(EMAIL, PASSWORD).await.expect(201);
    with.login(PASSWORD).await;
    let without = Process::new(&store, hasher());
    let client = Client::new(crate::axum::router(without.accounts.clone()).unwrap());
    let client = client.with_token(with.client.token().unwrap());
    let change = json!({ "current_password": PASSWORD, "password": "another horse battery" });
    client.post("/auth/change-password", change).await.expect(400);
    let kinds: Vec<_> = without.probe.events().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::HashUnusable, EventKind::ReauthenticationFailed]);
}
