//! Sessions in Redis, at `USERMGR_TEST_REDIS`: the rules of every session store, and what is Redis' own.

#[path = "redis_keys.rs"]
mod keys;
#[path = "redis_lost.rs"]
mod lost;
#[path = "redis_servers.rs"]
mod servers;

use std::{cell::RefCell, time::Duration};

use ::redis::Client;
use usermgr::{
    NoProfile, PgStore, StoreError,
    password::{Argon2Params, Argon2id},
    prelude::*,
    store::{
        RedisServer, RedisSessions, Rotation, Session, SessionDigest, SessionFilter, SessionId, SessionLookup,
        SessionStore, StandaloneSessions, WithSessions,
    },
    store_conformance,
    testing::FakeClock,
    user::Stamp,
};
use usermgr_tests::{DatabaseServer, Server, command, redis_corner};

use super::{list, pair, registered};

/// Sessions in a corner of their own; none when there is no server, and the test is skipped.
async fn redis() -> Option<RedisSessions> {
    let url = usermgr_tests::redis("the tests over Redis")?;
    Some(RedisSessions::open(RedisServer::new(url).prefix(redis_corner())).await.unwrap())
}

async fn beside<S: UserStore>(accounts: S) -> Option<WithSessions<S, RedisSessions>> {
    Some(WithSessions::new(accounts, redis().await?))
}

/// What there is, or the end of a test whose server is not there.
macro_rules! there {
    ($what:expr) => {
        match $what.await {
            Some(there) => there,
            None => return,
        }
    };
}

store_conformance!(uuids, there!(beside(MemoryStore::new())));
store_conformance!(numbers, there!(beside(MemoryStore::<NoProfile, i64>::default())));
store_conformance!(texts, there!(beside(MemoryStore::<NoProfile, String>::default())));
store_conformance!(beside_sqlite, there!(beside(SqliteStore::<NoProfile>::in_memory().await.unwrap())));

store_conformance!(beside_postgres, there!(beside(there!(postgres()))));

thread_local! {
    /// The databases of the test on this thread.
    static KEPT: RefCell<Vec<usermgr_tests::Database>> = const { RefCell::new(Vec::new()) };
}

async fn postgres() -> Option<PgStore> {
    let database = DatabaseServer::Postgres.database()?;
    let store = PgStore::connect(database.url()).await.unwrap();
    KEPT.with_borrow_mut(|databases| databases.push(database));
    Some(store)
}

type Store = WithSessions<MemoryStore, RedisSessions>;

struct Accounts {
    engine: Engine<Store>,
}

#[user_manager(store = WithSessions<MemoryStore, RedisSessions>, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

const PASSWORD: &str = "correct horse battery";

