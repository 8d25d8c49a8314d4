//! The cache of principals (J6): after any outcome of an operation, the next request sees what the store says, at every call that may
//! fail, and for a reader who is late; what others write is seen within a second; and what may change something always asks the store.

use std::{
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use axum::http::{Method, header};
use serde_json::json;
use usermgr::{
    audit::EventKind,
    http::{PrincipalCache, Route},
    prelude::*,
    testing::{FakeClock, FaultAt, Watch, Watched},
    user::AdminUpdate,
};

use crate::{
    faults::{ADA, BOB, OTHER, OUTDATED, Operation, PLANS, Plan, ROOT, Seed},
    over_every_store,
    world::{Ask, GOOD, NEW, Options, TestStore, World, admin, system},
};

/// A token with its backend.
type Door = (&'static str, String);

fn cached<S: TestStore>(store: S) -> World<S> {
    World::with(store, Options { cache: Some(PrincipalCache::default()), ..Options::default() })
}

/// Another process over the same accounts, with the same secrets and at the same time, that keeps nothing.
fn beside<S: TestStore>(world: &World<S>) -> World<S> {
    World::with(world.store.clone(), Options { clock: Some(world.clock.clone()), ..Options::default() })
}

impl<S: TestStore> World<S> {
    async fn me(&self, (backend, token): &Door) -> (u16, String) {
        let ask = Ask::new(Method::GET, "/users/me");
        let reply = self.ask(if *backend == "cookie" { ask.cookie(token) } else { ask.bearer(token) }).await;
        (reply.status, reply.text)
    }

    /// Who comes in by each door, and as what.
    async fn answers(&self, doors: &[Door]) -> Vec<(u16, String)> {
        let mut answers = Vec::new();
        for door in doors {
            answers.push(self.me(door).await);
        }
        answers
    }

    /// Has everybody come in, until all of them are kept: of each the store is not asked any more.
    async fn warm(&self, doors: &[Door]) -> Vec<(u16, String)> {
        for _ in 0..20 {
            let answers = self.answers(doors).await;
            assert!(answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
            self.calls.take();
            if self.answers(doors).await == answers && self.calls.take().is_empty() {
                return answers;
            }
        }
        panic!("the store is asked each time");
    }
}

/// Doors of every user that an operation may change.
async fn doors<S: TestStore>(world: &World<S>, seed: &Seed) -> Vec<Door> {
    let mut doors = seed.tokens.clone();
    for email in [BOB, ROOT, OTHER, OUTDATED] {
        for backend in ["session", "revocable"] {
            doors.push((backend, world.login(backend, email, GOOD).await.unwrap().0));
        }
    }
    doors
}

/// Runs an operation while all are kept, with its store failing by a plan. What each user gets afterwards must be what they get where
/// nothing is kept. Says how many calls of the store there were, and whether anything has changed.
async fn run<S: TestStore>(store: S, operation: Operation, plan: Option<(&str, Plan, usize)>) -> (usize, bool) {
    let world = cached(store);
    let truth = beside(&world);
    let seed = Seed::sow(&world).await;
    let doors = doors(&world, &seed).await;
    let what = format!("{}, failing {:?}", operation.name(&seed), plan.map(|(name, _, n)| (name, n)));
    let before = world.warm(&doors).await;
    world.faults.heal();
    if let Some((_, apply, n)) = plan {
        apply(&world.faults, n);
    }
    let status = operation.run(&world, &seed).await;
    let calls = world.faults.calls();
    world.faults.heal();
    assert!(plan.is_some() || status == operation.expected(), "{what}: {status}");
    let (now, true_now) = (world.answers(&doors).await, truth.answers(&doors).await);
    for ((door, now), true_now) in doors.iter().zip(&now).zip(&true_now) {
        assert_eq!(now, true_now, "{what}: {}", door.0);
    }
    (calls, before != now)
}

/// Every operation that the faults are tried at, so that one without a row there fails a test.
async fn j6_the_next_request_sees_what_an_operation_has_done<S: TestStore>(store: impl AsyncFn() -> S) {
    let mut changing = 0;
    for operation in Operation::all() {
        let (_, changed) = run(store().await, operation, None).await;
        changing += u64::from(changed);
    }
    assert!(changing >= 15, "{changing} operations change what a user gets");
    usermgr_tests::figure("operations after which a cache was out of date", changing);
}

#[tokio::test]
async fn j6_the_next_request_sees_what_an_operation_has_done_in_memory() {
    j6_the_next_request_sees_what_an_operation_has_done(async || MemoryStore::new()).await;
}

#[tokio::test]
async fn j6_the_next_request_sees_what_an_operation_has_done_in_sqlite() {
    j6_the_next_request_sees_what_an_operation_has_done(async || SqliteStore::in_memory().await.unwrap()).await;
}

/// An answer of the store that is lost may be that of a change that was made.
#[tokio::test]
async fn j6_x7_the_next_request_sees_what_an_operation_that_failed_has_done() {
    let mut changing = 0;
    for operation in Operation::all() {
        let (calls, _) = run(MemoryStore::new(), operation, None).await;
        for (name, plan) in PLANS {
            for n in 1..=calls {
                let (_, changed) = run(MemoryStore::new(), operation, Some((name, plan, n))).await;
                changing += u64::from(changed);
            }
        }
    }
    usermgr_tests::figure("failed operations after which a cache was out of date", changing);
}

/// What is not a row there: the theft of a refresh token, also if the result of the end of its session is lost.
async fn j6_a_stolen_session_opens_nothing_at_the_very_next_request<S: TestStore>(store: S) {
    for lost in [false, true] {
        let email = format!("{lost}@example.com");
        let world = cached(store.clone());
        world.add(&email, |_| {}).await;
        let (_, renewal) = world.login("refresh", &email, GOOD).await.unwrap();
        let refresh = Ask::post("/auth/refresh/refresh", json!({ "refresh_token": renewal }));
        let access = world.ask(refresh.clone()).await.json()["access_token"].as_str().unwrap().to_owned();
        world.clock.advance(Duration::from_secs(11));
        let door = ("refresh", access);
        world.warm(std::slice::from_ref(&door)).await;
        if lost {
            // The commit of the end.
            world.faults.fail_call(5, FaultAt::After);
        }
        assert_eq!(world.ask(refresh).await.status, if lost { 503 } else { 400 });
        world.faults.heal();
        assert_eq!(world.probe.events().iter().any(|event| event.kind == EventKind::TokenTheft), !lost);
        assert_eq!(world.me(&door).await.0, 401, "lost: {lost}");
    }
}

async fn j6_j5_a_secret_that_was_taken_out_opens_nothing_at_the_very_next_request<S: TestStore>(store: S) {
    let world = cached(store);
    world.add(ADA, |_| {}).await;
    let mut doors = Vec::new();
    for backend in ["session", "jwt", "keys", "revocable", "refresh"] {
        doors.push((backend, world.login(backend, ADA, GOOD).await.unwrap().0));
    }
    world.warm(&doors).await;
    let other = Secret::new("another-secret-for-tests-0123456789");
    *world.accounts.secrets.lock().unwrap() = other.into();
    world.accounts.reload_settings().unwrap();
    let statuses: Vec<_> = world.answers(&doors).await.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [200, 401, 200, 401, 401], "only what the secret had signed has ended");
}

/// The time of a token is its own, also while it is kept.
async fn j6_s5_nothing_is_kept_beyond_its_end<S: TestStore>(store: S) {
    const HOUR: u64 = 3600;
    let world = cached(store);
    world.add(ADA, |_| {}).await;
    let ends = [("jwt", 1), ("revocable", 1), ("refresh", 1), ("session", 30 * 24), ("cookie", 30 * 24)];
    for (backend, hours) in ends {
        let door = (backend, world.login(backend, ADA, GOOD).await.unwrap().0);
        let mut left = Duration::from_secs(hours * HOUR) - Duration::from_millis(500);
        while !left.is_zero() {
            // Used in between, or it would end for want of use.
            let step = left.min(Duration::from_secs(5 * 24 * HOUR));
            world.clock.advance(step);
            left -= step;
            world.warm(std::slice::from_ref(&door)).await;
        }
        world.clock.advance(Duration::from_millis(499));
        assert_eq!(world.me(&door).await.0, 200, "{backend}");
        world.clock.advance(Duration::from_millis(1));
        assert_eq!(world.me(&door).await.0, 401, "{backend}");
    }
}

/// Another process ends a session while this one is asked without pause, which must not prolong anything. The engine's clock stands
/// still: it is the machine's that counts.
async fn j6_what_another_process_writes_is_seen_within_a_second<S: TestStore>(store: S) {
    let world = cached(store);
    let other = beside(&world);
    world.add(ADA, |_| {}).await;
    let door = ("revocable", world.login("revocable", ADA, GOOD).await.unwrap().0);
    world.warm(std::slice::from_ref(&door)).await;
    let ada = other.user(ADA).await.unwrap();
    other.accounts.revoke_all(&ada, &system()).await.unwrap();
    let ended = Instant::now();
    let mut served = 0;
    loop {
        let asked = ended.elapsed();
        match world.me(&door).await.0 {
            200 => assert!(asked < Duration::from_secs(1), "still served after {asked:?}"),
            status => assert_eq!(status, 401),
        }
        served += 1;
        if asked > Duration::from_millis(1200) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(served > 100, "{served} requests are not without pause");
}

/// Two engines in one process that share the cache are as one.
async fn j6_what_an_engine_over_the_same_cache_writes_is_seen_at_once<S: TestStore>(store: S) {
    let cache = PrincipalCache::default();
    let world = World::with(store.clone(), Options { cache: Some(cache.clone()), ..Options::default() });
    let options = Options { clock: Some(world.clock.clone()), cache: Some(cache.clone()), ..Options::default() };
    let other = World::with(store, options);
    world.add(ADA, |_| {}).await;
    let door = ("session", world.login("session", ADA, GOOD).await.unwrap().0);
    let door = std::slice::from_ref(&door);
    for engine in [&world, &other] {
        engine.warm(door).await;
    }
    let ada = other.user(ADA).await.unwrap();
    other.accounts.set_superuser(&admin(), &ada.id, true, &system()).await.unwrap();
    for engine in [&world, &other] {
        assert!(engine.answers(door).await[0].1.contains(r#""is_superuser":true"#));
    }

    // The application's own write, and its word for it.
    world.warm(door).await;
    let mut record = world.store.find(usermgr::store::Lookup::Id(&ada.id)).await.unwrap().unwrap();
    record.user.is_active = false;
    let mut tx = world.store.begin().await.unwrap();
    world.store.update(&mut tx, &record).await.unwrap();
    world.store.commit(tx).await.unwrap();
    cache.forget(&ada.id);
    assert_eq!(world.answers(door).await[0].0, 401);
}

/// Every route that a user may ask something by which changes something, and the operation that has no method: none takes a principal
/// that was kept, not even within its second.
async fn j6_what_may_change_something_asks_the_store<S: TestStore>(store: S) {
    let world = cached(store);
    let other = beside(&world);
    world.add(ADA, |_| {}).await;
    world.add(ROOT, |new| new.is_superuser = true).await;
    let door = ("session", world.login("session", ADA, GOOD).await.unwrap().0);
    let ada = other.user(ADA).await.unwrap();
    let mut asked = 0;
    for route in Route::all() {
        let path = route.path.replace("{backend}", "session").replace("{id}", &ada.id.to_string());
        let ask = Ask { body: Some(json!({})), ..Ask::new(route.method.clone(), path.clone()) }.bearer(&door.1);
        if route.method == Method::GET || world.ask(Ask { headers: Vec::new(), ..ask.clone() }).await.status != 401 {
            continue;
        }
        // Another process activates the user and deactivates them, so that only the store knows.
        other.accounts.set_active(&admin(), &ada.id, true, &system()).await.unwrap();
        let door = ("session", world.login("session", ADA, GOOD).await.unwrap().0);
        world.warm(std::slice::from_ref(&door)).await;
        other.accounts.set_active(&admin(), &ada.id, false, &system()).await.unwrap();
        let ask = Ask::new(route.method.clone(), path.clone()).bearer(&door.1);
        assert_eq!(world.ask(ask).await.status, 401, "{} {path}", route.method);
        assert!(world.accounts.identify("session", &door.1).await.unwrap().is_none());
        asked += 1;
    }
    assert!(asked >= 9, "{asked} routes ask who it is");
}

/// A principal that is kept needs no store; a user who is not kept, or wants to change something, receives the failure.
async fn j6_x8_while_the_store_fails_a_principal_is_served_for_its_second_and_no_longer<S: TestStore>(store: S) {
    let world = cached(store);
    world.add(ADA, |_| {}).await;
    let door = ("jwt", world.login("jwt", ADA, GOOD).await.unwrap().0);
    let unknown = ("jwt", world.login("jwt", ADA, GOOD).await.unwrap().0);
    world.warm(std::slice::from_ref(&door)).await;
    world.faults.fail_from(1, FaultAt::Before);
    assert_eq!(world.me(&door).await.0, 200);
    assert_eq!(world.me(&unknown).await.0, 503);
    let patch = Ask { body: Some(json!({})), ..Ask::new(Method::PATCH, "/users/me").bearer(&door.1) };
    assert_eq!(world.ask(patch).await.status, 503);
    // A socket lasts longer than a second.
    let handshake = Ask::new(Method::GET, "/users/me").bearer(&door.1).with(header::UPGRADE, "websocket");
    assert_eq!(world.ask(handshake).await.status, 503);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.me(&door).await.0, 503);
}

over_every_store!(
    j6_a_stolen_session_opens_nothing_at_the_very_next_request
    j6_j5_a_secret_that_was_taken_out_opens_nothing_at_the_very_next_request
    j6_s5_nothing_is_kept_beyond_its_end
    j6_what_another_process_writes_is_seen_within_a_second
    j6_what_an_engine_over_the_same_cache_writes_is_seen_at_once
    j6_what_may_change_something_asks_the_store
    j6_x8_while_the_store_fails_a_principal_is_served_for_its_second_and_no_longer
);

/// Holds the task that notes that a session was used, which happens after it was read and before it is kept.
#[derive(Clone, Default)]
struct Gate(Arc<Mutex<Option<Held>>>);

struct Held {
    arrived: mpsc::Sender<()>,
    go: mpsc::Receiver<()>,
}

impl Watch for Gate {
    fn called(&self, method: &'static str) -> Option<FaultAt> {
        let held = (method == "touch_session").then(|| self.0.lock().unwrap().take()).flatten();
        if let Some(Held { arrived, go }) = held {
            arrived.send(()).unwrap();
            go.recv().unwrap();
        }
        None
    }
}

struct Late {
    engine: Engine<Watched<MemoryStore, Gate>>,
}

#[user_manager(store = Watched<MemoryStore, Gate>, secret = crate::world::SECRET)]
impl Late {}

/// What may happen to a user while a task that has read the user is held up.
#[derive(Clone, Copy, Debug)]
enum Meanwhile {
    Deactivation,
    Promotion,
    Address,
    Password,
    Deletion,
    EndOfSession,
    EndOfAllSessions,
    Logout,
}

use Meanwhile::*;

impl Meanwhile {
    async fn make(self, accounts: &Late, token: &str, user: &User) {
        let (cx, admin) = (system(), admin());
        let principal = accounts.identify("bearer", token).await.unwrap().unwrap();
        match self {
            Deactivation => drop(accounts.set_active(&admin, &user.id, false, &cx).await.unwrap()),
            Promotion => drop(accounts.set_superuser(&admin, &user.id, true, &cx).await.unwrap()),
            Address => {
                let update = AdminUpdate::<NoProfile>::default().email("new@example.com");
                accounts.update_user(&admin, &user.id, update, &cx).await.unwrap();
            }
            Password => drop(accounts.change_password(user, GOOD.into(), NEW.into(), &cx).await.unwrap()),
            Deletion => accounts.delete(user, &cx).await.unwrap(),
            EndOfSession => accounts.revoke_session(user, &principal.session.id, &cx).await.unwrap(),
            EndOfAllSessions => accounts.revoke_all(user, &cx).await.unwrap(),
            Logout => accounts.logout(&principal, &cx).await.unwrap(),
        }
    }
}

/// The reader has the old row, the whole change is made, and only then does the reader go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn j6_a_reader_who_is_late_leaves_nothing_behind() {
    for change in [Deactivation, Promotion, Address, Password, Deletion, EndOfSession, EndOfAllSessions, Logout] {
        let (gate, clock) = (Gate::default(), FakeClock::start());
        let engine = Engine::builder(Watched::new(MemoryStore::new(), gate.clone()))
            .backend(Backend::bearer("bearer", Database::new()))
            .hasher(crate::world::cheap(16))
            .clock(clock.clone())
            .cache(PrincipalCache::default())
            .build()
            .unwrap();
        let accounts = Arc::new(Late { engine });
        let user = accounts.register(Register::new(ADA, GOOD), &system()).await.unwrap();
        let token = accounts.login(Credentials::new(ADA, GOOD), "bearer", &system()).await.unwrap().token;
        let ask = || {
            let (accounts, token) = (accounts.clone(), token.expose().to_owned());
            async move {
                let request = axum::http::Request::get("/users/me").header("authorization", format!("Bearer {token}"));
                let parts = request.body(()).unwrap().into_parts().0;
                usermgr::http::identify(&*accounts, &parts).await.unwrap().map(|principal| format!("{principal:?}"))
            }
        };
        // A reader that has not noted the use for a minute does.
        clock.advance(Duration::from_secs(61));
        let ((arrived, has_arrived), (go, may_go)) = (mpsc::channel(), mpsc::channel());
        *gate.0.lock().unwrap() = Some(Held { arrived, go: may_go });
        let reader = tokio::spawn(ask());
        tokio::task::block_in_place(|| has_arrived.recv_timeout(Duration::from_secs(10))).unwrap();
        change.make(&accounts, token.expose(), &user).await;
        go.send(()).unwrap();
        assert!(reader.await.unwrap().is_some(), "{change:?}: the user was accepted before");
        let truth = accounts.identify("bearer", token.expose()).await.unwrap();
        assert_eq!(ask().await, truth.map(|principal| format!("{principal:?}")), "{change:?}");
    }
}

/// Readers on other threads ask without pause, and the next request sees the result of an operation.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn j6_under_readers_without_pause_every_change_is_seen_by_the_next_request() {
    let world = Arc::new(cached(MemoryStore::new()));
    let ada = world.add(ADA, |_| {}).await;
    world.add(OTHER, |new| new.is_superuser = true).await;
    let door = ("jwt", world.login("jwt", ADA, GOOD).await.unwrap().0);
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (world, door, stop) = (world.clone(), door.clone(), stop.clone());
            tokio::spawn(async move {
                let mut asked = 0_u64;
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    assert_eq!(world.me(&door).await.0, 200);
                    asked += 1;
                    tokio::task::yield_now().await;
                }
                asked
            })
        })
        .collect();
    let mut changes = 0_u64;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(3) {
        let superuser = changes.is_multiple_of(2);
        world.accounts.set_superuser(&admin(), &ada.id, superuser, &system()).await.unwrap();
        let (status, text) = world.me(&door).await;
        assert_eq!(status, 200);
        assert!(text.contains(&format!(r#""is_superuser":{superuser}"#)), "change {changes}: {text}");
        changes += 1;
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let mut asked = 0;
    for reader in readers {
        asked += reader.await.unwrap();
    }
    assert!(changes > 50 && asked > 50, "{changes} changes, {asked} requests");
    usermgr_tests::figure("changes seen at once through a cache under readers", changes);
}
