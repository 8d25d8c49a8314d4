//! Logins in two steps, with a factor of the test's own: what the first step gives, what finishes it, and that nothing goes round it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use usermgr::{
    Fault, Limits, LoggedIn, LoginError, MysqlStore, PgStore,
    audit::EventKind,
    engine::{EngineBuilder, Factor, FactorContext, Part, Proof},
    error::PendingLogin,
    password::{Argon2Params, Argon2id},
    prelude::*,
    session::{Amr, Method, Strategy},
    store::{CredentialKind, CredentialStore, NewCredential, SessionStore},
    testing::{Calls, Client, Counted, FakeClock, FaultAt, Faults, Faulty, Probe, claims_of},
    token::Reset,
};
use usermgr_tests::DatabaseServer;

const ADA: &str = "ada@example.com";
const GOOD: &str = "correct horse battery";
const BADGE: CredentialKind = CredentialKind::new("test:badge");
const PIN: CredentialKind = CredentialKind::new("test:pin");

/// What the tests ask of a store.
trait TestStore: SessionStore<Profile = NoProfile> + CredentialStore + 'static {}

impl<S: SessionStore<Profile = NoProfile> + CredentialStore + 'static> TestStore for S {}

/// A badge shows a number, and another after each use.
struct Badges;

impl<S: CredentialStore> Part<S> for Badges {
    fn name(&self) -> &'static str {
        "test:badge"
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        engine.add_factor(self);
    }
}

#[async_trait]
impl<S: CredentialStore> Factor<S> for Badges {
    fn kind(&self) -> CredentialKind {
        BADGE
    }

    fn methods(&self) -> Amr {
        Method::ONE_TIME_PASSWORD.into()
    }

    async fn prove(&self, cx: &FactorContext<'_, S>, proof: &Proof) -> Result<bool, Fault> {
        let Some(badge) = cx.of_kind(&BADGE).find(|badge| badge.data == proof.answer()) else { return Ok(false) };
        let next = badge.data.parse::<u32>().unwrap() + 1;
        let mut used = badge.clone();
        (used.data, used.used_at) = (next.to_string(), Some(cx.now));
        Ok(cx.store.swap_credential(&used).await?)
    }
}

/// A number that is the same each time: nothing but the pending login is used up.
struct Pins;

impl<S: CredentialStore> Part<S> for Pins {
    fn name(&self) -> &'static str {
        "test:pin"
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        engine.add_factor(self);
    }
}

#[async_trait]
impl<S: CredentialStore> Factor<S> for Pins {
    fn kind(&self) -> CredentialKind {
        PIN
    }

    fn methods(&self) -> Amr {
        Method::new("test:pin").into()
    }

    async fn prove(&self, cx: &FactorContext<'_, S>, proof: &Proof) -> Result<bool, Fault> {
        Ok(cx.of_kind(&PIN).any(|pin| pin.data == proof.answer()))
    }
}

struct Accounts<S> {
    engine: Engine<S>,
    probe: Probe,
}

