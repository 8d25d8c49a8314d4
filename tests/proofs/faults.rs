//! Faults (H5): every operation is run with its first, its second, .. its last call of the store failing, before and after the call has
//! done its work, alone and with every later one, or never answering. What was acknowledged stands, with the row that tells of it where
//! there is an outbox, nothing is half written, a failure is never "no such", and afterwards everything works.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;
use usermgr::{
    NoProfile, TokenState,
    error::{Cause, Coded},
    http::{Endpoint, Route},
    password::{PasswordHasher, Verdict},
    prelude::*,
    store::{Lookup, OutboxRecipient},
    testing::FaultAt,
    token::{ChangeEmail, Reset, Verify},
    user::{AdminUpdate, Username},
};

use crate::{
    over_every_store,
    world::{Ask, GOOD, NEW, Options, TestStore, World, admin, cheap, login_body, system},
};

pub(crate) const ADA: &str = "ada@example.com";
pub(crate) const BOB: &str = "bob@example.com";
pub(crate) const ROOT: &str = "root@example.com";
pub(crate) const OTHER: &str = "other@example.com";
pub(crate) const OUTDATED: &str = "outdated@example.com";

/// What the accounts hold before an operation. Ada's tokens are kept with the backends that made them.
pub(crate) struct Seed {
    pub(crate) ada: User,
    bob: User,
    pub(crate) tokens: Vec<(&'static str, String)>,
    refresh: String,
    other_session: String,
    root: String,
    verify: String,
    reset: String,
    change: String,
}

impl Seed {
    pub(crate) async fn sow<S: TestStore>(world: &World<S>) -> Self {
        let ada = world.add(ADA, |_| {}).await;
        let bob = world.add(BOB, |_| {}).await;
        world.add(ROOT, |new| new.is_superuser = true).await;
        world.add(OTHER, |new| new.is_superuser = true).await;
        world.add(OUTDATED, |_| {}).await;
        let mut record = record(world, OUTDATED).await;
        record.password_hash = Some(cheap(8).hash(&GOOD.into()).await.unwrap());
        let mut tx = world.store.begin().await.unwrap();
        world.store.update(&mut tx, &record).await.unwrap();
        world.store.commit(tx).await.unwrap();
        let (mut tokens, mut refresh) = (Vec::new(), None);
        for backend in ["session", "cookie", "jwt", "revocable", "refresh"] {
            let (token, renewal) = world.login(backend, ADA, GOOD).await.unwrap();
            tokens.push((backend, token));
            refresh = refresh.or(renewal);
        }
        let sessions = world.accounts.sessions(&ada, &system()).await.unwrap();
        let other = sessions.iter().find(|session| session.backend == "cookie").unwrap().id.to_string();
        world.login("session", BOB, GOOD).await.unwrap();
        let root = world.login("session", ROOT, GOOD).await.unwrap().0;
        world.request_all(&ada, "ada@example.org").await;
        if world.outbox {
            world.accounts.deliver_due().await.unwrap();
        }
        let [verify, reset, change] =
            [world.token::<Verify>(ADA), world.token::<Reset>(ADA), world.token::<ChangeEmail>(ADA)];
        Self { ada, bob, tokens, refresh: refresh.unwrap(), other_session: other, root, verify, reset, change }
    }

    pub(crate) fn token(&self, backend: &str) -> &str {
        &self.tokens.iter().find(|(name, _)| *name == backend).unwrap().1
    }

    pub(crate) fn me(&self, method: Method, path: &str) -> Ask {
        Ask::new(method, path).bearer(self.token("session"))
    }

    fn admin(&self, method: Method, user: &User) -> Ask {
        self.admin_at(method, user, "")
    }

