//! One slow recipient does not delay others, an event counts requests and not attempts, and a row says why it is late.

use std::time::Duration;

use sqlx::Row as _;
use usermgr::{
    audit::EventKind,
    prelude::*,
    testing::{Client, FakeClock},
};

use crate::world::{ADA, Accounts, Behaviour, Journal};

/// A manager whose hook takes a minute for some addresses.
struct Tarpit {
    engine: Engine<MemoryStore>,
    journal: std::sync::Arc<std::sync::Mutex<Vec<(String, Duration)>>>,
    begun: tokio::time::Instant,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Tarpit {
    async fn on_after_register(&self, user: &User) {
        if user.email.as_str().starts_with("slow") {
            tokio::time::sleep(Duration::from_secs(50)).await;
        }
        self.journal.lock().unwrap().push((user.email.to_string(), self.begun.elapsed()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_recipient_delays_no_other_and_may_take_longer_than_a_request_waits() {
    let engine = Engine::builder(MemoryStore::new()).backend(Backend::bearer("jwt", Jwt::new())).outbox();
    let accounts = std::sync::Arc::new(Tarpit {
        engine: engine.build().unwrap(),
        journal: Default::default(),
        begun: tokio::time::Instant::now(),
    });
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let worker = tokio::spawn({
        let accounts = accounts.clone();
        async move { accounts.deliver(async { drop(stopped.await) }).await.unwrap() }
    });
    let cx = Context::system("test");
    let create = async |name: String| {
        let email = EmailAddress::parse(&format!("{name}@example.com")).unwrap();
        accounts.create(NewUser::new(email, NoProfile), &cx).await.unwrap();
    };
    for number in 0..15 {
        create(format!("slow{number}")).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    for number in 0..40 {
        create(format!("quick{number}")).await;
    }
    tokio::time::sleep(Duration::from_secs(10)).await;
    let lines = accounts.journal.lock().unwrap().clone();
    assert_eq!(lines.len(), 40, "the quick ones, one after the other through the lane that is free");
    assert!(lines.iter().all(|(_, after)| *after < Duration::from_secs(10)), "{lines:?}");
    tokio::time::sleep(Duration::from_secs(45)).await;
    assert_eq!(accounts.journal.lock().unwrap().len(), 55);
    drop(stop);
    worker.await.unwrap();
}

#[tokio::test]
async fn the_event_of_a_request_by_address_is_raised_once_and_only_for_who_has_it() {
    let (clock, journal) = (FakeClock::start(), Journal::default());
    let accounts = Accounts::over(MemoryStore::new(), &clock, &journal);
    accounts.registered(ADA).await;
    accounts.deliver_due().await.unwrap();
    let routes = usermgr::axum::routes::<Accounts<MemoryStore>, std::sync::Arc<Accounts<MemoryStore>>>();
    let client = Client::new(routes.with_state(accounts.clone()));
    journal.set(Behaviour::Fail);
    for email in [ADA, "nobody@example.com"] {
        client.post("/auth/forgot-password", serde_json::json!({ "email": email })).await;
    }
    assert_eq!(accounts.events(EventKind::ResetRequested).len(), 0, "no account was looked up");
    for _ in 0..2 {
        accounts.deliver_due().await.unwrap();
        clock.advance(Duration::from_secs(3600));
    }
    assert_eq!(accounts.events(EventKind::HookFailed).len(), 2);
    assert_eq!(accounts.events(EventKind::ResetRequested).len(), 1);
}

#[tokio::test]
async fn a_row_says_why_it_is_late() {
    let (clock, journal) = (FakeClock::start(), Journal::default());
    let store: SqliteStore = SqliteStore::in_memory().await.unwrap();
    let pool = store.pool().clone();
    let accounts = Accounts::over(store, &clock, &journal);
    accounts.registered(ADA).await;
    journal.set(Behaviour::Fail);
    for _ in 0..3 {
        accounts.deliver_due().await.unwrap();
        let row = sqlx::query("SELECT last_error FROM usermgr_outbox").fetch_one(&pool).await.unwrap();
        assert_eq!(row.get::<String, _>(0), "on_after_register: the mail server is away");
        clock.advance(Duration::from_secs(3600));
    }
}
