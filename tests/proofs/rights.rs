//! The right to a write (W1 to W6): a right that a guard has checked is checked again when it is written. Each test reads a principal, as a guard
//! does, lets its right end, and goes on as a handler would that was late: nothing of it is written. Over every store, with sessions in
//! Redis too.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;
use usermgr::{
    Admin, MysqlStore, PgStore, StepUp, UpdateMe,
    context::Actor,
    error::{Cause, Coded, RightLost},
    prelude::*,
    session::Principal,
    store::{Lookup, RedisServer, RedisSessions, WithSessions},
    token::{ChangeEmail, Reset, Verify},
    user::AdminUpdate,
};
use usermgr_tests::DatabaseServer;

use crate::world::{Ask, GOOD, NEW, TestStore, Watched, World, admin, cheap, system};

const ADA: &str = "ada@example.com";
const ROOT: &str = "root@example.com";
/// Backends whose sessions end one by one.
const ENDED: [&str; 4] = ["session", "cookie", "refresh", "revocable"];

/// Makes of each proof a test over each store; those over a server that is not there pass without one.
macro_rules! over_all_stores {
    ($($proof:ident)+) => {
        crate::over_every_store!($($proof)+);
        mod postgres {
            $(#[tokio::test]
            async fn $proof() {
                let Some(database) = super::DatabaseServer::Postgres.database() else { return };
                let store = super::PgStore::connect(database.url()).await.unwrap();
                super::$proof(store.clone()).await;
                // What was refused is rolled back by then.
                store.close().await;
            })+
        }
        mod mariadb {
            $(#[tokio::test]
            async fn $proof() {
                let Some(database) = super::DatabaseServer::MariaDb.database() else { return };
                let store = super::MysqlStore::connect(database.url()).await.unwrap();
                super::$proof(store.clone()).await;
                // What was refused is rolled back by then.
                store.close().await;
            })+
        }
        mod redis {
            $(#[tokio::test]
            async fn $proof() {
                let Ok(url) = std::env::var("USERMGR_TEST_REDIS") else { return };
                let server = super::RedisServer::new(url).prefix(format!("rights:{}:", uuid::Uuid::now_v7()));
                let sessions = super::RedisSessions::open(server).await.unwrap();
                let accounts = usermgr::SqliteStore::in_memory().await.unwrap();
                super::$proof(super::WithSessions::new(accounts, sessions)).await;
            })+
        }
    };
}

type Read<S> = Principal<Watched<S>>;

/// A session, as a guard has read it.
async fn read<S: TestStore>(world: &World<S>, backend: &str, email: &str) -> Read<S> {
    let (token, _) = world.login(backend, email, GOOD).await.unwrap();
    world.accounts.identify(backend, &token).await.unwrap().unwrap()
}

/// The context of a request that came through it.
fn through<S: TestStore>(principal: &Read<S>) -> Context {
    let actor = Actor::User { id: principal.user().id.to_string(), session: principal.session.clone() };
    Context::default().actor(actor)
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn nothing() -> UpdateMe {
    UpdateMe::default()
}

fn patch(body: serde_json::Value) -> AdminUpdate {
    serde_json::from_value(body).unwrap()
}

/// How the owner ends a session, of which they have another.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Logout,
    One,
    Others,
    All,
    Reset,
    Change,
    Deactivation,
}

const ENDS: [End; 7] = [End::Logout, End::One, End::Others, End::All, End::Reset, End::Change, End::Deactivation];