    fn admin_at(&self, method: Method, user: &User, place: &str) -> Ask {
        Ask::new(method, format!("/users/{}{place}", user.id)).bearer(&self.root)
    }
}

/// An operation by its route: what is asked, and what is answered when nothing fails.
struct ByRoute {
    endpoint: Endpoint,
    status: u16,
    ask: fn(&Seed) -> Ask,
}

macro_rules! by_route {
    ($($endpoint:ident $status:literal $ask:expr;)*) => {
        &[$(ByRoute { endpoint: Endpoint::$endpoint, status: $status, ask: $ask }),*]
    };
}

const BY_ROUTE: &[ByRoute] = by_route! {
    Login 200 |_| Ask::post("/auth/session/login", login_body(ADA, GOOD));
    Login 204 |_| Ask::post("/auth/cookie/login", login_body(ADA, GOOD));
    Login 200 |_| Ask::post("/auth/jwt/login", login_body(ADA, GOOD));
    Login 200 |_| Ask::post("/auth/refresh/login", login_body(ADA, GOOD));
    Login 200 |_| Ask::post("/auth/session/login", login_body(OUTDATED, GOOD));
    Login 400 |_| Ask::post("/auth/session/login", login_body(ADA, NEW));
    Login 400 |_| Ask::post("/auth/session/login", login_body("nobody@example.com", GOOD));
    Logout 204 |seed| seed.me(Method::POST, "/auth/session/logout");
    Logout 204 |seed| Ask::new(Method::POST, "/auth/cookie/logout").cookie(seed.token("cookie"));
    Logout 204 |seed| Ask::new(Method::POST, "/auth/revocable/logout").bearer(seed.token("revocable"));
    Logout 204 |seed| Ask::new(Method::POST, "/auth/refresh/logout").bearer(seed.token("refresh"));
    Register 201 |_| Ask::post("/auth/register", json!({ "email": "eve@example.com", "password": GOOD }));
    Register 400 |_| Ask::post("/auth/register", json!({ "email": ADA, "password": GOOD }));
    RequestVerify 202 |_| Ask::post("/auth/request-verify-token", json!({ "email": ADA }));
    ForgotPassword 202 |_| Ask::post("/auth/forgot-password", json!({ "email": ADA }));
    Verify 200 |seed| Ask::post("/auth/verify", json!({ "token": seed.verify }));
    ResetPassword 200 |seed| Ask::post("/auth/reset-password", json!({ "token": seed.reset, "password": NEW }));
    ChangePassword 204 |seed| Ask {
        body: Some(json!({ "current_password": GOOD, "password": NEW })),
        ..seed.me(Method::POST, "/auth/change-password")
    };
    ChangePassword 204 |seed| Ask {
        body: Some(json!({ "current_password": GOOD, "password": NEW })),
        ..Ask::new(Method::POST, "/auth/change-password").bearer(seed.token("refresh"))
    };
    ChangePassword 400 |seed| Ask {
        body: Some(json!({ "current_password": NEW, "password": NEW })),
        ..seed.me(Method::POST, "/auth/change-password")
    };
    RequestEmailChange 202 |seed| Ask {
        body: Some(json!({ "email": "new@example.com" })),
        ..seed.me(Method::POST, "/auth/request-email-change")
    };
    ConfirmEmailChange 200 |seed| Ask::post("/auth/confirm-email-change", json!({ "token": seed.change }));
    Me 200 |seed| seed.me(Method::GET, "/users/me");
    Me 200 |seed| Ask::new(Method::GET, "/users/me").bearer(seed.token("jwt"));
    Me 200 |seed| Ask::new(Method::GET, "/users/me").bearer(seed.token("revocable"));
    Me 200 |seed| Ask::new(Method::GET, "/users/me").bearer(seed.token("refresh"));
    Me 401 |_| Ask::new(Method::GET, "/users/me").bearer(&"a".repeat(43));
    UpdateMe 200 |seed| Ask {
        body: Some(json!({ "email": "new@example.com", "password": NEW })),
        ..seed.me(Method::PATCH, "/users/me")
    };
    UpdateMe 400 |seed| Ask { body: Some(json!({ "email": BOB })), ..seed.me(Method::PATCH, "/users/me") };
    DeleteMe 204 |seed| seed.me(Method::DELETE, "/users/me");
    User 200 |seed| seed.admin(Method::GET, &seed.bob);
    User 404 |seed| Ask::new(Method::GET, "/users/018f0000-0000-7000-8000-000000000000").bearer(&seed.root);
    UpdateUser 200 |seed| Ask { body: Some(json!({ "is_active": false })), ..seed.admin(Method::PATCH, &seed.bob) };
    UpdateUser 200 |seed| Ask {
        body: Some(json!({ "is_superuser": true, "is_verified": true, "password": NEW })),
        ..seed.admin(Method::PATCH, &seed.bob)
    };
    DeleteUser 204 |seed| seed.admin(Method::DELETE, &seed.bob);
    ListUsers 200 |seed| Ask::new(Method::GET, "/users?limit=2").bearer(&seed.root);
    ListUsers 200 |seed| Ask::new(Method::GET, "/users?email=b&is_active=true").bearer(&seed.root);
    SendResetMail 202 |seed| seed.admin_at(Method::POST, &seed.bob, "/forgot-password");
    SendVerifyMail 202 |seed| seed.admin_at(Method::POST, &seed.bob, "/request-verify-token");
    ListUserSessions 200 |seed| seed.admin_at(Method::GET, &seed.bob, "/sessions");
    RevokeUserSessions 204 |seed| seed.admin_at(Method::DELETE, &seed.bob, "/sessions");
    Refresh 200 |seed| Ask::post("/auth/refresh/refresh", json!({ "refresh_token": seed.refresh }));
    ListSessions 200 |seed| seed.me(Method::GET, "/users/me/sessions");
    RevokeSessions 204 |seed| seed.me(Method::DELETE, "/users/me/sessions");
    RevokeSession 204 |seed| seed.me(Method::DELETE, &format!("/users/me/sessions/{}", seed.other_session));
    RevokeSession 404 |seed| seed.me(Method::DELETE, "/users/me/sessions/none");
};

/// An operation that no route offers, or not in this way.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Direct {
    Create,
    Authenticate,
    SignIn,
    Get,
    GetByEmail,
    GetByUsername,
    Inspect,
    SetActive,
    SetSuperuser,
    Demote,
    UpdateUser,
    UpdateProfile,
    RevokeAll,
}

