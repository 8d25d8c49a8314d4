//! A storm of logins: what the queue holds is hashed, the rest is refused at once, memory stays bounded, and reading goes on meanwhile.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tokio::sync::oneshot;
use usermgr::{
    password::{Argon2Params, Argon2id, HashPool},
    prelude::*,
    testing::Client,
};

#[cfg(target_os = "linux")]
#[path = "overload/storm.rs"]
mod storm;

#[cfg(not(target_os = "linux"))]
#[test]
fn p12_a_storm_of_logins() {
    usermgr_tests::skip("overload: memory and affinity of a process are read as Linux tells them");
}

const GOOD: &str = "correct horse battery";

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

#[tokio::test]
async fn p12_while_every_hashing_thread_hangs_reading_goes_on_and_a_login_is_refused_at_once() {
    let pool = Arc::new(HashPool::new(1, 2));
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("app", Database::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()).on(pool.clone()))
        .build()
        .unwrap();
    let accounts = Arc::new(Accounts { engine });
    let client = Client::new(usermgr::axum::routes::<Accounts, Arc<Accounts>>().with_state(accounts));
    client.register("ada@example.com", GOOD).await;
    client.login("app", "ada@example.com", GOOD).await;

    // One job hangs on the thread, two wait behind it: that is all there is room for.
    let (release, hang) = std::sync::mpsc::channel::<()>();
    let (hangs, started) = oneshot::channel();
    let [first, second, third] = [pool.clone(), pool.clone(), pool.clone()];
    let first = tokio::spawn(async move {
        first
            .run(move || {
                let _ = hangs.send(());
                let _ = hang.recv();
            })
            .await
    });
    started.await.unwrap();
    let waiting =
        [tokio::spawn(async move { second.run(|| ()).await }), tokio::spawn(async move { third.run(|| ()).await })];
    tokio::task::yield_now().await;

    let bounded = async {
        assert_eq!(client.get("/users/me").await.status, 200);
        let other = client.clone();
        for email in ["ada@example.com", "nobody@example.com"] {
            let reply = other.login("app", email, GOOD).await;
            assert_eq!((reply.status.as_u16(), reply.json), (503, json!({ "detail": "Service Unavailable" })));
            let seconds: u64 = reply.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!(seconds >= 1);
        }
        let body = json!({ "current_password": GOOD, "password": "another long enough one" });
        assert_eq!(client.post("/auth/change-password", body).await.status, 503);
        assert_eq!(client.register("eve@example.com", GOOD).await.status, 503);
        // What hashes nothing is served.
        assert_eq!(client.post("/auth/forgot-password", json!({ "email": "ada@example.com" })).await.status, 202);
        assert_eq!(client.get("/users/me").await.status, 200);
    };
    tokio::time::timeout(Duration::from_secs(20), bounded).await.expect("nothing of it waits for the threads");

    drop(release);
    first.await.unwrap().unwrap();
    for job in waiting {
        job.await.unwrap().unwrap();
    }
    assert_eq!(client.login("app", "ada@example.com", GOOD).await.status, 200);
}