async fn end<S: TestStore>(world: &World<S>, how: End, session: &Read<S>, owners: &Read<S>) {
    let (accounts, ada, cx) = (&world.accounts, owners.user(), through(owners));
    match how {
        End::Logout => accounts.logout(session, &system()).await.unwrap(),
        End::One => accounts.revoke_session(ada, &session.session.id, &cx).await.unwrap(),
        End::Others => accounts.revoke_others(ada, &cx).await.unwrap(),
        End::All => accounts.revoke_all(ada, &cx).await.unwrap(),
        End::Reset => {
            accounts.forgot_password(ada, &system()).await.unwrap();
            let token = ResetToken::from(world.token::<Reset>(ada.email.as_str()));
            accounts.reset_password(&token, NEW.into(), &Context::default()).await.unwrap();
        }
        End::Change => drop(accounts.change_password(ada, GOOD.into(), NEW.into(), &cx).await.unwrap()),
        End::Deactivation => drop(accounts.set_active(&admin(), &ada.id, false, &system()).await.unwrap()),
    }
}

/// What came of an act: that the session has ended, or that what was proved by it is proved no more.
#[track_caller]
fn assert_lost<T, E: Coded + std::fmt::Debug>(outcome: Result<T, E>, what: &str) {
    let Err(error) = outcome else { panic!("{what}: it was done") };
    let lost = match error.cause() {
        Cause::RightLost(lost) => lost == RightLost::Session,
        Cause::Code(code) => ["REAUTHENTICATION_REQUIRED", "CHANGE_PASSWORD_BAD_PASSWORD"].contains(&code.as_str()),
        _ => false,
    };
    assert!(lost, "{what}: {error:?}");
}

async fn w1_nothing_is_written_through_a_session_that_has_ended<S: TestStore>(store: S) {
    let world = World::new(store);
    let mut tried = 0;
    for (at, (backend, how)) in ENDED.iter().flat_map(|backend| ENDS.map(|how| (*backend, how))).enumerate() {
        if (backend, how) == ("revocable", End::One) {
            // It has no row that could be named.
            continue;
        }
        let email = format!("ada{at}@example.com");
        world.add(&email, |_| {}).await;
        let stolen = read(&world, backend, &email).await;
        let owners = read(&world, "session", &email).await;
        end(&world, how, &stolen, &owners).await;
        let before = world.store.find(Lookup::Id(&owners.user().id)).await.unwrap().unwrap();
        let sessions = world.store.list_sessions(&before.user.id).await.unwrap().len();

        let what = |act| format!("{backend} {how:?} {act}");
        let (accounts, ada, cx) = (&world.accounts, stolen.user(), through(&stolen));
        for current in [GOOD, NEW] {
            let changed = accounts.change_password(ada, current.into(), "a third horse battery".into(), &cx).await;
            assert_lost(changed, &what("changed the password"));
        }
        for current_password in [None, Some(GOOD.into()), Some(NEW.into())] {
            let mut update = nothing().password(NEW);
            update.current_password = current_password;
            assert_lost(accounts.update(ada, update, &cx).await, &what("updated the password"));
        }
        for email in ["new@example.com".to_owned(), email.to_uppercase()] {
            let update = nothing().email(email);
            assert_lost(accounts.update(ada, update, &cx).await, &what("updated the address"));
        }
        assert_lost(accounts.revoke_all(ada, &cx).await, &what("ended all"));
        assert_lost(accounts.revoke_others(ada, &cx).await, &what("ended the others"));
        if world.accounts.sessions(ada, &system()).await.unwrap().iter().any(|s| s.id == owners.session.id) {
            let revoked = accounts.revoke_session(ada, &owners.session.id, &cx).await;
            assert_lost(revoked, &what("ended the owner's"));
        }
        assert_lost(accounts.delete(ada, &cx).await, &what("deleted"));
        for current in [GOOD, NEW] {
            let proof = || StepUp::new().password(current);
            assert_lost(accounts.step_up(&stolen, proof(), &cx).await, &what("stepped up"));
            assert_lost(accounts.confirm_identity(&stolen, proof(), &cx).await, &what("confirmed"));
        }

        let now = world.store.find(Lookup::Id(&before.user.id)).await.unwrap().unwrap();
        assert_eq!((now.version, now.stamp), (before.version, before.stamp), "{}", what("wrote"));
        assert_eq!(world.store.list_sessions(&before.user.id).await.unwrap().len(), sessions, "{}", what("ended"));
        tried += 1;
    }
    assert_eq!(tried, 27);
}

