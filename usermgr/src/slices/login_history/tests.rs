//! The login history over the routes: what each way in leaves, who sees it, that a store which fails delays and fails no login, and
//! when rows end.

use std::{collections::HashSet, sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::{
    Fault,
    audit::EventKind,
    engine::{EngineBuilder, LoginHistory},
    limits::Limits,
    password::{Argon2Params, Argon2id},
    prelude::*,
    session::{Amr, Method},
    testing::{Calls, Client, Counted, FakeClock, FaultAt, Probe, Watch, Watched},
};

const PASSWORD: &str = "correct horse battery";
const WRONG: &str = "wrong horse battery";
const ADA: &str = "ada@example.com";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Makes the writes of the history fail, and nothing else.
#[derive(Clone)]
struct Failing(Option<FaultAt>);

impl Watch for Failing {
    fn called(&self, method: &'static str) -> Option<FaultAt> {
        self.0.filter(|_| method == "insert_login")
    }
}

type Store = Counted<Watched<MemoryStore, Failing>>;

struct Accounts {
    engine: Engine<Store>,
    probe: Probe,
}

#[user_manager(store = Store, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_before_login(&self, user: &User) -> Result<(), Rejection> {
        if user.email.as_str() == "late@example.com" { Err(Rejection::new("CLOSED")) } else { Ok(()) }
    }
}

struct Rig {
    accounts: Arc<Accounts>,
    calls: Calls,
    clock: FakeClock,
}

impl Rig {
    fn new(history: LoginHistory) -> Self {
        Self::with(None, |engine| engine.with(history))
    }

    fn with(fault: Option<FaultAt>, change: impl FnOnce(EngineBuilder<Store>) -> EngineBuilder<Store>) -> Self {
        let (calls, probe, clock) = (Calls::default(), Probe::default(), FakeClock::start());
        let store = Counted::new(Watched::new(MemoryStore::new(), Failing(fault)), calls.clone());
        let hasher = Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap());
        let engine = Engine::builder(store)
            .backend(Backend::bearer("bearer", Database::new()))
            .backend(Backend::bearer("jwt", Jwt::new()))
            .hasher(Counted::new(hasher, calls.clone()))
            .limits(Limits::dangerous_none())
            .clock(clock.clone())
            .audit(probe.clone());
        let accounts = Accounts { engine: change(engine).build().unwrap(), probe };
        Self { accounts: Arc::new(accounts), calls, clock }
    }

    fn client(&self) -> Client {
        let client = Client::new(crate::axum::router(self.accounts.clone()).unwrap());
        client.peer([192, 0, 2, 7]).header("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0")
    }

    async fn add(&self, email: &str, change: impl FnOnce(&mut NewUser)) -> User {
        let mut new = NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile).password(PASSWORD);
        change(&mut new);
        self.accounts.create(new, &Context::system("test")).await.unwrap()
    }

    /// The history of a user, as the operation returns it: how each login ended, with its methods.
    async fn history(&self, user: &User) -> Vec<(String, String)> {
        self.accounts.engine.settle().await;
        let entries = self.accounts.login_history(user).await.unwrap();
        entries.into_iter().map(|entry| (entry.outcome.to_string(), entry.methods.to_string())).collect()
    }

    fn lost(&self) -> Vec<String> {
        let events = self.accounts.probe.events().into_iter();
        let lost = events.filter(|event| event.kind == EventKind::LoginHistoryLost);
        lost.map(|event| event.detail.unwrap().into_owned()).collect()
    }
}

fn row(outcome: &str, methods: &str) -> (String, String) {
    (outcome.to_owned(), methods.to_owned())
}

#[tokio::test]
async fn lh1_each_login_and_each_refused_one_of_a_user_is_kept_with_where_it_came_from() {
    let rig = Rig::new(LoginHistory::new());
    let ada = rig.add(ADA, |_| {}).await;
    let client = rig.client();
    let begun = rig.accounts.engine.now();
    client.login("bearer", ADA, PASSWORD).await.expect(200);
    rig.clock.advance(Duration::from_secs(60));
    client.clone().header("user-agent", &"x".repeat(2_000)).login("jwt", ADA, WRONG).await.expect(400);
    rig.accounts.engine.settle().await;
    let shown = client.get("/users/me/logins").await.expect(200);
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0";
    let expected = json!([
        {
            "at": begun + Duration::from_secs(60), "outcome": "refused", "reason": "wrong password", "methods": [],
            "ip": "192.0.2.7", "user_agent": "x".repeat(512),
        },
        {
            "at": begun, "outcome": "logged_in", "reason": null, "methods": ["pwd"],
            "ip": "192.0.2.7", "user_agent": agent,
        },
    ]);
    assert_eq!(shown.json, expected);
    // Ways in without a password, refusals behind the proof, and a proof without a session.
    let cx = Context::default();
    rig.clock.advance(Duration::from_secs(60));
    let methods = Amr::of([Method::FEDERATED, Method::MULTI_FACTOR]);
    rig.accounts.sign_in(&ada, methods, "bearer", &cx).await.unwrap();
    assert_eq!(rig.history(&ada).await[0], row("logged in", "fed mfa"));
    assert!(rig.accounts.authenticate(Credentials::new(ADA, WRONG), &cx).await.is_err());
    assert_eq!(rig.history(&ada).await.len(), 4);
    for (email, change, reason) in [
        ("late@example.com", (|_| {}) as fn(&mut NewUser), "rejected"),
        ("ina@example.com", |new| new.is_active = false, "inactive"),
        ("none@example.com", |new| new.password = None, "no password"),
    ] {
        let user = rig.add(email, change).await;
        assert!(!client.login("bearer", email, PASSWORD).await.status.is_success());
        assert_eq!(rig.history(&user).await, [row(reason, "")], "{email}");
    }
    assert_eq!(rig.lost(), [""; 0]);
}

