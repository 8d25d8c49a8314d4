//! The limits of an engine whose clock is moved by hand.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use usermgr::{
    Backend, Fault, Limits, LoginError, RegisterError, StoreError,
    audit::EventKind,
    limits::{CounterKey, CounterStore, Hit, Limit},
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{FakeClock, Probe},
};
use usermgr_tests::PASSWORD;

struct Accounts {
    engine: Engine<MemoryStore>,
    locked: std::sync::Mutex<Vec<Lockout>>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_lockout(&self, lockout: &Lockout) {
        self.locked.lock().unwrap().push(lockout.clone());
    }
}

struct World {
    accounts: Accounts,
    clock: FakeClock,
    probe: Probe,
}

impl World {
    fn new(
        change: impl FnOnce(usermgr::engine::EngineBuilder<MemoryStore>) -> usermgr::engine::EngineBuilder<MemoryStore>,
    ) -> Self {
        let (clock, probe) = (FakeClock::start(), Probe::default());
        let engine = Engine::builder(MemoryStore::new())
            .backend(Backend::bearer("bearer", Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .clock(clock.clone())
            .audit(probe.clone());
        Self {
            accounts: Accounts { engine: change(engine).build().unwrap(), locked: Default::default() },
            clock,
            probe,
        }
    }

    fn with(limits: Limits) -> Self {
        Self::new(|engine| engine.limits(limits))
    }

    async fn register(&self, email: &str, ip: &str) -> Result<User, RegisterError> {
        self.accounts.register(Register::new(email, PASSWORD), &from(ip)).await
    }

    /// What a login comes to: `None` for a success, else the error as text.
    async fn login(&self, email: &str, password: &str, ip: &str) -> Option<String> {
        self.accounts.login(Credentials::new(email, password), "bearer", &from(ip)).await.err().map(|e| e.to_string())
    }
}

/// A client; without an address if the text is empty.
fn from(ip: &str) -> Context {
    ip.parse().map_or_else(|_| Context::default(), |ip| Context::default().ip(ip))
}

const WRONG: &str = "the credentials are not valid";

#[tokio::test]
async fn l4_a_lock_ends_by_itself_and_is_there_again_after_the_next_failure() {
    let world = World::with(Limits::default().wrong_passwords_per_account(Limit::new(2)));
    world.register("ada@example.com", "192.0.2.1").await.unwrap();
    for _ in 0..2 {
        assert_eq!(world.login("ada@example.com", "wrong", "192.0.2.1").await.unwrap(), WRONG);
    }
    let locked = "too many attempts; try again in 30 s";
    assert_eq!(world.login("ada@example.com", PASSWORD, "192.0.2.1").await.unwrap(), locked);
    world.clock.advance(Duration::from_secs(29));
    assert_eq!(world.login("ada@example.com", PASSWORD, "192.0.2.9").await.unwrap(), locked.replace("30", "1"));
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.login("ada@example.com", "wrong", "192.0.2.1").await.unwrap(), WRONG);
    assert_eq!(world.login("ada@example.com", PASSWORD, "192.0.2.1").await.unwrap(), locked.replace("30", "60"));
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(world.login("ada@example.com", PASSWORD, "192.0.2.1").await, None);
    // The success has forgotten the failures of the account.
    assert_eq!(world.login("ada@example.com", "wrong", "192.0.2.1").await.unwrap(), WRONG);
    assert_eq!(world.login("ada@example.com", PASSWORD, "192.0.2.1").await, None);
}

#[tokio::test]
async fn a_lock_is_reported_once_each_time_for_known_and_unknown_accounts() {
    let world = World::with(Limits::default().wrong_passwords_per_account(Limit::new(2)));
    let ada = world.register("ada@example.com", "192.0.2.1").await.unwrap();
    for (email, user) in [("ada@example.com", Some(ada.id.to_string())), ("nobody@example.com", None)] {
        for _ in 0..5 {
            world.login(email, "wrong", "192.0.2.1").await.unwrap();
        }
        let lockouts = std::mem::take(&mut *world.accounts.locked.lock().unwrap());
        let until = world.accounts.engine.now().checked_add(Duration::from_secs(30)).unwrap();
        let [lockout] = &lockouts[..] else { panic!("{lockouts:?}") };
        assert_eq!((lockout.username.as_str(), &lockout.user, lockout.until), (email, &user, until));
    }
    assert_eq!(world.probe.count(EventKind::LockedOut), 2);
    assert_eq!(world.probe.count(EventKind::LoginFailed), 4, "what was not tried has not failed");
}

#[tokio::test]
async fn l4_a_success_does_not_forget_the_failures_of_its_network() {
    let world = World::with(Limits::default().wrong_secrets_per_network(Limit::new(3)));
    for name in ["mallory", "ada"] {
        world.register(&format!("{name}@example.com"), "192.0.2.1").await.unwrap();
    }
    for _ in 0..3 {
        assert_eq!(world.login("ada@example.com", "wrong", "192.0.2.1").await.unwrap(), WRONG);
        if world.login("mallory@example.com", PASSWORD, "192.0.2.1").await.is_some() {
            break;
        }
    }
    let refused = world.login("ada@example.com", "wrong", "192.0.2.1").await.unwrap();
    assert!(refused.starts_with("too many attempts"), "{refused}");
    assert_eq!(world.login("ada@example.com", PASSWORD, "192.0.2.2").await, None, "another network");
}

#[tokio::test]
async fn l4_successes_do_not_keep_the_failures_of_their_network_alive() {
    let limits = Limits::default().wrong_secrets_per_network(Limit::new(3).forget_after(Duration::from_secs(3600)));
    let world = World::with(limits);
    world.register("ada@example.com", "192.0.2.1").await.unwrap();
    for _ in 0..3 {
        assert_eq!(world.login("ada@example.com", "wrong", "192.0.2.1").await.unwrap(), WRONG);
    }
    world.clock.advance(Duration::from_secs(30));
    // Once a minute for an hour, and several at the same time: each is accepted at once, and delays nothing.
    for _ in 0..59 {
        let both = tokio::join!(
            world.login("ada@example.com", PASSWORD, "192.0.2.1"),
            world.login("ada@example.com", PASSWORD, "192.0.2.1")
        );
        assert_eq!(both, (None, None));
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(world.login("ada@example.com", PASSWORD, "192.0.2.1").await, None);
        world.clock.advance(Duration::from_secs(59));
    }
    world.clock.advance(Duration::from_secs(30));
    // An hour after the last failure all are forgotten.
    for _ in 0..3 {
        assert_eq!(world.login("bob@example.com", "wrong", "192.0.2.1").await.unwrap(), WRONG);
    }
}

#[tokio::test]
async fn l2_the_hosts_of_one_network_are_one_client() {
    let world = World::with(Limits::default().wrong_secrets_per_network(Limit::new(3)));
    for (host, mapped) in
        [("2001:db8::1", false), ("2001:DB8:0::2", false), ("2001:db8::ffff:1", false), ("192.0.2.1", true)]
    {
        let network = if mapped { "::ffff:192.0.2.1" } else { host };
        let answer = world.login(&format!("{host}@example.com").replace(':', "-"), "wrong", network).await.unwrap();
        assert_eq!(answer, WRONG, "{host}");
    }
    let refused = world.login("other@example.com", "wrong", "2001:db8::3").await.unwrap();
    assert!(refused.starts_with("too many attempts"), "{refused}");
    assert_eq!(world.login("other@example.com", "wrong", "2001:db8:0:1::3").await.unwrap(), WRONG);
}

#[tokio::test]
async fn l6_clients_without_an_address_are_limited_together() {
    let world = World::new(|engine| engine);
    for number in 0..1_000 {
        world.login(&format!("user{number}@example.com"), "wrong", "").await.unwrap();
    }
    let refused = world.login("other@example.com", "wrong", "").await.unwrap();
    assert_eq!(refused, "too many attempts; try again in 1 s");
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.login("other@example.com", "wrong", "").await.unwrap(), WRONG, "slowed down, not locked out");
}