#[user_manager(store = S, secret = "only-for-tests-0123456789abcdef-x")]
impl<S: TestStore> Accounts<S> {
    async fn on_after_forgot_password(&self, user: &User<NoProfile, S::Id>, token: &ResetToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_before_login(&self, user: &User<NoProfile, S::Id>) -> Result<(), Rejection> {
        if user.email.as_str().starts_with("barred") { Err(Rejection::new("BARRED")) } else { Ok(()) }
    }
}

struct World<S: TestStore> {
    accounts: Arc<Accounts<S>>,
    clock: FakeClock,
    probe: Probe,
    ada: User<NoProfile, S::Id>,
}

fn cx() -> Context {
    Context::default()
}

fn credentials() -> Credentials {
    Credentials::new(ADA, GOOD)
}

fn answer(text: &str) -> Proof {
    Proof::new(BADGE, text)
}

/// Tells the step that it asks for.
fn pending<T: std::fmt::Debug>(outcome: Result<T, LoginError>) -> PendingLogin {
    match outcome {
        Err(LoginError::SecondFactorRequired(pending)) => pending,
        other => panic!("{other:?}"),
    }
}

impl<S: TestStore> World<S> {
    async fn open(store: S, limits: Limits, strategy: impl Strategy<S>) -> Self {
        let (clock, probe) = (FakeClock::start(), Probe::default());
        let engine = Engine::builder(store)
            .backend(Backend::bearer("app", strategy))
            .backend(Backend::bearer("other", Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .clock(clock.clone())
            .audit(probe.clone())
            .limits(limits)
            .with(Badges)
            .with(Pins)
            .build()
            .unwrap();
        let accounts = Arc::new(Accounts { engine, probe: probe.clone() });
        accounts.check().unwrap();
        let ada = accounts.register(Register::new(ADA, GOOD), &cx()).await.unwrap();
        Self { accounts, clock, probe, ada }
    }

    /// Gives Ada a badge that shows 1.
    async fn enrol(&self) {
        self.give(BADGE).await;
    }

    /// Gives Ada a credential with the number 1.
    async fn give(&self, kind: CredentialKind) {
        let store = self.accounts.engine.store();
        let mut tx = store.begin().await.unwrap();
        let new = NewCredential::new(self.ada.id.clone(), kind, "1", self.accounts.engine.now());
        store.insert_credential(&mut tx, &new).await.unwrap();
        store.commit(tx).await.unwrap();
    }

    async fn enrolled(store: S, limits: Limits, strategy: impl Strategy<S>) -> Self {
        let world = Self::open(store, limits, strategy).await;
        world.enrol().await;
        world
    }

    async fn first_step(&self) -> PendingLogin {
        pending(self.accounts.login(credentials(), "app", &cx()).await)
    }

    async fn finish(&self, pending: &PendingLogin, text: &str) -> Result<LoggedIn<S>, LoginError> {
        self.accounts.finish_login(&pending.token, &answer(text), "app", &cx()).await
    }

    async fn badges(&self) -> usize {
        let store = self.accounts.engine.store();
        store.credentials(&self.ada.id, self.accounts.engine.now()).await.unwrap().len()
    }

    async fn reset(&self, password: &str) {
        self.accounts.forgot_password(&self.ada, &cx()).await.unwrap();
        let token = self.probe.token::<Reset>(ADA).unwrap();
        self.accounts.reset_password(&token, password.into(), &cx()).await.unwrap();
    }
}

fn both() -> Amr {
    Amr::of([Method::PASSWORD, Method::ONE_TIME_PASSWORD, Method::MULTI_FACTOR])
}

async fn mf1_both_steps_make_a_session_that_knows_them<S: TestStore>(fresh: impl AsyncFn() -> S) {
    for strategy in 0..4 {
        let store = fresh().await;
        let world = match strategy {
            0 => World::open(store, Limits::default(), Database::new()).await,
            1 => World::open(store, Limits::default(), Jwt::new()).await,
            2 => World::open(store, Limits::default(), Jwt::new().revocable()).await,
            _ => World::open(store, Limits::default(), Jwt::new().with_refresh(Refresh::new())).await,
        };
        let accounts = &world.accounts;
        // Without a badge nothing is new.
        let plain = accounts.login(credentials(), "app", &cx()).await.unwrap();
        assert_eq!(plain.login.session.amr, Amr::PASSWORD);
        world.enrol().await;
        let pending = world.first_step().await;
        assert_eq!(pending.factors.iter().map(|factor| factor.kind.as_str()).collect::<Vec<_>>(), ["test:badge"]);
        assert_eq!(pending.expires_in, Duration::from_secs(300));
        // It opens nothing.
        for backend in ["app", "other"] {
            assert!(accounts.identify(backend, pending.token.expose()).await.unwrap().is_none());
        }
        assert!(matches!(world.finish(&pending, "7").await, Err(LoginError::BadSecondFactor)));
        world.clock.advance(Duration::from_secs(200));
        let login = world.finish(&pending, "1").await.unwrap();
        assert_eq!(login.login.session.amr, both());
        assert_eq!(login.login.session.authenticated_at, accounts.engine.now());
        let session = accounts.identify("app", login.token.expose()).await.unwrap().unwrap().session;
        assert_eq!((session.amr, session.authenticated_at.as_second()), (both(), accounts.engine.now().as_second()));
        if let Some(refresh) = login.refresh {
            world.clock.advance(Duration::from_secs(60));
            let next = accounts.refresh(&refresh, "app", &cx()).await.unwrap();
            assert_eq!(next.session.amr, both());
            let session = accounts.identify("app", next.token.expose()).await.unwrap().unwrap().session;
            assert_eq!(session.amr, both());
        }
        // Once is once.
        assert!(matches!(world.finish(&pending, "2").await, Err(LoginError::NotPending)));
        assert_eq!(world.probe.count(EventKind::LoggedIn), 2);
        assert_eq!(world.probe.count(EventKind::LoginPending), 1);
    }
}

async fn mf6_of_many_wrong_answers_at_once_five_are_judged<S: TestStore>(store: S) {
    let world = Arc::new(World::enrolled(store, Limits::dangerous_none(), Database::new()).await);
    let pending = Arc::new(world.first_step().await);
    let tasks: Vec<_> = (0..64)
        .map(|n| {
            let (world, pending) = (world.clone(), pending.clone());
            tokio::spawn(async move { world.finish(&pending, &format!("9{n}")).await.unwrap_err() })
        })
        .collect();
    let mut judged = 0;
    for task in tasks {
        match task.await.unwrap() {
            LoginError::BadSecondFactor => judged += 1,
            LoginError::NotPending | LoginError::Fault(Fault::Busy) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(judged, 5);
    assert!(matches!(world.finish(&pending, "1").await, Err(LoginError::NotPending)), "the right one comes too late");
    assert!(world.finish(&world.first_step().await, "1").await.is_ok(), "the factor stays");
}

async fn mf2_one_answer_at_many_places_at_once_makes_one_session<S: TestStore>(store: S) {
    let world = Arc::new(World::enrolled(store, Limits::dangerous_none(), Database::new()).await);
    world.give(PIN).await;
    // A pending login for each, then one for all, and one whose answer is not used up.
    let mut own = Vec::new();
    for _ in 0..16 {
        own.push(Arc::new(world.first_step().await));
    }
    let (one, another) = (Arc::new(world.first_step().await), Arc::new(world.first_step().await));
    for (proof, pendings) in
        [(answer("1"), own), (answer("2"), vec![one; 16]), (Proof::new(PIN, "1"), vec![another; 16])]
    {
        let tasks: Vec<_> = pendings
            .into_iter()
            .map(|pending| {
                let (world, proof) = (world.clone(), proof.clone());
                tokio::spawn(
                    async move { world.accounts.finish_login(&pending.token, &proof, "app", &cx()).await.is_ok() },
                )
            })
            .collect();
        let mut made = 0;
        for task in tasks {
            made += usize::from(task.await.unwrap());
        }
        assert_eq!(made, 1, "{proof:?}");
    }
    assert_eq!(world.accounts.sessions(&world.ada, &cx()).await.unwrap().len(), 3);
}

async fn mf2_a_pending_login_is_bound_to_backend_stamp_activity_and_time<S: TestStore>(fresh: impl AsyncFn() -> S) {
    let world = World::enrolled(fresh().await, Limits::default(), Database::new()).await;
    let accounts = &world.accounts;
    let refused = |outcome: Result<LoggedIn<S>, LoginError>| matches!(outcome, Err(LoginError::NotPending));

    let pending = world.first_step().await;
    assert!(refused(accounts.finish_login(&pending.token, &answer("1"), "other", &cx()).await), "another backend");
    let authenticated = accounts.finish_authentication(&pending.token, &answer("1"), &cx()).await;
    assert!(matches!(authenticated, Err(LoginError::NotPending)), "no backend");
    assert!(refused(accounts.finish_login(&"forged".into(), &answer("1"), "app", &cx()).await));
    assert!(world.finish(&pending, "1").await.is_ok(), "no attempt was used up by that");

    let pending = world.first_step().await;
    world.clock.advance(Duration::from_secs(299));
    assert!(world.finish(&pending, "2").await.is_ok());
    let pending = world.first_step().await;
    world.clock.advance(Duration::from_secs(300));
    assert!(refused(world.finish(&pending, "3").await), "too late");

    let pending = world.first_step().await;
    accounts.revoke_all(&world.ada, &cx()).await.unwrap();
    assert!(refused(world.finish(&pending, "3").await), "another stamp");

    let pending = world.first_step().await;
    accounts.set_active(&Admin::system("test"), &world.ada.id, false, &cx()).await.unwrap();
    accounts.set_active(&Admin::system("test"), &world.ada.id, true, &cx()).await.unwrap();
    assert!(refused(world.finish(&pending, "3").await), "locked out in between");
    assert_eq!(world.badges().await, 1, "the factor stays");
    assert!(world.finish(&world.first_step().await, "3").await.is_ok());
}

async fn mf1_no_way_in_goes_round_the_factor<S: TestStore>(store: S) {
    let world = World::enrolled(store, Limits::default(), Database::new()).await;
    let accounts = &world.accounts;
    let waiting = pending(accounts.authenticate(credentials(), &cx()).await);
    let at_a_login = accounts.finish_login(&waiting.token, &answer("1"), "app", &cx()).await;
    assert!(matches!(at_a_login, Err(LoginError::NotPending)), "what makes no session makes none later");
    let user = accounts.finish_authentication(&waiting.token, &answer("1"), &cx()).await.unwrap();
    assert_eq!(user, world.ada);

    let waiting = pending(accounts.sign_in(&world.ada, Method::FEDERATED.into(), "app", &cx()).await);
    let login = world.finish(&waiting, "2").await.unwrap();
    let proved = Amr::of([Method::FEDERATED, Method::ONE_TIME_PASSWORD, Method::MULTI_FACTOR]);
    assert_eq!(login.login.session.amr, proved);
    // The channel of the factor proved twice is one factor.
    let waiting = pending(accounts.sign_in(&world.ada, Method::ONE_TIME_PASSWORD.into(), "app", &cx()).await);
    let login = world.finish(&waiting, "3").await.unwrap();
    assert!(!login.login.session.amr.is_multi_factor());
    let two = Amr::of([Method::FEDERATED, Method::MULTI_FACTOR]);
    let login = accounts.sign_in(&world.ada, two.clone(), "app", &cx()).await.unwrap();
    assert_eq!(login.login.session.amr, two);
}

async fn mf1_signing_in_asks_what_a_login_asks<S: TestStore>(store: S) {
    let world = World::open(store, Limits::default(), Database::new()).await;
    let accounts = &world.accounts;
    let sign_in = async |user: &User<NoProfile, S::Id>, backend: &str| {
        accounts.sign_in(user, Method::FEDERATED.into(), backend, &cx()).await
    };
    let login = sign_in(&world.ada, "app").await.unwrap();
    assert_eq!(login.login.session.amr, Method::FEDERATED.into());
    assert_eq!(world.probe.count(EventKind::LoggedIn), 1);
    assert!(matches!(sign_in(&world.ada, "none").await, Err(LoginError::UnknownBackend)));
    let barred = accounts.register(Register::new("barred@example.com", GOOD), &cx()).await.unwrap();
    assert!(matches!(sign_in(&barred, "app").await, Err(LoginError::Rejected(_))));
    accounts.set_active(&Admin::system("test"), &world.ada.id, false, &cx()).await.unwrap();
    assert!(matches!(sign_in(&world.ada, "app").await, Err(LoginError::BadCredentials)));
    accounts.delete(&world.ada, &cx()).await.unwrap();
    assert!(matches!(sign_in(&world.ada, "app").await, Err(LoginError::BadCredentials)));
}

async fn t15_t16_a_reset_takes_an_unverified_account_over_and_no_factor_of_a_verified_one<S: TestStore>(
    fresh: impl AsyncFn() -> S,
) {
    for verified in [false, true] {
        let world = World::enrolled(fresh().await, Limits::default(), Database::new()).await;
        let accounts = &world.accounts;
        let makers = world.finish(&world.first_step().await, "1").await.unwrap();
        let waiting = world.first_step().await;
        if verified {
            let update = usermgr::user::AdminUpdate::default().verified(true);
            accounts.update_user(&Admin::system("test"), &world.ada.id, update, &cx()).await.unwrap();
        }
        world.reset("another horse battery").await;
        assert!(accounts.identify("app", makers.token.expose()).await.unwrap().is_none());
        assert!(matches!(world.finish(&waiting, "2").await, Err(LoginError::NotPending)));
        assert_eq!(world.badges().await, usize::from(verified));
        let user = accounts.get(&world.ada.id).await.unwrap().unwrap();
        assert_eq!(user.is_verified, verified, "as in FastAPI Users");
        assert!(matches!(accounts.login(credentials(), "app", &cx()).await, Err(LoginError::BadCredentials)));
        let login = accounts.login(Credentials::new(ADA, "another horse battery"), "app", &cx()).await;
        assert_eq!(matches!(login, Err(LoginError::SecondFactorRequired(_))), verified);
        assert_eq!(login.is_ok(), !verified);
    }
}

/// Over each store that keeps credentials.
macro_rules! over_stores {
    ($($test:ident: $($fresh:ident)?;)*) => {
        mod memory {
            use super::*;
            $(over_stores!(one $test MemoryStore::new() $(, $fresh)?);)*
        }

        mod sqlite {
            use super::*;
            $(over_stores!(one $test SqliteStore::<NoProfile>::in_memory().await.unwrap() $(, $fresh)?);)*
        }
    };
    (one $test:ident $store:expr) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $test() {
            super::$test($store).await;
        }
    };
    (one $test:ident $store:expr, $fresh:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $test() {
            super::$test(async || $store).await;
        }
    };
}

over_stores! {
    mf1_both_steps_make_a_session_that_knows_them: fresh;
    mf6_of_many_wrong_answers_at_once_five_are_judged:;
    mf2_one_answer_at_many_places_at_once_makes_one_session:;
    mf2_a_pending_login_is_bound_to_backend_stamp_activity_and_time: fresh;
    mf1_no_way_in_goes_round_the_factor:;
    mf1_signing_in_asks_what_a_login_asks:;
    t15_t16_a_reset_takes_an_unverified_account_over_and_no_factor_of_a_verified_one: fresh;
}

/// What decides a race is a statement of the database.
macro_rules! raced_over {
    ($($server:ident = $variant:ident, $store:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $server() {
            for race in [0, 1] {
                let Some(database) = DatabaseServer::$variant.database() else { return };
                let store = $store::<NoProfile>::connect(database.url()).await.unwrap();
                match race {
                    0 => mf6_of_many_wrong_answers_at_once_five_are_judged(store).await,
                    _ => mf2_one_answer_at_many_places_at_once_makes_one_session(store).await,
                }
            }
        }
    )*};
}

raced_over! {
    mf2_mf6_races_over_postgres = Postgres, PgStore;
    mf2_mf6_races_over_mariadb = MariaDb, MysqlStore;
}

/// A token of before has no such claim, and one of a password alone has none today.
#[tokio::test]
async fn mf13_a_token_tells_the_methods_unless_it_was_a_password_alone() {
    let world = World::open(MemoryStore::new(), Limits::default(), Jwt::new()).await;
    let login = world.accounts.login(credentials(), "app", &cx()).await.unwrap();
    assert_eq!(claims_of(login.token.expose()).unwrap().get("amr"), None);
    let session = serde_json::to_value(&login.login.session).unwrap();
    assert_eq!(session.get("amr"), None, "nor does the list");
    let principal = world.accounts.identify("app", login.token.expose()).await.unwrap().unwrap();
    assert_eq!(principal.session.amr, Amr::PASSWORD);
    world.enrol().await;
    let login = world.finish(&world.first_step().await, "1").await.unwrap();
    let names = serde_json::json!(["mfa", "otp", "pwd"]);
    assert_eq!(claims_of(login.token.expose()).unwrap()["amr"], names);
    assert_eq!(serde_json::to_value(&login.login.session).unwrap()["amr"], names);
}

#[tokio::test]
async fn mf2_the_route_answers_an_error_and_its_token_opens_nothing() {
    let world = World::enrolled(MemoryStore::new(), Limits::default(), Database::new()).await;
    let client = Client::new(usermgr::axum::router(Arc::into_inner(world.accounts).unwrap()).unwrap());
    let reply = client.login("app", ADA, GOOD).await.expect(400);
    let detail = &reply.json["detail"];
    assert_eq!(detail["code"], "LOGIN_SECOND_FACTOR_REQUIRED");
    assert_eq!((&detail["expires_in"], &detail["factors"]), (&"300".into(), &"test:badge".into()));
    assert!(detail.as_object().unwrap().values().all(serde_json::Value::is_string), "{detail}");
    let token = detail["pending_token"].as_str().unwrap();
    client.with_token(token).get("/users/me").await.expect(401);
}

#[tokio::test]
async fn mf6_wrong_answers_are_limited_for_the_user_whatever_is_pending() {
    let world = World::enrolled(MemoryStore::new(), Limits::default(), Database::new()).await;
    let mut judged = 0;
    for _ in 0..4 {
        let pending = world.first_step().await;
        for _ in 0..5 {
            match world.finish(&pending, "9").await {
                Err(LoginError::BadSecondFactor) => judged += 1,
                Err(LoginError::Fault(Fault::Limited { .. })) => {}
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(judged, 10);
    assert!(matches!(
        world.finish(&world.first_step().await, "1").await,
        Err(LoginError::Fault(Fault::Limited { .. }))
    ));
}

/// If the store fails at any call, no login succeeds, and a step that was not used up can be answered again.
#[tokio::test]
async fn x8_a_store_that_fails_in_the_second_step_is_a_fault_and_never_a_login() {
    let mut calls = None;
    for call in 1.. {
        let faults = Faults::default();
        let store = Faulty::new(MemoryStore::<NoProfile>::new(), faults.clone());
        let world = World::enrolled(store, Limits::default(), Database::new()).await;
        let pending = world.first_step().await;
        faults.fail_call(call, FaultAt::Before);
        let outcome = world.finish(&pending, "1").await;
        if faults.injected() == 0 {
            calls = Some(call - 1);
            break;
        }
        faults.heal();
        let sessions = world.accounts.sessions(&world.ada, &cx()).await.unwrap().len();
        match outcome {
            Err(LoginError::Fault(_)) => assert_eq!(sessions, 0, "call {call}"),
            // The oldest sessions could not be ended, which the next login does.
            Ok(_) => assert_eq!(sessions, 1, "call {call}"),
            Err(other) => panic!("call {call}: {other:?}"),
        }
        // The badge has been used or not; either way its owner gets in by what it shows now.
        let mut opened = 0;
        for shown in ["1", "2"] {
            opened += usize::from(world.finish(&world.first_step().await, shown).await.is_ok());
        }
        assert!(opened > 0, "call {call}");
    }
    assert!(calls > Some(5), "{calls:?}");
}

#[tokio::test]
async fn no_user_pays_for_a_factor_that_is_not_there() {
    let calls = Calls::default();
    let store = || Counted::new(MemoryStore::<NoProfile>::new(), calls.clone());
    let plain = Accounts { engine: Engine::new(store()), probe: Probe::default() };
    plain.register(Register::new(ADA, GOOD), &cx()).await.unwrap();
    calls.take();
    plain.login(credentials(), "bearer", &cx()).await.unwrap();
    let without = calls.take();
    let with = Accounts { engine: Engine::new(store()).with(Badges).unwrap(), probe: Probe::default() };
    with.register(Register::new(ADA, GOOD), &cx()).await.unwrap();
    calls.take();
    with.login(credentials(), "bearer", &cx()).await.unwrap();
    let mut with = calls.take();
    assert_eq!(with.iter().filter(|call| **call == "credentials").count(), 1);
    with.retain(|call| *call != "credentials");
    assert_eq!(with, without, "one query for all factors, and none without them");
}

#[tokio::test]
async fn what_is_wrong_with_a_part_is_an_error() {
    struct Twice;

    impl<S: CredentialStore> Part<S> for Twice {
        fn name(&self) -> &'static str {
            "test:twice"
        }

        fn install(self, engine: &mut EngineBuilder<S>) {
            engine.add_factor(Badges);
        }
    }

    let engine = || Engine::new(MemoryStore::<NoProfile>::new());
    let with = || engine().with(Badges).unwrap();
    assert!(with().has_part("test:badge") && !engine().has_part("test:badge"));
    let refused = with().with(Badges).unwrap_err().to_string();
    assert!(refused.contains("the part `test:badge` is added twice"), "{refused}");
    let refused = with().with(Twice).unwrap_err().to_string();
    assert!(refused.contains("two factors are of the kind `test:badge`"), "{refused}");
}
