//! The end of a manager: its background work, its deliveries and its store share one deadline, and what hangs is cut off. And what a manager
//! says about itself meanwhile.

use std::{
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;
use usermgr::{
    Fault, LoginError, RegisterError,
    engine::Deadline,
    error::HookFuture,
    limits::MemoryCounters,
    mail::{Message, Messenger},
    prelude::*,
    testing::{FaultAt, Watch, Watched},
};

type Hanging<T> = Watched<T, Hangs>;

/// What hangs, by the name of the method.
#[derive(Clone, Default)]
struct Hangs(Arc<Mutex<Vec<&'static str>>>);

impl Hangs {
    fn set(&self, methods: &[&'static str]) {
        *self.0.lock().unwrap() = methods.to_vec();
    }
}

impl Watch for Hangs {
    fn called(&self, method: &'static str) -> Option<FaultAt> {
        self.0.lock().unwrap().contains(&method).then_some(FaultAt::HangBefore)
    }
}

/// What happened, in order.
#[derive(Clone, Default)]
struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    fn note(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Takes a second for a message, or hangs for who is called so.
struct Slow(Journal);

impl Messenger<Hanging<MemoryStore>> for Slow {
    fn send<'a>(&'a self, message: Message<'a, Hanging<MemoryStore>>, _: &'a Context) -> HookFuture<'a, HookError> {
        let to = message.user().email.to_string();
        Box::pin(async move {
            if to.starts_with("hangs") {
                return pending().await;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.0.note(format!("message to {to}"));
            Ok(())
        })
    }
}

struct Accounts {
    engine: Engine<Hanging<MemoryStore>>,
    journal: Journal,
}

#[user_manager(store = Hanging<MemoryStore>, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_register(&self, user: &User) -> Result<(), HookError> {
        if user.email.as_str().starts_with("stuck") {
            return pending().await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.journal.note(format!("delivered to {}", user.email));
        Ok(())
    }

    async fn validate_password(&self, password: &Password, _: &PasswordSubject<'_>) -> Result<(), InvalidPassword> {
        match password.expose() {
            "hangs" => pending().await,
            _ => Ok(()),
        }
    }
}

struct World {
    accounts: Arc<Accounts>,
    journal: Journal,
    store: Hangs,
    counters: Hangs,
}

/// With an outbox or without one.
fn world(outbox: bool) -> World {
    let (journal, store, counters) = (Journal::default(), Hangs::default(), Hangs::default());
    let engine = Engine::builder(Watched::new(MemoryStore::new(), store.clone()))
        .backend(Backend::bearer("bearer", Database::new()))
        .counters(Watched::new(MemoryCounters::default(), counters.clone()))
        .messenger(Slow(journal.clone()))
        .hook_timeout(Duration::from_secs(50));
    let engine = if outbox { engine.outbox() } else { engine };
    let accounts = Arc::new(Accounts { engine: engine.build().unwrap(), journal: journal.clone() });
    World { accounts, journal, store, counters }
}

impl World {
    async fn create(&self, name: &str) -> User {
        let email = EmailAddress::parse(&format!("{name}@example.com")).unwrap();
        self.accounts.create(NewUser::new(email, NoProfile), &Context::system("test")).await.unwrap()
    }

    /// Shuts down within some seconds, and returns how many it took.
    async fn shutdown(&self, seconds: u64) -> u64 {
        let begun = Instant::now();
        self.accounts.shutdown(Deadline::after(Duration::from_secs(seconds))).await;
        begun.elapsed().as_secs()
    }
}

#[tokio::test(start_paused = true)]
async fn x28_a_manager_that_shuts_down_finishes_its_work_and_delivers_what_is_due() {
    let world = world(true);
    world.accounts.start_delivery().unwrap();
    // More than there are lanes.
    for number in 0..40 {
        world.create(&format!("user{number}")).await;
    }
    assert!(world.shutdown(27).await <= 4);
    assert_eq!(world.journal.take().len(), 40);
    assert_eq!(Arc::strong_count(&world.accounts), 1, "the task has ended");
    assert_eq!(world.accounts.ready().await.oldest_due, None);
}

#[tokio::test(start_paused = true)]
async fn x28_what_hangs_is_cut_off_at_the_deadline_and_stays_in_the_outbox() {
    let world = world(true);
    let worker = tokio::spawn({
        let accounts = world.accounts.clone();
        async move { accounts.deliver(pending()).await }
    });
    // It has begun.
    tokio::time::sleep(Duration::from_millis(1)).await;
    for name in ["stuck", "ada"] {
        world.create(name).await;
    }
    // Two thirds of the time are for the deliveries.
    assert_eq!(world.shutdown(27).await, 18);
    worker.await.unwrap().unwrap();
    assert_eq!(world.journal.take(), ["delivered to ada@example.com"]);
    // The lease of the row ends after twice the time limit of its hook.
    let claimed = world.accounts.engine.store().inner();
    let later = world.accounts.engine.now() + jiff::SignedDuration::from_hours(1);
    let rows = usermgr::store::OutboxStore::claim(claimed, 9, later, later).await.unwrap();
    assert_eq!(rows.len(), 1, "it is delivered after the next start");
}

#[tokio::test(start_paused = true)]
async fn x28_background_work_and_messages_are_finished_or_cut_off() {
    let world = world(false);
    for name in ["ada", "bob"] {
        let user = world.create(name).await;
        world.accounts.request_verify(&user, &Context::system("test")).await.unwrap();
    }
    assert!(world.shutdown(27).await <= 2);
    assert_eq!(world.journal.take().iter().filter(|line| line.starts_with("message")).count(), 2);

    let user = world.create("hangs").await;
    world.accounts.request_verify(&user, &Context::system("test")).await.unwrap();
    assert_eq!(world.shutdown(27).await, 18);
}

#[tokio::test(start_paused = true)]
async fn x29_a_manager_says_what_does_not_answer_within_two_seconds() {
    let world = world(true);
    let ask = async || {
        let begun = Instant::now();
        let readiness = world.accounts.ready().await;
        (readiness, begun.elapsed().as_millis())
    };
    let (readiness, took) = ask().await;
    assert!(readiness.is_ready() && took < 100, "{readiness}");
    assert_eq!(readiness.to_string(), "ready");

    for (store, counters, said) in [
        (&["ready"][..], &[][..], "accounts: the store failed: no answer within 2s"),
        (&["oldest_due"], &[], "accounts: the store failed: no answer within 2s"),
        (&[], &["remembered"], "counters: the store failed: no answer within 2s"),
    ] {
        world.store.set(store);
        world.counters.set(counters);
        let (readiness, took) = ask().await;
        assert_eq!((readiness.is_ready(), took), (false, 2000), "{store:?} {counters:?}");
        assert_eq!(readiness.to_string(), said);
    }
    world.store.set(&[]);
    world.counters.set(&[]);

    world.create("ada").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (readiness, _) = ask().await;
    assert!(readiness.is_ready(), "a late mail is no reason to send no requests");
    assert!(readiness.oldest_due.is_some(), "no worker delivers");

    world.accounts.engine.begin_shutdown();
    let (readiness, _) = ask().await;
    assert!(!readiness.is_ready() && readiness.is_stopping);
    assert_eq!(readiness.to_string(), "stopping");
}

#[tokio::test(start_paused = true)]
async fn x26_counters_and_hooks_that_hang_fail_the_operation_in_time() {
    let world = world(false);
    let cx = Context::default().ip([203, 0, 113, 7].into());
    for method in ["hit", "remembered"] {
        world.counters.set(&[method]);
        let begun = Instant::now();
        let login = world.accounts.login(Credentials::new("ada@example.com", "wrong"), "bearer", &cx).await;
        assert!(matches!(login, Err(LoginError::Fault(Fault::Store(_) | Fault::Busy))), "{method}");
        assert_eq!(begun.elapsed().as_secs(), 5, "{method}");
    }
    world.counters.set(&[]);
    let begun = Instant::now();
    let new = Register::new("ada@example.com", "hangs");
    let registered = world.accounts.register(new, &cx).await;
    assert!(matches!(registered, Err(RegisterError::Fault(Fault::Hook { .. }))), "{registered:?}");
    assert_eq!(begun.elapsed().as_secs(), 50);
}
