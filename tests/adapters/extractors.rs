//! The extractors on routes of the application: who passes, who does not, and what a failing store is.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use usermgr::{
    password::{Argon2Params, Argon2id},
    prelude::*,
    store::Lookup,
    testing::{FakeClock, FaultAt, Faults, Faulty},
};
use usermgr_tests::{Client, Reply};

use crate::front;

const GOOD: &str = "correct horse battery";

type Store = Faulty<MemoryStore>;

pub(crate) struct Accounts {
    pub(crate) engine: Engine<Store>,
}

#[user_manager(store = Store, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

struct Shop {
    accounts: Arc<Accounts>,
    store: MemoryStore,
    faults: Faults,
    clock: FakeClock,
    address: String,
}

impl Shop {
    async fn open() -> Self {
        let (store, faults, clock) = (MemoryStore::new(), Faults::default(), FakeClock::start());
        let engine = Engine::builder(Faulty::new(store.clone(), faults.clone()))
            .backend(Backend::bearer("app", Database::new()))
            .backend(Backend::bearer("jwt", Jwt::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .clock(clock.clone())
            .build()
            .unwrap();
        let accounts = Arc::new(Accounts { engine });
        let address = front::open(accounts.clone()).await;
        Self { accounts, store, faults, clock, address }
    }

    /// A client logged in as a new user of this kind.
    async fn client(&self, backend: &str, email: &str, [superuser, verified]: [bool; 2]) -> Client {
        let new = NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile)
            .password(GOOD)
            .superuser(superuser)
            .verified(verified);
        self.accounts.create(new, &Context::default()).await.unwrap();
        let client = self.nobody();
        let body = json!({ "username": email, "password": GOOD });
        let reply = client.post(&format!("/auth/{backend}/login"), body).await.expect(200);
        client.with_token(reply.token())
    }

    fn nobody(&self) -> Client {
        Client::new(&self.address)
    }

    /// Makes a user inactive directly in the store, so that their sessions are still valid.
    async fn deactivate(&self, email: &str) {
        let email = EmailAddress::parse(email).unwrap();
        let mut record = self.store.find(Lookup::Email(&email)).await.unwrap().unwrap();
        record.user.is_active = false;
        let mut tx = self.store.begin().await.unwrap();
        self.store.update(&mut tx, &record).await.unwrap();
        self.store.commit(tx).await.unwrap();
    }
}

const PATHS: [&str; 5] = ["current", "verified", "superuser", "verified-superuser", "fresh"];

#[track_caller]
fn assert_reply(reply: &Reply, what: &str, status: u16, email: &str) {
    assert_eq!(reply.status, status, "{what}");
    let json = match status {
        200 => json!(email),
        401 => json!({ "detail": "Unauthorized" }),
        403 if what.ends_with("fresh") => json!({ "detail": "REAUTHENTICATION_REQUIRED" }),
        403 => json!({ "detail": "Forbidden" }),
        other => panic!("{what}: {other}"),
    };
    assert_eq!(reply.json(), json, "{what}");
    assert_eq!(reply.headers.contains_key("www-authenticate"), status == 401, "{what}");
}

#[tokio::test]
async fn current_user_rows_of_the_wire_each_guard_lets_its_own_pass_and_its_optional_form_answers_200() {
    for backend in ["app", "jwt"] {
        let shop = Shop::open().await;
        let stale = shop.client(backend, "stale@example.com", [true, true]).await;
        shop.clock.advance(Duration::from_secs(601));
        let inactive = shop.client(backend, "inactive@example.com", [true, true]).await;
        shop.deactivate("inactive@example.com").await;
        let nobody = shop.nobody();
        let gone = shop.client(backend, "gone@example.com", [true, true]).await;
        let id = gone.get("/users/me").await.json()["id"].as_str().unwrap().parse().unwrap();
        shop.accounts.delete_user(&Admin::system("test"), &id, &Context::default()).await.unwrap();
        for (kind, client, statuses) in [
            ("no user", nobody, [401, 401, 401, 401, 401]),
            ("gone", gone, [401, 401, 401, 401, 401]),
            ("inactive", inactive, [401, 401, 401, 401, 401]),
            ("plain", shop.client(backend, "plain@example.com", [false, false]).await, [200, 403, 403, 403, 200]),
            ("verified", shop.client(backend, "verified@example.com", [false, true]).await, [200, 200, 403, 403, 200]),
            ("super", shop.client(backend, "super@example.com", [true, false]).await, [200, 403, 200, 403, 200]),
            ("both", shop.client(backend, "both@example.com", [true, true]).await, [200, 200, 200, 200, 200]),
            ("stale", stale, [200, 200, 200, 200, 403]),
        ] {
            let email = format!("{kind}@example.com");
            for (path, status) in PATHS.into_iter().zip(statuses) {
                assert_reply(&client.get(&format!("/{path}")).await, &format!("{kind} at {path}"), status, &email);
                let reply = client.get(&format!("/{path}/optional")).await;
                let user = if status == 200 { json!(email) } else { Value::Null };
                assert_eq!((reply.status, reply.json()), (200, user), "{kind} at optional {path}");
            }
        }
    }
}

#[tokio::test]
async fn a_superuser_extractor_gives_the_witness_and_the_session() {
    let shop = Shop::open().await;
    let root = shop.client("app", "root@example.com", [true, true]).await;
    assert_eq!(root.get("/admin").await.status, 200);
    assert_eq!(shop.client("app", "plain@example.com", [false, false]).await.get("/admin").await.status, 403);
}

#[tokio::test]
async fn x8_a_failing_store_is_503_for_every_guard_and_never_401() {
    for backend in ["app", "jwt"] {
        let shop = Shop::open().await;
        let root = shop.client(backend, "root@example.com", [true, true]).await;
        let nobody = shop.nobody();
        shop.faults.fail_from(1, FaultAt::Before);
        for path in PATHS {
            for path in [format!("/{path}"), format!("/{path}/optional")] {
                let reply = root.get(&path).await;
                assert_unavailable(&reply, &path);
            }
            assert_eq!(nobody.get(&format!("/{path}")).await.status, 401);
            let optional = nobody.get(&format!("/{path}/optional")).await;
            assert_eq!((optional.status, optional.json()), (200, Value::Null));
        }
        for (path, body) in [
            ("/auth/register", json!({ "email": "new@example.com", "password": GOOD })),
            (&format!("/auth/{backend}/login"), json!({ "username": "root@example.com", "password": GOOD })),
            ("/auth/change-password", json!({ "current_password": GOOD, "password": GOOD })),
            (&format!("/auth/{backend}/logout"), json!(null)),
        ] {
            assert_unavailable(&root.post(path, body).await, path);
        }
        // Whether or not an account has the address, the response is the same, and does not show the failure.
        assert_eq!(nobody.post("/auth/forgot-password", json!({ "email": "root@example.com" })).await.status, 202);
        shop.accounts.engine.settle().await;
        shop.faults.heal();
        assert_eq!(root.get("/verified-superuser").await.status, 200);
    }
}

#[track_caller]
fn assert_unavailable(reply: &Reply, what: &str) {
    assert_eq!((reply.status, reply.json()), (503, json!({ "detail": "Service Unavailable" })), "{what}");
    assert_eq!(reply.headers["retry-after"], "1", "{what}");
    assert!(!format!("{reply:?}").contains("injected"), "{what}");
}