use Direct::*;

const DIRECT: &[Direct] = &[
    Create,
    Authenticate,
    SignIn,
    Get,
    GetByEmail,
    GetByUsername,
    Inspect,
    SetActive,
    SetSuperuser,
    Demote,
    UpdateUser,
    UpdateProfile,
    RevokeAll,
];

/// The status that an outcome would have: of a failure only whether it was a fault.
fn status<T, E: Coded>(outcome: Result<T, E>) -> u16 {
    match outcome.as_ref().map_err(Coded::cause) {
        Ok(_) => 200,
        Err(Cause::Fault(_)) => 503,
        Err(_) => 400,
    }
}

async fn run_direct<S: TestStore>(world: &World<S>, seed: &Seed, operation: Direct) -> u16 {
    let (accounts, cx, admin) = (&*world.accounts, system(), admin());
    let new = || NewUser::new(EmailAddress::parse("eve@example.com").unwrap(), NoProfile).password(GOOD);
    let update = AdminUpdate::<NoProfile>::default().password(NEW).verified(true);
    match operation {
        Create => status(accounts.create(new(), &cx).await),
        Authenticate => status(accounts.authenticate(Credentials::new(ADA, GOOD), &cx).await),
        SignIn => status(accounts.sign_in(&seed.ada, usermgr::session::Method::FEDERATED.into(), "session", &cx).await),
        Get => status(accounts.get(&seed.ada.id).await.map(Option::unwrap)),
        Inspect => {
            let looked = accounts.inspect(&ResetToken::from(seed.reset.as_str()), &cx).await;
            status(looked.map(|state| assert!(matches!(state, TokenState::Good { .. }), "{state:?}")))
        }
        GetByUsername => status(accounts.get_by_username(&Username::for_lookup("ada")).await),
        GetByEmail => status(accounts.get_by_email(&seed.ada.email).await.map(Option::unwrap)),
        SetActive => status(accounts.set_active(&admin, &seed.bob.id, false, &cx).await),
        SetSuperuser => status(accounts.set_superuser(&admin, &seed.bob.id, true, &cx).await),
        Demote => {
            let other = record(world, OTHER).await.user.id;
            status(accounts.set_superuser(&admin, &other, false, &cx).await)
        }
        UpdateUser => status(accounts.update_user(&admin, &seed.bob.id, update, &cx).await),
        UpdateProfile => status(accounts.update_profile(&admin, &seed.bob.id, |_| {}, &cx).await),
        RevokeAll => status(accounts.revoke_all(&seed.ada, &cx).await),
    }
}