#[tokio::test]
async fn lh1_an_unknown_address_leaves_no_row_and_is_answered_as_a_known_one() {
    let rig = Rig::new(LoginHistory::new());
    let ada = rig.add(ADA, |_| {}).await;
    let client = rig.client();
    rig.accounts.engine.settle().await;
    let mut seen = Vec::new();
    for email in [ADA, "unknown@example.com"] {
        rig.calls.take();
        let reply = client.login("bearer", email, WRONG).await.expect(400);
        rig.accounts.engine.settle().await;
        let calls = rig.calls.take();
        let (written, others): (Vec<_>, Vec<_>) = calls.into_iter().partition(|call| *call == "insert_login");
        seen.push((reply.text().to_owned(), others));
        assert_eq!(written.len(), usize::from(email == ADA), "{email}");
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(rig.history(&ada).await, [row("wrong password", "")]);
}

#[tokio::test]
async fn lh2_of_many_logins_at_once_the_latest_stay_and_refusals_push_none_out() {
    let rig = Rig::new(LoginHistory::new().most(5));
    let ada = rig.add(ADA, |_| {}).await;
    let attempts: Vec<_> = (0..64)
        .map(|number| {
            let (accounts, ada) = (rig.accounts.clone(), ada.clone());
            tokio::spawn(async move {
                let cx = Context::default();
                match number % 2 {
                    0 => accounts.sign_in(&ada, Amr::PASSWORD, "jwt", &cx).await.is_ok(),
                    _ => accounts.login(Credentials::new(ADA, WRONG), "jwt", &cx).await.is_ok(),
                }
            })
        })
        .collect();
    let mut successes = 0;
    for attempt in attempts {
        successes += usize::from(attempt.await.unwrap());
    }
    assert_eq!(successes, 32);
    let kept = rig.history(&ada).await;
    assert_eq!(kept.iter().filter(|(outcome, _)| outcome == "logged in").count(), 5);
    assert_eq!(kept.len(), 10);
    for _ in 0..20 {
        let _ = rig.accounts.login(Credentials::new(ADA, WRONG), "jwt", &Context::default()).await;
    }
    assert_eq!(rig.history(&ada).await.iter().filter(|(outcome, _)| outcome == "logged in").count(), 5);
    assert_eq!(rig.lost(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn lh3_a_store_that_fails_or_hangs_neither_delays_nor_fails_a_login_and_the_loss_is_an_event() {
    for (fault, is_kept, why) in [
        (FaultAt::Before, false, "a fault was injected"),
        (FaultAt::After, true, "a fault was injected"),
        (FaultAt::HangBefore, false, "the store took too long"),
        (FaultAt::HangAfter, true, "the store took too long"),
    ] {
        let rig = Rig::with(Some(fault), |engine| engine.with(LoginHistory::new()));
        let ada = rig.add(ADA, |_| {}).await;
        let ina = rig.add("ina@example.com", |new| new.is_active = false).await;
        let (begun, cx) = (tokio::time::Instant::now(), Context::default());
        // Without a password, since the paused clock would run while it is hashed.
        assert!(rig.accounts.sign_in(&ada, Amr::PASSWORD, "jwt", &cx).await.is_ok(), "{fault:?}");
        assert!(rig.accounts.sign_in(&ina, Amr::PASSWORD, "jwt", &cx).await.is_err(), "{fault:?}");
        assert!(begun.elapsed() < Duration::from_millis(100), "{fault:?}");
        rig.accounts.engine.settle().await;
        assert!(begun.elapsed() < Duration::from_secs(11), "{fault:?}");
        let lost = rig.lost();
        assert!(lost.len() == 2 && lost.iter().all(|said| said.contains(why)), "{fault:?}: {lost:?}");
        for user in [&ada, &ina] {
            assert_eq!(rig.history(user).await.len(), usize::from(is_kept), "{fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn lh3_more_rows_than_may_wait_are_lost_with_an_event_and_other_background_work_has_its_room() {
    let rig = Rig::with(Some(FaultAt::HangBefore), |engine| engine.with(LoginHistory::new()).background_limit(4));
    let ada = rig.add(ADA, |_| {}).await;
    for _ in 0..300 {
        rig.accounts.sign_in(&ada, Amr::PASSWORD, "jwt", &Context::default()).await.unwrap();
    }
    assert_eq!(rig.lost(), vec!["too many rows are waiting"; 300 - 256]);
    rig.client().post("/auth/forgot-password", json!({ "email": ADA })).await.expect(202);
    assert_eq!(rig.accounts.engine.metrics().background.refused, 0);
    rig.accounts.engine.settle().await;
    assert_eq!(rig.lost().len(), 300);
}

#[tokio::test]
async fn lh4_users_see_their_own_and_superusers_those_of_all() {
    let rig = Rig::new(LoginHistory::new());
    let ada = rig.add(ADA, |_| {}).await;
    rig.add("root@example.com", |new| new.is_superuser = true).await;
    let (client, root) = (rig.client(), rig.client());
    client.get("/users/me/logins").await.expect(401);
    client.login("bearer", ADA, PASSWORD).await.expect(200);
    root.login("bearer", "root@example.com", PASSWORD).await.expect(200);
    rig.accounts.engine.settle().await;
    let of_ada = format!("/users/{}/logins", ada.id);
    let outcomes =
        |shown: &Value| shown.as_array().unwrap().iter().map(|row| row["outcome"].clone()).collect::<Vec<_>>();
    assert_eq!(outcomes(&client.get("/users/me/logins").await.expect(200).json), ["logged_in"]);
    assert_eq!(outcomes(&root.get(&of_ada).await.expect(200).json), ["logged_in"]);
    client.get(&of_ada).await.expect(403);
    rig.client().get(&of_ada).await.expect(401);
    for unknown in ["01890000-0000-7000-8000-000000000000", "x", "%ff"] {
        root.get(&format!("/users/{unknown}/logins")).await.expect(404);
    }
}

#[tokio::test]
async fn lh5_rows_end_with_their_time_and_with_their_user() {
    let rig = Rig::new(LoginHistory::new().keep(30 * DAY));
    let (ada, bob) = (rig.add(ADA, |_| {}).await, rig.add("bob@example.com", |_| {}).await);
    let login = async |email: &str| {
        rig.accounts.login(Credentials::new(email, PASSWORD), "jwt", &Context::default()).await.unwrap();
        rig.accounts.engine.settle().await;
    };
    login(ADA).await;
    rig.clock.advance(20 * DAY);
    login(ADA).await;
    login("bob@example.com").await;
    assert_eq!(rig.history(&ada).await.len(), 2);
    rig.clock.advance(10 * DAY);
    assert_eq!(rig.history(&ada).await.len(), 2, "until its last moment");
    rig.clock.advance(Duration::from_secs(1));
    // It is shown to no one, whether or not it was purged.
    assert_eq!(rig.history(&ada).await.len(), 1);
    assert_eq!(rig.accounts.engine.purge().await.unwrap(), 1);
    assert_eq!((rig.history(&ada).await.len(), rig.history(&bob).await.len()), (1, 1));
    rig.accounts.delete(&ada, &Context::system("test")).await.unwrap();
    assert_eq!((rig.history(&ada).await.len(), rig.history(&bob).await.len()), (0, 1));
    assert_eq!(rig.accounts.engine.purge().await.unwrap(), 0);
}

#[tokio::test]
async fn lh6_without_the_part_nothing_is_written_and_the_routes_are_not_there() {
    let rig = Rig::with(None, |engine| engine);
    let ada = rig.add(ADA, |_| {}).await;
    let client = rig.client();
    client.login("bearer", ADA, PASSWORD).await.expect(200);
    client.clone().login("bearer", ADA, WRONG).await.expect(400);
    rig.accounts.engine.settle().await;
    rig.accounts.engine.purge().await.unwrap();
    let calls: HashSet<_> = rig.calls.take().into_iter().collect();
    assert!(!calls.iter().any(|call| call.contains("login")), "{calls:?}");
    client.get("/users/me/logins").await.expect(404);
    let refused = rig.accounts.login_history(&ada).await.unwrap_err();
    assert!(matches!(&refused, Fault::Config(why) if why.to_string().contains("add the part `LoginHistory`")));
}

#[test]
fn lh6_an_engine_with_wrong_settings_is_not_built() {
    let fault = |history: LoginHistory| {
        let engine = Engine::new(MemoryStore::<NoProfile>::new()).with(history);
        engine.err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(fault(LoginHistory::default()), "");
    for most in [0, 101] {
        assert!(fault(LoginHistory::new().most(most)).contains("`most` must be from 1 to 100"), "{most}");
    }
    for keep in [Duration::ZERO, DAY - Duration::from_secs(1), 3_661 * DAY] {
        assert!(fault(LoginHistory::new().keep(keep)).contains("from one day to 3660 days"), "{keep:?}");
    }
}