/// Counters that are out of order.
struct Broken;

#[async_trait]
impl CounterStore for Broken {
    async fn hit(&self, _: &CounterKey, _: &Limit, _: Timestamp) -> Result<Hit, StoreError> {
        Err(StoreError::backend(std::io::Error::other("down")))
    }

    async fn refund(&self, _: &CounterKey, _: Timestamp, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    async fn clear(&self, _: &CounterKey) -> Result<(), StoreError> {
        Ok(())
    }

    async fn remember(&self, _: &CounterKey, _: Duration, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    async fn remembered(&self, _: &CounterKey) -> Result<Option<Timestamp>, StoreError> {
        Ok(None)
    }
}

#[tokio::test]
async fn l6_without_counters_nothing_is_tried() {
    let world = World::new(|engine| engine.counters(Broken));
    let login = world.accounts.login(Credentials::new("ada@example.com", PASSWORD), "bearer", &from("192.0.2.1")).await;
    assert!(matches!(login, Err(LoginError::Fault(Fault::Store(_)))), "{login:?}");
    assert_eq!(world.probe.events(), []);
}

#[tokio::test]
async fn e1_an_inactive_account_is_locked_like_any_other() {
    let world = World::with(Limits::default().wrong_passwords_per_account(Limit::new(2)));
    let ada = world.register("ada@example.com", "192.0.2.1").await.unwrap();
    world.accounts.set_active(&Admin::system("test"), &ada.id, false, &Context::default()).await.unwrap();
    for _ in 0..2 {
        assert_eq!(world.login("ada@example.com", PASSWORD, "192.0.2.1").await.unwrap(), WRONG);
    }
    let refused = world.login("ada@example.com", PASSWORD, "192.0.2.1").await.unwrap();
    assert!(refused.starts_with("too many attempts"), "{refused}");
}

#[tokio::test]
async fn a_registration_that_makes_nothing_is_not_counted() {
    let world = World::with(Limits::default().registrations_per_network(Limit::new(2)));
    for _ in 0..9 {
        let refused = world.accounts.register(Register::new("ada@example.com", "short"), &from("192.0.2.1")).await;
        assert!(matches!(refused, Err(RegisterError::InvalidPassword(_))));
    }
    world.register("ada@example.com", "192.0.2.1").await.unwrap();
    assert!(matches!(world.register("ada@example.com", "192.0.2.1").await, Err(RegisterError::AlreadyExists)));
    let refused = world.register("bob@example.com", "192.0.2.1").await;
    assert!(matches!(refused, Err(RegisterError::Fault(Fault::Limited { .. }))), "{refused:?}");
}