/// The stored account of an address, past the watches.
async fn record<S: TestStore>(world: &World<S>, email: &str) -> usermgr::user::Record {
    let email = EmailAddress::parse(email).unwrap();
    world.store.find(Lookup::Email(&email)).await.unwrap().expect("it is there")
}

/// A description of the accounts: of two states with the same description neither is half of the other.
pub(crate) async fn state<S: TestStore>(world: &World<S>, seed: &Seed) -> String {
    let mut words = String::new();
    let listed = world.store.list(&usermgr::store::ListQuery::default().limit(200)).await.unwrap();
    let mut users: Vec<_> = listed.into_iter().map(|listed| listed.into_user().unwrap()).collect();
    users.sort_by_key(|user| user.email.to_string());
    for user in users {
        let record = world.store.find(Lookup::Id(&user.id)).await.unwrap().unwrap();
        let mut password = "none";
        for (text, name) in [(GOOD, "good"), (NEW, "new")] {
            if cheap(16).verify(&text.into(), record.password_hash.as_ref()).await.unwrap() != Verdict::Mismatch {
                password = name;
            }
        }
        let sessions = world.accounts.sessions(&user, &system()).await.unwrap().len();
        // Whether a login has rehashed the password is not a part of its result.
        let version = if user.email.as_str() == OUTDATED { 0 } else { record.version };
        let User { email, is_active, is_superuser, is_verified, .. } = &user;
        words += &format!(
            "{email} v{version} {is_active} {is_superuser} {is_verified}, password {password}, {sessions} sessions\n"
        );
    }
    for (backend, token) in &seed.tokens {
        let principal = world.accounts.engine.backend(backend).map(|_| token);
        let open = world.open(backend, principal.unwrap()).await;
        words += &format!("{backend}: {open}\n");
    }
    words + &rows(world).await
}

/// What is still to be delivered, a line for each row.
async fn rows<S: TestStore>(world: &World<S>) -> String {
    let mut lines = Vec::new();
    if world.outbox {
        let now = world.accounts.engine.now();
        for entry in world.store.claim(1_000, now, now).await.unwrap() {
            let to = match &entry.recipient {
                OutboxRecipient::User(id) => world.store.find(Lookup::Id(id)).await.unwrap().unwrap().user.email,
                OutboxRecipient::Address(email) => email.clone(),
                other => panic!("{other:?}"),
            };
            lines.push(format!("pending: {} to {to}\n", entry.event));
        }
    }
    lines.sort();
    lines.concat()
}

/// The rows of one state that another has not.
fn missing_rows<'a>(expected: &'a str, settled: &str) -> Vec<&'a str> {
    let mut there: Vec<&str> = settled.lines().filter(|line| line.starts_with("pending: ")).collect();
    let mut missing = expected.lines().filter(|line| line.starts_with("pending: ")).collect::<Vec<_>>();
    missing.retain(|row| match there.iter().position(|other| other == row) {
        Some(at) => {
            there.swap_remove(at);
            false
        }
        None => true,
    });
    missing
}