fn accounts(store: Store, clock: FakeClock) -> Accounts {
    let engine = Engine::builder(store)
        .backend(Backend::bearer("rows", Database::new().idle(Duration::from_secs(600))))
        .backend(Backend::bearer("refresh", Jwt::new().with_refresh(Refresh::new())))
        .backend(Backend::bearer("revocable", Jwt::new().revocable()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .clock(clock)
        .build()
        .unwrap();
    Accounts { engine }
}

#[tokio::test]
async fn j6_a_user_whose_sessions_are_in_redis_logs_in_lists_ends_and_expires() {
    let (store, clock) = (there!(beside(MemoryStore::new())), FakeClock::start());
    // Two managers over one Redis represent two processes.
    let (here, there) = (accounts(store.clone(), clock.clone()), accounts(store, clock.clone()));
    let cx = Context::default();
    let ada = here.register(Register::new("ada@example.com", PASSWORD), &cx).await.unwrap();
    let login = async |backend: &str| {
        let credentials = Credentials::new("ada@example.com", PASSWORD);
        here.login(credentials, backend, &cx).await.unwrap().token.expose().to_owned()
    };
    let opens = async |backend: &str, token: &str| there.identify(backend, token).await.unwrap().is_some();

    for backend in ["rows", "refresh", "revocable"] {
        let (token, other) = (login(backend).await, login(backend).await);
        let principal = here.identify(backend, &token).await.unwrap().unwrap();
        assert!(opens(backend, &token).await);
        here.logout(&principal, &cx).await.unwrap();
        assert!(!opens(backend, &token).await && opens(backend, &other).await, "{backend}");
    }
    assert_eq!(there.sessions(&ada, &cx).await.unwrap().len(), 2);
    let token = login("rows").await;
    there.revoke_all(&ada, &cx).await.unwrap();
    assert!(!opens("rows", &token).await);
    assert!(here.sessions(&ada, &cx).await.unwrap().is_empty());

    let token = login("rows").await;
    clock.advance(Duration::from_secs(601));
    assert!(!opens("rows", &token).await, "by our clock, although Redis keeps it");
    let token = login("rows").await;
    clock.advance(Duration::from_secs(31 * 24 * 3600));
    assert!(!opens("rows", &token).await);
    assert!(here.engine.store().purge_sessions(here.engine.now()).await.unwrap() > 0);
}

fn session(name: &str, user_id: i64) -> Session<i64> {
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let (id, digest, stamp) = (SessionId::new(name), SessionDigest::of(name), Stamp::from_bytes([1; 16]));
    let mut session = Session::new(id, digest, user_id, stamp, "rows", at, at);
    session.rotation = Some(Rotation::new(SessionDigest::of("one"), at));
    session
}

async fn find(sessions: &RedisSessions, by: SessionLookup<'_>) -> Option<Session<i64>> {
    sessions.find(by).await.unwrap()
}

async fn rotate(sessions: &RedisSessions, row: &Session<i64>) -> bool {
    let next = Rotation::new(SessionDigest::of("two"), row.seen_at).rotated_by("someone");
    StandaloneSessions::<i64>::rotate(sessions, &row.id, &SessionDigest::of("one"), &next).await.unwrap()
}

#[tokio::test]
async fn s6_a_session_that_has_ended_is_brought_back_by_nothing() {
    let sessions = there!(redis());
    let row = session("a", 1);
    sessions.insert(&row).await.unwrap();
    assert_eq!(sessions.revoke(SessionFilter::User(&1_i64)).await.unwrap(), 1);
    StandaloneSessions::<i64>::touch(&sessions, &row.id, row.seen_at).await.unwrap();
    StandaloneSessions::<i64>::restamp(&sessions, &row.id, &Stamp::from_bytes([2; 16]), &row.amr).await.unwrap();
    assert!(!rotate(&sessions, &row).await);
    assert!(find(&sessions, SessionLookup::Id(&row.id)).await.is_none());
    sessions.insert(&row).await.unwrap();
    assert!(find(&sessions, SessionLookup::Id(&row.id)).await.is_some(), "its names are free again");
}

#[tokio::test]
async fn s6_of_a_login_a_rotation_and_an_end_of_all_at_once_nothing_half_remains() {
    let sessions = there!(redis());
    for user_id in 0..32 {
        let (row, late) = (session(&format!("row-{user_id}"), user_id), session(&format!("late-{user_id}"), user_id));
        sessions.insert(&row).await.unwrap();
        let (inserted, _, ended) = tokio::join!(
            sessions.insert(&late),
            rotate(&sessions, &row),
            sessions.revoke(SessionFilter::User(&user_id)),
        );
        inserted.unwrap();
        let left: Vec<Session<i64>> = sessions.list(&user_id).await.unwrap();
        assert_eq!(left.len() as u64 + ended.unwrap(), 2);
        for row in [&row, &late] {
            let lives = left.iter().any(|left| left.id == row.id);
            assert_eq!(find(&sessions, SessionLookup::Id(&row.id)).await.is_some(), lives);
            assert_eq!(find(&sessions, SessionLookup::Digest(&row.digest)).await.is_some(), lives);
        }
        assert!(left.iter().all(|left| left.id == late.id), "what was there before has ended");
    }
}

#[tokio::test]
async fn the_indexes_forget_what_has_expired_long_ago() {
    let sessions = there!(redis());
    for day in 1..=10 {
        let at = format!("2026-01-{day:02}T00:00:00Z").parse().unwrap();
        let mut row = session(&format!("day-{day}"), 1);
        (row.seen_at, row.expires_at) = (at, at);
        sessions.insert(&row).await.unwrap();
    }
    let listed: Vec<Session<i64>> = sessions.list(&1).await.unwrap();
    assert_eq!(listed.len(), 1, "{listed:?}");
    let purged = StandaloneSessions::<i64>::purge(&sessions, "2026-02-01T00:00:00Z".parse().unwrap()).await.unwrap();
    assert_eq!(purged, 1);
}

#[tokio::test]
async fn a_purge_takes_thousands() {
    let sessions = there!(redis());
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let end = "2026-01-01T00:00:01Z".parse().unwrap();
    let generation = StandaloneSessions::<i64>::token_generation(&sessions).await.unwrap().unwrap();
    let token = |number: u32| SessionId::new(format!("{generation}.{number}"));
    for number in 0..2500 {
        StandaloneSessions::<i64>::end_token(&sessions, &token(number), at).await.unwrap();
    }
    assert!(StandaloneSessions::<i64>::has_ended(&sessions, &token(7)).await.unwrap());
    assert_eq!(StandaloneSessions::<i64>::purge(&sessions, at).await.unwrap(), 0);
    assert_eq!(StandaloneSessions::<i64>::purge(&sessions, end).await.unwrap(), 2500);
    assert_eq!(StandaloneSessions::<i64>::purge(&sessions, end).await.unwrap(), 0);
    assert!(!StandaloneSessions::<i64>::has_ended(&sessions, &token(7)).await.unwrap());
}

#[tokio::test]
async fn x8_without_a_server_nothing_opens() {
    for url in ["redis://127.0.0.1:1", "http://127.0.0.1:1"] {
        let error = RedisSessions::open(url).await.unwrap_err();
        assert!(matches!(error, StoreError::Backend(_)), "{error}");
    }
}

#[tokio::test]
async fn j6_two_processes_over_one_postgresql_and_one_redis_know_of_each_others_logins_and_logouts() {
    let Some(url) = usermgr_tests::redis("two processes over Redis") else { return };
    let Some(database) = DatabaseServer::Postgres.database() else { return };
    let flags = ["--redis-url", &*url];
    let first = Server::start_over(Some(database), &flags);
    let second = Server::start_in(first.folder(), &flags);
    let (here, there) = (registered(&first).await, second.client());
    let (access, token) = pair(&here).await;
    let (ada_here, ada_there) = (here.with_token(&access), there.with_token(&access));
    ada_here.get("/users/me").await.expect(200);
    let next = super::refresh(&there, &token).await.expect(200);
    here.with_token(next.token()).get("/users/me").await.expect(200);
    let id = list(&ada_there).await[0]["id"].as_str().unwrap().to_owned();
    ada_there.delete(&format!("/users/me/sessions/{id}")).await.expect(204);
    ada_here.get("/users/me").await.expect_detail(401, "Unauthorized");
    super::refresh(&here, &super::refresh_token(&next)).await.expect_detail(400, "REFRESH_BAD_TOKEN");
    // Sessions are in Redis and nowhere else: a server without it knows none of them.
    let (access, _) = pair(&here).await;
    let mut serve = command(&first.folder());
    serve.env_remove("USERMGR_REDIS_URL");
    let without = Server::spawn(first.folder(), serve);
    without.client().with_token(&access).get("/users/me").await.expect(401);
    here.with_token(access).get("/users/me").await.expect(200);
}

/// A corner of the server for a user of its own, and a function that closes all connections of that user.
async fn killable() -> Option<(RedisServer, impl AsyncFn())> {
    let url = usermgr_tests::redis("closed connections to Redis")?;
    let corner = redis_corner();
    let user = corner.trim_end_matches(':').to_owned();
    let mut other = Client::open(&*url).unwrap().get_multiplexed_async_connection().await.unwrap();
    let allowed = ["SETUSER", &user, "reset", "on", ">secret", "~*", "+@all"];
    ::redis::cmd("ACL").arg(&allowed).exec_async(&mut other).await.unwrap();
    let server = RedisServer::new(url.replacen("://", &format!("://{user}:secret@"), 1)).prefix(corner);
    let kill = async move || {
        let mut other = other.clone();
        let killed: u32 = ::redis::cmd("CLIENT").arg(&["KILL", "USER", &user]).query_async(&mut other).await.unwrap();
        assert!(killed > 0);
    };
    Some((server, kill))
}

/// A server, or a load balancer, closes connections that are idle. The next request must not fail.
#[tokio::test]
async fn a_connection_that_was_closed_while_it_was_idle_fails_no_command() {
    let Some((server, kill)) = killable().await else { return };
    let sessions = RedisSessions::open(server).await.unwrap();
    let row = session("a", 1);
    kill().await;
    sessions.insert(&row).await.unwrap();
    for by in [SessionLookup::Id(&row.id), SessionLookup::Digest(&row.digest)] {
        kill().await;
        assert!(find(&sessions, by).await.is_some());
    }
    kill().await;
    assert_eq!(StandaloneSessions::<i64>::list(&sessions, &1).await.unwrap().len(), 1);
    kill().await;
    StandaloneSessions::<i64>::touch(&sessions, &row.id, row.seen_at).await.unwrap();
    kill().await;
    StandaloneSessions::<i64>::restamp(&sessions, &row.id, &Stamp::from_bytes([2; 16]), &row.amr).await.unwrap();
    kill().await;
    assert!(rotate(&sessions, &row).await);
    kill().await;
    let one = SessionFilter::One { user_id: &1_i64, id: &row.id };
    assert_eq!(sessions.revoke(one).await.unwrap(), 1);
    kill().await;
    StandaloneSessions::<i64>::end_token(&sessions, &row.id, row.expires_at).await.unwrap();
    kill().await;
    assert!(StandaloneSessions::<i64>::has_ended(&sessions, &row.id).await.unwrap());
    kill().await;
    let purged = StandaloneSessions::<i64>::purge(&sessions, "2026-02-01T00:00:00Z".parse().unwrap()).await.unwrap();
    assert_eq!(purged, 1);
}

#[tokio::test]
async fn a_closed_connection_fails_no_login_no_request_and_no_refresh() {
    let Some((server, kill)) = killable().await else { return };
    let sessions = RedisSessions::open(server.clone()).await.unwrap();
    let counters = usermgr::limits::RedisCounters::open(server).await.unwrap();
    let engine = Engine::builder(WithSessions::new(MemoryStore::new(), sessions))
        .backend(Backend::bearer("rows", Database::new()))
        .backend(Backend::bearer("refresh", Jwt::new().with_refresh(Refresh::new().grace(Duration::ZERO))))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .counters(counters)
        .build()
        .unwrap();
    let (accounts, cx) = (Accounts { engine }, Context::default());
    kill().await;
    let ada = accounts.register(Register::new("ada@example.com", PASSWORD), &cx).await.unwrap();
    let credentials = || Credentials::new("ada@example.com", PASSWORD);
    kill().await;
    let token = accounts.login(credentials(), "rows", &cx).await.unwrap().token;
    kill().await;
    let principal = accounts.identify("rows", token.expose()).await.unwrap().unwrap();
    kill().await;
    let pair = accounts.login(credentials(), "refresh", &cx).await.unwrap();
    kill().await;
    accounts.refresh(&pair.refresh.unwrap(), "refresh", &cx).await.unwrap();
    kill().await;
    assert_eq!(accounts.sessions(&ada, &cx).await.unwrap().len(), 2);
    kill().await;
    accounts.logout(&principal, &cx).await.unwrap();
    kill().await;
    accounts.revoke_all(&ada, &cx).await.unwrap();
    assert!(accounts.sessions(&ada, &cx).await.unwrap().is_empty());
}

#[tokio::test]
async fn s2_the_same_insertion_twice_is_one_session_and_another_one_still_a_conflict() {
    let sessions = there!(redis());
    let row = session("a", 1);
    sessions.insert(&row).await.unwrap();
    sessions.insert(&row).await.unwrap();
    let others: [fn(&mut Session<i64>); 4] = [
        |row| row.user_id = 2,
        |row| row.digest = SessionDigest::of("b"),
        |row| row.id = SessionId::new("b"),
        |row| row.stamp = Stamp::from_bytes([2; 16]),
    ];
    for change in others {
        let mut other = row.clone();
        change(&mut other);
        assert!(matches!(sessions.insert(&other).await, Err(StoreError::Conflict)), "{other:?}");
    }
    let listed: Vec<Session<i64>> = sessions.list(&1).await.unwrap();
    assert_eq!(listed.len(), 1);
}