/// A token without a row and without a list lives until its user has another stamp.
async fn w1_nothing_is_written_through_a_token_of_another_stamp<S: TestStore>(store: S) {
    let world = World::new(store);
    for (at, how) in [End::Others, End::All, End::Reset, End::Change, End::Deactivation].into_iter().enumerate() {
        let email = format!("ada{at}@example.com");
        world.add(&email, |_| {}).await;
        let (stolen, owners) = (read(&world, "jwt", &email).await, read(&world, "session", &email).await);
        end(&world, how, &stolen, &owners).await;
        assert_lost(world.accounts.delete(stolen.user(), &through(&stolen)).await, &format!("{how:?}"));
        let proof = StepUp::new().password(if [End::Reset, End::Change].contains(&how) { NEW } else { GOOD });
        assert_lost(world.accounts.step_up(&stolen, proof, &through(&stolen)).await, &format!("{how:?}"));
    }
}

/// A context that a session has just been read for writes what it wrote before.
async fn w1_a_session_that_lives_writes<S: TestStore>(store: S) {
    let world = World::new(store);
    for (at, backend) in ["session", "cookie", "jwt", "keys", "refresh", "revocable"].into_iter().enumerate() {
        let email = format!("ada{at}@example.com");
        let ada = world.add(&email, |_| {}).await;
        let mut current = GOOD;
        for new in [NEW, GOOD] {
            let (token, _) = world.login(backend, &email, current).await.unwrap();
            let principal = world.accounts.identify(backend, &token).await.unwrap().unwrap();
            let cx = through(&principal);
            world.accounts.change_password(&ada, current.into(), new.into(), &cx).await.unwrap();
            // The session that has a row goes on.
            let lives = world.accounts.identify(backend, &token).await.unwrap();
            assert_eq!(lives.is_some(), !["jwt", "keys", "revocable"].contains(&backend), "{backend}");
            current = new;
        }
        let (old, proof) = (read(&world, backend, &email).await, StepUp::new().password(current));
        let stepped = world.accounts.step_up(&old, proof, &through(&old)).await.unwrap();
        assert!(world.accounts.identify(backend, stepped.token.expose()).await.unwrap().is_some(), "{backend}");
        world.accounts.delete(&ada, &through(&read(&world, backend, &email).await)).await.unwrap();
    }
}

async fn w2_nothing_is_administered_by_who_may_not_any_more<S: TestStore>(store: S) {
    let world = World::new(store);
    world.add("last@example.com", |new| new.is_superuser = true).await;
    for (at, lost) in ["demoted", "logged out", "reset", "inactive"].into_iter().enumerate() {
        let (root, bob) = (format!("root{at}@example.com"), format!("bob{at}@example.com"));
        let root = world.add(&root, |new| new.is_superuser = true).await;
        let bob = world.add(&bob, |_| {}).await;
        let principal = read(&world, "session", root.email.as_str()).await;
        let owners = read(&world, "session", root.email.as_str()).await;
        let by = Admin::from_principal(&principal).unwrap();
        match lost {
            "demoted" => drop(world.accounts.set_superuser(&admin(), &root.id, false, &system()).await.unwrap()),
            "logged out" => end(&world, End::Logout, &principal, &owners).await,
            "reset" => end(&world, End::Reset, &principal, &owners).await,
            _ => end(&world, End::Deactivation, &principal, &owners).await,
        }
        let expected = if lost == "demoted" { RightLost::Role } else { RightLost::Session };
        let is_refused = |cause: Cause<'_>, what: &str| {
            assert!(matches!(cause, Cause::RightLost(right) if right == expected), "{lost} {what}: {cause:?}");
        };
        let (accounts, cx) = (&world.accounts, Context::default());
        for of in [&root, &bob] {
            let before = world.store.find(Lookup::Id(&of.id)).await.unwrap().unwrap().version;
            for body in [json!({ "is_superuser": true, "is_active": true }), json!({ "is_verified": true })] {
                let updated = accounts.update_user(&by, &of.id, patch(body), &cx).await;
                match updated {
                    // Nothing to write: the user is so already.
                    Ok(user) => assert!(user.is_superuser && user.is_active, "{lost}"),
                    Err(error) => is_refused(error.cause(), "updated"),
                }
            }
            let is_active = !world.accounts.get(&of.id).await.unwrap().unwrap().is_active;
            is_refused(accounts.set_active(&by, &of.id, is_active, &cx).await.unwrap_err().cause(), "activated");
            let superuser = !world.accounts.get(&of.id).await.unwrap().unwrap().is_superuser;
            is_refused(accounts.set_superuser(&by, &of.id, superuser, &cx).await.unwrap_err().cause(), "promoted");
            is_refused(accounts.delete_user(&by, &of.id, &cx).await.unwrap_err().cause(), "deleted");
            is_refused(accounts.revoke_user_sessions(&by, &of.id, &cx).await.unwrap_err().cause(), "logged out");
            let now = world.store.find(Lookup::Id(&of.id)).await.unwrap().unwrap().version;
            assert_eq!(now, before, "{lost}");
        }
    }
}