/// A state without how often rows were written, and without pending deliveries: a password that is set twice is written twice, and reported twice.
fn unversioned(state: &str) -> String {
    let lines = state.lines().filter(|line| !line.starts_with("pending: ")).map(|line| match line.split_once(" v") {
        Some((email, rest)) => format!("{email}{}", rest.trim_start_matches(|c: char| c.is_ascii_digit())),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl<S: TestStore> World<S> {
    /// Whether a token opens its own door.
    async fn open(&self, backend: &str, token: &str) -> bool {
        let ask = Ask::new(Method::GET, "/users/me");
        let ask = if backend == "cookie" { ask.cookie(token) } else { ask.bearer(token) };
        match self.ask(ask).await.status {
            200 => true,
            401 => false,
            other => panic!("{backend}: {other}"),
        }
    }
}

/// What is run, by its route or directly.
#[derive(Clone, Copy)]
pub(crate) enum Operation {
    Route(usize),
    Direct(Direct),
}

impl Operation {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..BY_ROUTE.len()).map(Self::Route).chain(DIRECT.iter().copied().map(Self::Direct))
    }

    pub(crate) fn name(self, seed: &Seed) -> String {
        match self {
            Self::Route(at) => {
                let Ask { method, path, body, .. } = (BY_ROUTE[at].ask)(seed);
                format!("{method} {path} {}", body.unwrap_or_default())
            }
            Self::Direct(direct) => format!("{direct:?}"),
        }
    }

    pub(crate) fn expected(self) -> u16 {
        match self {
            Self::Route(at) => BY_ROUTE[at].status,
            Self::Direct(_) => 200,
        }
    }

    /// Whether doing it twice is twice as much.
    fn adds(self) -> bool {
        match self {
            Self::Route(at) => BY_ROUTE[at].endpoint == Endpoint::Login,
            Self::Direct(direct) => matches!(direct, SignIn),
        }
    }

    pub(crate) async fn run<S: TestStore>(self, world: &World<S>, seed: &Seed) -> u16 {
        let status = match self {
            Self::Route(at) => world.ask((BY_ROUTE[at].ask)(seed)).await.status,
            Self::Direct(direct) => run_direct(world, seed, direct).await,
        };
        world.settle().await;
        status
    }
}

/// What is tried: a plan of failures.
pub(crate) type Plan = fn(&usermgr::testing::Faults, usize);

pub(crate) const PLANS: [(&str, Plan); 4] = [
    ("before", |faults, n| faults.fail_call(n, FaultAt::Before)),
    ("after", |faults, n| faults.fail_call(n, FaultAt::After)),
    ("from before", |faults, n| faults.fail_from(n, FaultAt::Before)),
    ("from after", |faults, n| faults.fail_from(n, FaultAt::After)),
];

fn options(outbox: bool) -> Options {
    Options { outbox, ..Options::default() }
}

async fn x8_x7_no_fault_at_any_call_of_the_store_loses_or_halves_or_hides_anything<S: TestStore, F>(
    fresh: F,
    outbox: bool,
    plans: &[(&str, Plan)],
) where
    F: AsyncFn() -> S,
{
    let (mut injected, mut acknowledged, mut pending) = (0, 0, 0);
    for operation in Operation::all() {
        let world = World::with(fresh().await, options(outbox));
        let seed = Seed::sow(&world).await;
        let (name, before) = (operation.name(&seed), state(&world, &seed).await);
        world.faults.heal();
        assert_eq!(operation.run(&world, &seed).await, operation.expected(), "{name}");
        let calls = world.faults.calls();
        let after = state(&world, &seed).await;
        pending += missing_rows(&after, &before).len();
        for (plan, apply) in plans {
            for n in 1..=calls {
                let what = format!("{name}, failing {plan} call {n} of {calls}");
                let world = World::with(fresh().await, options(outbox));
                let seed = Seed::sow(&world).await;
                apply(&world.faults, n);
                let status = operation.run(&world, &seed).await;
                let hit = world.faults.injected();
                assert!(hit > 0, "{what}: nothing failed");
                injected += hit as u64;
                world.faults.heal();
                let now = state(&world, &seed).await;
                match status {
                    500 | 503 => assert!(now == before || now == after, "{what}: between\n{before}\n{now}\n{after}"),
                    status if status < 400 && status == operation.expected() => {
                        acknowledged += 1;
                        assert_eq!(now, after, "{what}: acknowledged and lost");
                    }
                    status => panic!("{what}: answered {status}"),
                }
                // Asked again it is done, unless it was done already and can be done once only.
                let again = operation.run(&world, &seed).await;
                let settled = state(&world, &seed).await;
                assert!(again == operation.expected() || (now == after && before != after), "{what}: then {again}");
                assert!(
                    operation.adds() || unversioned(&settled) == unversioned(&after),
                    "{what}: asked again\n{settled}\n{after}"
                );
                assert_eq!(missing_rows(&after, &settled), Vec::<&str>::new(), "{what}: no mail for it");
                assert!(world.login("session", OTHER, GOOD).await.is_some(), "{what}: the next login");
                world.add("later@example.com", |_| {}).await;
            }
        }
    }
    assert!(acknowledged > 0, "some failures, such as that of a rehash, stop nothing");
    assert_eq!(pending > 10, outbox, "{pending} rows");
    usermgr_tests::figure("faults injected", injected);
    usermgr_tests::figure("anything lost", 0);
}

/// Waits until a call hangs, and lets everybody else go on for a moment.
async fn hung(faults: &usermgr::testing::Faults) {
    while faults.injected() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
}

/// A database that does not respond keeps only its request waiting. When the client has gone, the change is complete or absent.
async fn no_call_that_never_answers_leaves_anything_between<S: TestStore, F: AsyncFn() -> S>(fresh: F) {
    let mut injected = 0;
    for operation in (0..BY_ROUTE.len()).map(Operation::Route) {
        let world = World::new(fresh().await);
        let seed = Seed::sow(&world).await;
        let (name, before) = (operation.name(&seed), state(&world, &seed).await);
        world.faults.heal();
        assert_eq!(operation.run(&world, &seed).await, operation.expected(), "{name}");
        let calls = world.faults.calls();
        let after = state(&world, &seed).await;
        for (at, n) in
            [FaultAt::HangBefore, FaultAt::HangAfter].into_iter().flat_map(|at| (1..=calls).map(move |n| (at, n)))
        {
            let what = format!("{name}, {at:?} at call {n} of {calls}");
            let world = World::new(fresh().await);
            let seed = Seed::sow(&world).await;
            world.faults.fail_call(n, at);
            let status = tokio::select! {
                status = operation.run(&world, &seed) => Some(status),
                () = hung(&world.faults) => None,
            };
            assert_eq!((status, world.faults.injected()), (None, 1), "{what}: it was answered");
            injected += 1;
            world.faults.heal();
            let now = state(&world, &seed).await;
            assert!(now == before || now == after, "{what}: between\n{before}\n{now}\n{after}");
            assert!(world.login("session", OTHER, GOOD).await.is_some(), "{what}: the next login");
            world.add("later@example.com", |_| {}).await;
        }
    }
    assert!(injected > 100, "{injected}");
    usermgr_tests::figure("faults injected", injected);
}

#[tokio::test]
async fn x8_x7_no_call_that_never_answers_leaves_anything_between_in_memory() {
    no_call_that_never_answers_leaves_anything_between(async || MemoryStore::new()).await;
}

#[tokio::test]
async fn x8_x7_no_call_that_never_answers_leaves_anything_between_in_sqlite() {
    no_call_that_never_answers_leaves_anything_between(async || SqliteStore::in_memory().await.unwrap()).await;
}

#[tokio::test]
async fn x6_x8_no_fault_keeps_a_change_from_the_row_that_tells_of_it() {
    x8_x7_no_fault_at_any_call_of_the_store_loses_or_halves_or_hides_anything(
        async || MemoryStore::new(),
        true,
        &PLANS[..2],
    )
    .await;
}

#[tokio::test]
async fn x8_x7_no_fault_loses_or_halves_or_hides_anything_in_memory() {
    x8_x7_no_fault_at_any_call_of_the_store_loses_or_halves_or_hides_anything(
        async || MemoryStore::new(),
        false,
        &PLANS,
    )
    .await;
}

#[tokio::test]
async fn x8_x7_no_fault_loses_or_halves_or_hides_anything_in_sqlite() {
    let fresh = async || SqliteStore::in_memory().await.unwrap();
    x8_x7_no_fault_at_any_call_of_the_store_loses_or_halves_or_hides_anything(fresh, false, &PLANS).await;
}

#[test]
fn every_endpoint_has_its_faults() {
    // The public keys are read without the store.
    for route in Route::all().filter(|route| route.endpoint != Endpoint::PublicKeys) {
        assert!(BY_ROUTE.iter().any(|row| row.endpoint == route.endpoint), "{route:?}");
    }
}

/// Operations whose endpoint is called otherwise.
const CALLED_OTHERWISE: [(&str, Endpoint); 8] = [
    ("request_verify_for", Endpoint::RequestVerify),
    ("request_reset_for", Endpoint::ForgotPassword),
    ("identify", Endpoint::Me),
    ("update", Endpoint::UpdateMe),
    ("delete", Endpoint::DeleteMe),
    ("sessions", Endpoint::ListSessions),
    ("revoke_others", Endpoint::RevokeSessions),
    ("search_users", Endpoint::ListUsers),
];

/// Operations that write nothing of a user, and are tried in other places.
const OF_NO_USER: [&str; 13] = [
    "check",
    "reload_settings",
    "ready",
    "shutdown",
    "start_purging",
    "deliver",
    "start_delivery",
    "deliver_due",
    "list_undelivered",
    "retry_undelivered",
    "delete_undelivered",
    "purge_undelivered",
    "reseal",
];

/// Operations that answer before they look who has an address, and do the rest in the background: no answer says what has come of it. The
/// suite `discreet` tries them.
const ANSWERED_BEFORE: [&str; 3] = ["register_discreetly", "request_email_change_discreetly", "update_proving_email"];

/// Operations that need a second factor, which these engines have not: `sessions/two_steps.rs` tries faults at them.
const OF_FACTORS: [&str; 12] = [
    "finish_login",
    "pending_login",
    "finish_authentication",
    "factors",
    "rename_factor",
    "remove_factor",
    "remove_all_factors",
    "replace_recovery_codes",
    "step_up",
    "confirm_identity",
    "begin_totp",
    "confirm_totp",
];

/// Operations of sign-ins through other providers, which these engines do not have: `providers.rs` and the tests of the library try faults at
/// them.
const OF_PROVIDERS: [&str; 3] = ["identities", "unlink_identity", "provider_token"];

/// Operations of logins by mail, whose part these engines do not have: the tests of the library try faults at them.
const BY_MAIL: [&str; 2] = ["request_login", "login_by_mail"];

/// That of the login history, likewise.
const OF_HISTORY: [&str; 1] = ["login_history"];

/// Operations of invitations, whose part these engines do not have: the tests of the library try faults at them.
const OF_INVITATIONS: [&str; 8] = [
    "invite",
    "invite_by",
    "invitations",
    "resend_invitation",
    "withdraw_invitation",
    "accept_invitation",
    "begin_invitation_passkey",
    "accept_invitation_with_passkey",
];

/// Operations of passkeys, which these engines do not have: the tests of the library try faults at them.
const OF_PASSKEYS: [&str; 5] =
    ["passkeys", "begin_passkey", "add_passkey", "begin_passkey_login", "login_with_passkey"];

/// Acting as a user, which these engines do not allow: the tests of the library try faults at it.
const OF_ACTING: [&str; 1] = ["impersonate"];

/// Operations of API keys, which these engines do not have: the tests of the library try faults at them.
const OF_KEYS: [&str; 8] = [
    "api_keys",
    "create_api_key",
    "rotate_api_key",
    "rename_api_key",
    "revoke_api_key",
    "revoke_user_api_keys",
    "create_service_account",
    "create_service_api_key",
];

/// An operation without a row is one that no fault, and no cache, is tried at.
#[test]
fn every_operation_has_its_faults() {
    let text = include_str!("../../usermgr-derive/src/operations.rs");
    let table = text.split_once("OPERATIONS: &[&str] = &[").unwrap().1.split_once("];").unwrap().0;
    let mut tried = 0;
    let elsewhere: Vec<_> = [
        &OF_NO_USER[..],
        &OF_FACTORS,
        &OF_PROVIDERS,
        &BY_MAIL,
        &OF_HISTORY,
        &OF_INVITATIONS,
        &OF_PASSKEYS,
        &OF_KEYS,
        &OF_ACTING,
        &ANSWERED_BEFORE,
    ]
    .concat();
    for operation in table.split('"').skip(1).step_by(2).filter(|name| !elsewhere.contains(name)) {
        let otherwise = CALLED_OTHERWISE.iter().find(|(name, _)| *name == operation);
        let words = operation.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
        let row = otherwise.map_or_else(|| words.collect(), |(_, endpoint)| format!("{endpoint:?}"));
        let routes = BY_ROUTE.iter().map(|row| format!("{:?}", row.endpoint));
        let mut rows = routes.chain(DIRECT.iter().map(|row| format!("{row:?}")));
        assert!(rows.any(|name| name == row), "{operation}");
        tried += 1;
    }
    assert!(tried >= 27, "{tried} operations");
}

/// A logout through two credentials ends two sessions, each by itself: where the second cannot be ended the answer says so, and the
/// credential that still opens ends it when it is presented alone.
async fn x8_a_logout_of_two_sessions_that_fails_between_them_is_reported_and_can_be_finished<S: TestStore>(store: S) {
    let world = World::new(store);
    let seed = Seed::sow(&world).await;
    // Two are read, and the first ends by four calls.
    world.faults.fail_call(7, FaultAt::Before);
    let both = seed.me(Method::POST, "/auth/session/logout").cookie(seed.token("cookie"));
    assert_eq!(world.ask(both).await.status, 503);
    world.faults.heal();
    assert!(!world.open("session", seed.token("session")).await);
    let alone = Ask::new(Method::POST, "/auth/cookie/logout").cookie(seed.token("cookie"));
    assert_eq!(world.ask(alone).await.status, 204);
    assert!(!world.open("cookie", seed.token("cookie")).await);
}

/// A hash that cannot be made is a fault too, and nothing is written for it.
async fn x8_a_hasher_that_fails_is_no_wrong_password<S: TestStore>(store: S) {
    use usermgr::testing::{Faults, Faulty};
    let faults = Faults::default();
    let engine = Engine::builder(store)
        .backend(Backend::bearer("bearer", Database::new()))
        .hasher(Faulty::new(cheap(16), faults.clone()))
        .build()
        .unwrap();
    let accounts = Bare { engine };
    let cx = Context::default();
    let ada = || Register::new(ADA, GOOD);
    faults.fail_from(1, FaultAt::After);
    assert_eq!(status(accounts.register(ada(), &cx).await), 503);
    faults.heal();
    assert_eq!(status(accounts.register(ada(), &cx).await), 200, "the failure has written nothing");
    faults.fail_from(1, FaultAt::Before);
    for (email, password) in [(ADA, GOOD), (ADA, NEW), ("nobody@example.com", GOOD)] {
        assert_eq!(status(accounts.login(Credentials::new(email, password), "bearer", &cx).await), 503);
    }
    faults.heal();
    assert_eq!(status(accounts.login(Credentials::new(ADA, GOOD), "bearer", &cx).await), 200);
}

struct Bare<S> {
    engine: Engine<S>,
}

#[user_manager(store = S, secret = crate::world::SECRET)]
impl<S: TestStore> Bare<S> {}

over_every_store!(
    x8_a_hasher_that_fails_is_no_wrong_password
    x8_a_logout_of_two_sessions_that_fails_between_them_is_reported_and_can_be_finished
);
