//! What is counted: a secret that was found wrong, and nothing that failed for a reason of the server.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Value, json};
use usermgr::{
    Backend, Limits, Refresh, StoreError,
    engine::Answers,
    http::Routes,
    limits::{CounterKey, CounterStore, Hit, Limit, MemoryCounters},
    password::{Argon2Params, Argon2id, HashPool},
    prelude::*,
    testing::{Client, FaultAt, Faults, Faulty},
};
use usermgr_tests::PASSWORD;

const ADA: &str = "ada@example.com";
const ANOTHER: &str = "another long enough one";

/// Counters that tell what is charged in all.
#[derive(Clone, Default)]
struct Ledger {
    counters: Arc<MemoryCounters>,
    charged: Arc<Mutex<HashMap<CounterKey, i64>>>,
}

impl Ledger {
    fn charged(&self) -> i64 {
        self.charged.lock().unwrap().values().sum()
    }

    fn change(&self, key: &CounterKey, by: i64) {
        *self.charged.lock().unwrap().entry(*key).or_default() += by;
    }
}

#[async_trait]
impl CounterStore for Ledger {
    async fn hit(&self, key: &CounterKey, limit: &Limit, now: Timestamp) -> Result<Hit, StoreError> {
        let hit = self.counters.hit(key, limit, now).await;
        self.change(key, i64::from(matches!(hit, Ok(Hit::Allowed { .. }))));
        hit
    }

    async fn refund(&self, key: &CounterKey, last: Timestamp, before: Timestamp) -> Result<(), StoreError> {
        self.change(key, -1);
        self.counters.refund(key, last, before).await
    }

    async fn clear(&self, key: &CounterKey) -> Result<(), StoreError> {
        self.charged.lock().unwrap().remove(key);
        self.counters.clear(key).await
    }

    async fn remember(&self, key: &CounterKey, keep: Duration, now: Timestamp) -> Result<(), StoreError> {
        self.counters.remember(key, keep, now).await
    }

    async fn remembered(&self, key: &CounterKey) -> Result<Option<Timestamp>, StoreError> {
        self.counters.remembered(key).await
    }
}

type Store = Faulty<MemoryStore>;

#[derive(Default)]
struct Mails(Mutex<HashMap<&'static str, String>>);

struct Accounts {
    engine: Engine<Store>,
    mails: Mails,
}

impl Accounts {
    fn keep(&self, kind: &'static str, token: &str) {
        self.mails.0.lock().unwrap().insert(kind, token.to_owned());
    }
}

#[user_manager(store = Store, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_forgot_password(&self, _: &User, token: &ResetToken) {
        self.keep("reset", token.expose());
    }

    async fn on_after_request_verify(&self, _: &User, token: &VerifyToken) {
        self.keep("verify", token.expose());
    }

    async fn on_after_request_email_change(&self, _: &User, _: &EmailAddress, token: &ChangeEmailToken) {
        self.keep("change", token.expose());
    }
}

struct World {
    accounts: Arc<Accounts>,
    faults: Faults,
    ledger: Ledger,
    client: Client,
    refresh: String,
}

impl World {
    async fn new(answers: Answers, pool: Arc<HashPool>) -> Self {
        let (faults, ledger) = (Faults::default(), Ledger::default());
        let engine = Engine::builder(Faulty::new(MemoryStore::new(), faults.clone()))
            .backend(Backend::bearer("bearer", Jwt::new().with_refresh(Refresh::new())))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()).on(pool))
            .counters(ledger.clone())
            .limits(Limits::default())
            .answers(answers)
            .dangerous_unverified_logins(true)
            .build()
            .unwrap();
        let accounts = Arc::new(Accounts { engine, mails: Mails::default() });
        let routes = usermgr::axum::mount::<Accounts, Arc<Accounts>>(Routes::all());
        let client = Client::new(routes.with_state(accounts.clone())).peer([192, 0, 2, 1]);
        client.register(ADA, PASSWORD).await;
        accounts.engine.settle().await;
        let refresh = client.login("bearer", ADA, PASSWORD).await.json["refresh_token"].as_str().unwrap().to_owned();
        for path in ["/auth/forgot-password", "/auth/request-verify-token"] {
            client.post(path, json!({ "email": ADA })).await;
        }
        client.post("/auth/request-email-change", json!({ "email": "ada@example.org" })).await;
        accounts.engine.settle().await;
        ledger.charged.lock().unwrap().clear();
        Self { accounts, faults, ledger, client, refresh }
    }

    fn token(&self, kind: &str) -> String {
        self.accounts.mails.0.lock().unwrap()[kind].clone()
    }

    async fn login(&self) -> u16 {
        self.client.clone().login("bearer", ADA, PASSWORD).await.status.as_u16()
    }

    async fn refresh(&self) -> u16 {
        let body = json!({ "refresh_token": self.refresh });
        self.client.post("/auth/bearer/refresh", body).await.status.as_u16()
    }
}