/// Two superusers who change each other at the same time wait for each other: neither receives a `busy` error.
async fn w2_two_superusers_act_on_each_other<S: TestStore>(store: S) {
    let world = std::sync::Arc::new(World::new(store));
    let mut roots = Vec::new();
    for email in ["one@example.com", "two@example.com"] {
        let root = world.add(email, |new| new.is_superuser = true).await;
        roots.push((root, Admin::from_principal(&read(&world, "session", email).await).unwrap()));
    }
    let mut tasks = Vec::new();
    for (by, of) in [(0, 1), (1, 0)] {
        let (world, by, of) = (world.clone(), roots[by].1.clone(), roots[of].0.id);
        tasks.push(tokio::spawn(async move {
            for round in 0..20 {
                let update = patch(json!({ "is_verified": round % 2 == 0 }));
                world.accounts.update_user(&by, &of, update, &Context::default()).await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

async fn w3_a_token_of_a_new_address_ends_with_the_session_that_asked<S: TestStore>(store: S) {
    let world = World::new(store);
    let ends = ENDS.map(Some).into_iter().chain([None]);
    for (at, (backend, how)) in ENDED.iter().flat_map(|b| ends.clone().map(|how| (*b, how))).enumerate() {
        if (backend, how) == ("revocable", Some(End::One)) {
            continue;
        }
        let email = format!("ada{at}@example.com");
        world.add(&email, |_| {}).await;
        let (stolen, owners) = (read(&world, backend, &email).await, read(&world, "session", &email).await);
        let new = address(&format!("thief{at}@example.com"));
        world.accounts.request_email_change(stolen.user(), &new, &through(&stolen)).await.unwrap();
        let token = ChangeEmailToken::from(world.token::<ChangeEmail>(&email));
        if let Some(how) = how {
            end(&world, how, &stolen, &owners).await;
        }
        let confirmed = world.accounts.confirm_email_change(&token, &Context::default()).await;
        match how {
            None => assert_eq!(confirmed.unwrap().email, new, "{backend}"),
            Some(_) => {
                let error = confirmed.unwrap_err();
                assert!(matches!(error, usermgr::ChangeEmailError::InvalidToken), "{backend} {how:?}: {error:?}");
                assert!(world.user(&email).await.is_some(), "{backend} {how:?}");
            }
        }
    }
}

async fn w4_a_token_that_went_by_mail_works_once_whatever_a_superuser_undoes<S: TestStore>(store: S) {
    let world = World::new(store);
    let ada = world.add(ADA, |_| {}).await;
    let undone = |body| async { world.accounts.update_user(&admin(), &ada.id, patch(body), &system()).await.unwrap() };
    world.request_all(&ada, "ada@example.org").await;
    let cx = Context::default();
    let verify = VerifyToken::from(world.token::<Verify>(ADA));
    world.accounts.verify(&verify, &cx).await.unwrap();
    undone(json!({ "is_verified": false })).await;
    let again = world.accounts.verify(&verify, &cx).await;
    assert!(matches!(again, Err(usermgr::VerifyError::InvalidToken)), "{again:?}");

    let change = ChangeEmailToken::from(world.token::<ChangeEmail>(ADA));
    world.accounts.confirm_email_change(&change, &cx).await.unwrap();
    undone(json!({ "email": ADA })).await;
    let again = world.accounts.confirm_email_change(&change, &cx).await;
    assert!(matches!(again, Err(usermgr::ChangeEmailError::InvalidToken)), "{again:?}");
    let now = world.user(ADA).await.unwrap();
    assert!(!now.is_verified);
    // What is purged has expired.
    world.clock.advance(Duration::from_secs(30 * 24 * 3600));
    world.accounts.engine.purge().await.unwrap();
    assert!(world.accounts.verify(&verify, &cx).await.is_err());
}

async fn w5_ending_all_sessions_leaves_the_owner_the_way_back<S: TestStore>(store: S) {
    let world = World::new(store);
    for (at, how) in [End::Others, End::All].into_iter().enumerate() {
        let email = format!("ada{at}@example.com");
        let ada = world.add(&email, |_| {}).await;
        world.accounts.forgot_password(&ada, &system()).await.unwrap();
        let token = ResetToken::from(world.token::<Reset>(&email));
        let thiefs = read(&world, "session", &email).await;
        end(&world, how, &thiefs, &thiefs).await;
        world.accounts.reset_password(&token, NEW.into(), &Context::default()).await.unwrap();
        // And that was its only use.
        assert!(world.accounts.reset_password(&token, GOOD.into(), &Context::default()).await.is_err(), "{how:?}");
        assert!(world.login("session", &email, NEW).await.is_some(), "{how:?}");
    }
}

async fn w5_ending_all_sessions_needs_a_fresh_login<S: TestStore>(store: S) {
    let world = World::new(store);
    world.add(ADA, |_| {}).await;
    for backend in ["session", "refresh", "revocable"] {
        let (token, _) = world.login(backend, ADA, GOOD).await.unwrap();
        let others = |token: &str| Ask::new(Method::DELETE, "/users/me/sessions").bearer(token);
        world.clock.advance(Duration::from_secs(601));
        let reply = world.ask(others(&token)).await;
        assert_eq!((reply.status, reply.json()["detail"].as_str()), (403, Some("REAUTHENTICATION_REQUIRED")));
        let (token, _) = world.login(backend, ADA, GOOD).await.unwrap();
        assert_eq!(world.ask(others(&token)).await.status, 204);
    }
}

/// A thief with a session writes what needs no proof as fast as they can; the owner's reset, and what a superuser does, get their turn.
async fn w6_constant_writes_of_one_user_keep_no_other_from_a_row<S: TestStore>(store: S) {
    let world = std::sync::Arc::new(World::new(store));
    let ada = world.add(ADA, |_| {}).await;
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let mut tasks = Vec::new();
    for _ in 0..12 {
        let (store, id, stop) = (world.store.clone(), ada.id, stop.clone());
        tasks.push(tokio::spawn(async move {
            // As an update of the profile alone.
            while !stop.load(std::sync::atomic::Ordering::SeqCst) {
                let record = store.find(Lookup::Id(&id)).await.unwrap().unwrap();
                let mut tx = store.begin().await.unwrap();
                if store.update(&mut tx, &record).await.is_ok() {
                    store.commit(tx).await.unwrap();
                }
                tokio::task::yield_now().await;
            }
        }));
    }
    for round in 0..20 {
        let email = address(ADA);
        let ada = world.accounts.get_by_email(&email).await.unwrap().unwrap();
        world.accounts.forgot_password(&ada, &system()).await.unwrap();
        let token = ResetToken::from(world.token::<Reset>(ADA));
        world.accounts.reset_password(&token, NEW.into(), &Context::default()).await.unwrap();
        world.accounts.set_active(&admin(), &ada.id, false, &system()).await.unwrap();
        let back = world.accounts.set_active(&admin(), &ada.id, true, &system()).await.unwrap();
        assert!(back.is_active, "{round}");
    }
    stop.store(true, std::sync::atomic::Ordering::SeqCst);
    for task in tasks {
        task.await.unwrap();
    }
}

async fn w6_another_spelling_of_an_address_needs_the_proof_of_a_new_one<S: TestStore>(store: S) {
    let world = World::new(store);
    world.add(ADA, |_| {}).await;
    let (token, _) = world.login("session", ADA, GOOD).await.unwrap();
    world.clock.advance(Duration::from_secs(601));
    let update = |body| Ask { body: Some(body), ..Ask::new(Method::PATCH, "/users/me").bearer(&token) };
    let spelled = json!({ "email": "Ada@example.com" });
    let reply = world.ask(update(spelled)).await;
    assert_eq!((reply.status, reply.json()["detail"].as_str()), (403, Some("REAUTHENTICATION_REQUIRED")));
    assert_eq!(world.ask(update(json!({ "email": ADA }))).await.status, 200, "the same address is not a change");
    let proved = json!({ "email": "Ada@example.com", "current_password": GOOD });
    assert_eq!(world.ask(update(proved)).await.json()["email"], "Ada@example.com");
}

over_all_stores!(
    w1_nothing_is_written_through_a_session_that_has_ended
    w1_nothing_is_written_through_a_token_of_another_stamp
    w1_a_session_that_lives_writes
    w2_nothing_is_administered_by_who_may_not_any_more
    w2_two_superusers_act_on_each_other
    w3_a_token_of_a_new_address_ends_with_the_session_that_asked
    w4_a_token_that_went_by_mail_works_once_whatever_a_superuser_undoes
    w5_ending_all_sessions_leaves_the_owner_the_way_back
    w5_ending_all_sessions_needs_a_fresh_login
    w6_constant_writes_of_one_user_keep_no_other_from_a_row
    w6_another_spelling_of_an_address_needs_the_proof_of_a_new_one
);

/// Accounts whose ids are texts, of which MariaDB does not count the spaces at the end.
struct Texts {
    engine: Engine<MysqlStore<NoProfile, String>>,
}

#[user_manager(store = MysqlStore<NoProfile, String>, secret = "only-for-tests-0123456789abcdef-x")]
impl Texts {}

#[tokio::test]
async fn w7_an_id_is_whose_row_it_finds() {
    let Some(database) = DatabaseServer::MariaDb.database() else { return };
    let store = MysqlStore::<NoProfile, String>::connect(database.url()).await.unwrap();
    let clock = usermgr::testing::FakeClock::start();
    let engine = Engine::builder(store).backend(Backend::bearer("session", Database::new()));
    let accounts = Texts { engine: engine.hasher(cheap(16)).clock(clock.clone()).build().unwrap() };
    let new = NewUser::new(EmailAddress::parse(ROOT).unwrap(), NoProfile).password(GOOD).superuser(true);
    let root = accounts.create(new, &system()).await.unwrap();
    let login = accounts.login(Credentials::new(ROOT, GOOD), "session", &Context::default()).await.unwrap();
    let principal = accounts.identify("session", login.token.expose()).await.unwrap().unwrap();
    let by = Admin::from_principal(&principal).unwrap();
    clock.advance(Duration::from_secs(601));
    for id in [root.id.clone(), format!("{} ", root.id), format!("{}  ", root.id)] {
        assert!(accounts.get(&id).await.unwrap().is_some(), "{id:?}");
        for body in [json!({ "password": NEW }), json!({ "email": "other@example.com" })] {
            let updated = accounts.update_user(&by, &id, patch(body), &Context::default()).await;
            assert!(matches!(updated, Err(usermgr::UpdateError::ReauthenticationRequired)), "{id:?}: {updated:?}");
        }
    }
}