#[tokio::test]
async fn l10_a_hundred_refreshes_and_logins_beside_a_database_that_is_away_cost_no_user_an_attempt() {
    let world = World::new(Answers::Explicit, HashPool::shared()).await;
    world.faults.fail_from(1, FaultAt::Before);
    for _ in 0..100 {
        assert_eq!((world.refresh().await, world.login().await), (503, 503));
    }
    world.faults.heal();
    assert_eq!((world.login().await, world.refresh().await), (200, 200));
}

#[tokio::test]
async fn l10_a_queue_that_is_full_locks_no_account() {
    let pool = Arc::new(HashPool::new(1, 0));
    let world = World::new(Answers::Explicit, pool.clone()).await;
    let (release, hang) = std::sync::mpsc::channel::<()>();
    let (hangs, started) = tokio::sync::oneshot::channel();
    let hanging = tokio::spawn(async move {
        let job = move || {
            hangs.send(()).unwrap();
            let _ = hang.recv();
        };
        pool.run(job).await
    });
    started.await.unwrap();
    let change = json!({ "current_password": PASSWORD, "password": ANOTHER });
    for _ in 0..11 {
        assert_eq!(world.login().await, 503);
        assert_eq!(world.client.post("/auth/change-password", change.clone()).await.status, 503);
    }
    drop(release);
    hanging.await.unwrap().unwrap();
    assert_eq!(world.login().await, 200);
    assert_eq!(world.client.post("/auth/change-password", change).await.status, 204);
}

/// Every route that counts something, with what is right.
const ROUTES: [&str; 10] = [
    "/auth/bearer/login",
    "/auth/bearer/refresh",
    "/auth/register",
    "/auth/forgot-password",
    "/auth/request-verify-token",
    "/auth/request-email-change",
    "/auth/verify",
    "/auth/reset-password",
    "/auth/change-password",
    "/auth/confirm-email-change",
];

fn body(world: &World, path: &str) -> Value {
    match path {
        "/auth/bearer/login" => json!({ "username": ADA, "password": PASSWORD }),
        "/auth/bearer/refresh" => json!({ "refresh_token": world.refresh }),
        "/auth/register" => json!({ "email": "eve@example.com", "password": PASSWORD }),
        "/auth/request-email-change" => json!({ "email": "new@example.com" }),
        "/auth/verify" => json!({ "token": world.token("verify") }),
        "/auth/reset-password" => json!({ "token": world.token("reset"), "password": ANOTHER }),
        "/auth/change-password" => json!({ "current_password": PASSWORD, "password": ANOTHER }),
        "/auth/confirm-email-change" => json!({ "token": world.token("change") }),
        _ => json!({ "email": ADA }),
    }
}

#[tokio::test]
async fn l10_no_fault_of_the_store_leaves_a_charge_on_any_route() {
    let mut tried = 0;
    for answers in [Answers::Explicit, Answers::Discreet] {
        for path in ROUTES {
            for at in [FaultAt::Before, FaultAt::After] {
                for call in 1.. {
                    let world = World::new(answers, HashPool::shared()).await;
                    let body = body(&world, path);
                    world.faults.fail_from(call, at);
                    let status = world.client.post(path, body).await.status;
                    world.accounts.engine.settle().await;
                    if world.faults.injected() == 0 {
                        assert!(call > 1, "{path} asks the store for nothing");
                        break;
                    }
                    assert!([200, 202, 503].contains(&status.as_u16()), "{path} {answers:?} {at:?} {call}: {status}");
                    assert_eq!(world.ledger.charged(), 0, "{path} {answers:?} {at:?} {call}: {status}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 80, "{tried}");
}

#[tokio::test]
async fn l10_a_client_that_leaves_before_the_verdict_has_used_its_guess() {
    let (world, cx) = (World::new(Answers::Explicit, HashPool::shared()).await, Context::default());
    for _ in 0..10 {
        world.faults.fail_from(1, FaultAt::HangBefore);
        let guess = world.accounts.login(Credentials::new(ADA, "wrong"), "bearer", &cx);
        let guess = tokio::time::timeout(Duration::from_millis(5), guess).await;
        assert!(guess.is_err());
    }
    world.faults.heal();
    let refused = world.accounts.login(Credentials::new(ADA, PASSWORD), "bearer", &cx).await;
    assert!(refused.unwrap_err().to_string().starts_with("too many attempts"));
}
