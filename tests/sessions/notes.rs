//! That a session was used is noted on the path of a read: where no note can be taken, reads go on, at once and without a line for each.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use usermgr::{
    password::{Argon2Params, Argon2id},
    prelude::*,
    session::Strategy,
    store::SessionStore,
    testing::{FakeClock, FaultAt, Watch, Watched},
};
use usermgr_tests::{Folder, Log};

const PASSWORD: &str = "correct horse battery";

/// Lets notes fail, and counts how often one was tried.
#[derive(Clone, Default)]
struct NoNotes(Arc<Mutex<(Option<FaultAt>, usize)>>);

impl NoNotes {
    fn set(&self, fault: Option<FaultAt>) {
        self.0.lock().unwrap().0 = fault;
    }

    fn tried(&self) -> usize {
        self.0.lock().unwrap().1
    }
}

impl Watch for NoNotes {
    fn called(&self, method: &'static str) -> Option<FaultAt> {
        let mut plan = self.0.lock().unwrap();
        plan.1 += usize::from(method == "touch_session");
        plan.0.filter(|_| method == "touch_session")
    }
}

struct Accounts<S> {
    engine: Engine<S>,
}

#[user_manager(store = S, secret = "only-for-tests-0123456789abcdef-x")]
impl<S: SessionStore<Profile = NoProfile>> Accounts<S> {}

fn cx() -> Context {
    Context::default()
}

async fn open<S: SessionStore<Profile = NoProfile>>(
    store: S,
    strategy: impl Strategy<S>,
    clock: &FakeClock,
) -> (Accounts<S>, String) {
    let engine = Engine::builder(store)
        .backend(Backend::bearer("app", strategy))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .clock(clock.clone())
        .build()
        .unwrap();
    let accounts = Accounts { engine };
    accounts.register(Register::new("ada@example.com", PASSWORD), &cx()).await.unwrap();
    let login = accounts.login(Credentials::new("ada@example.com", PASSWORD), "app", &cx()).await.unwrap();
    let token = login.token.expose().to_owned();
    (accounts, token)
}

async fn s20_reads_go_on(strategy: impl Strategy<Watched<MemoryStore, NoNotes>>, fault: FaultAt) {
    let (clock, notes) = (FakeClock::start(), NoNotes::default());
    let (accounts, token) = open(Watched::new(MemoryStore::new(), notes.clone()), strategy, &clock).await;
    let opens = async || accounts.identify("app", &token).await.unwrap().is_some();
    let log = Log::start();
    let logged = |word: &str| log.text().matches(word).count();

    notes.set(Some(fault));
    clock.advance(Duration::from_secs(61));
    let began = Instant::now();
    for _ in 0..50 {
        assert!(opens().await, "the note is lost, and nothing else");
    }
    assert!(began.elapsed() < Duration::from_secs(5), "fifty reads waited {:?}", began.elapsed());
    assert_eq!(notes.tried(), 1, "requests do not queue for a writer that is stuck");
    clock.advance(Duration::from_secs(10));
    assert!(opens().await && opens().await);
    assert_eq!((notes.tried(), logged("cannot be recorded")), (2, 1), "tried again now and then, and reported once");

    notes.set(None);
    clock.advance(Duration::from_secs(10));
    assert!(opens().await && opens().await);
    assert_eq!((notes.tried(), logged("is recorded again")), (3, 1));
    let ada = accounts.get_by_email(&EmailAddress::parse("ada@example.com").unwrap()).await.unwrap().unwrap();
    let row = &accounts.engine.store().list_sessions(&ada.id).await.unwrap()[0];
    assert_eq!(row.seen_at, accounts.engine.now(), "and taken");
}

#[tokio::test]
async fn s20_a_note_that_fails_or_never_ends_fails_no_request() {
    for fault in [FaultAt::Before, FaultAt::HangBefore] {
        s20_reads_go_on(Database::new(), fault).await;
        s20_reads_go_on(Jwt::new().with_refresh(Refresh::new()), fault).await;
    }
}

/// The writer of a SQLite file is another process, for longer than ours waits for it.
#[tokio::test]
async fn s20_while_another_process_writes_readers_go_on_at_once() {
    let (folder, clock) = (Folder::new(), FakeClock::start());
    let path = folder.path().join("shop.db");
    let (accounts, token) = open(SqliteStore::<NoProfile>::open(&path).await.unwrap(), Database::new(), &clock).await;
    let other = SqliteStore::<NoProfile>::open(&path).await.unwrap();
    let writing = other.begin().await.unwrap();
    clock.advance(Duration::from_secs(61));
    let began = Instant::now();
    for _ in 0..10 {
        assert!(accounts.identify("app", &token).await.unwrap().is_some());
    }
    assert!(began.elapsed() < Duration::from_secs(3), "ten reads waited {:?}", began.elapsed());
    drop(writing);
    other.close().await;
    // What was given up must leave the store usable.
    accounts.login(Credentials::new("ada@example.com", PASSWORD), "app", &cx()).await.unwrap();
    clock.advance(Duration::from_secs(61));
    assert!(accounts.identify("app", &token).await.unwrap().is_some());
    let ada = accounts.get_by_email(&EmailAddress::parse("ada@example.com").unwrap()).await.unwrap().unwrap();
    let rows = accounts.engine.store().list_sessions(&ada.id).await.unwrap();
    assert!(rows.iter().any(|row| row.seen_at == accounts.engine.now()), "notes are taken again");
}

/// A database that can be read and not written: a disk that is full, a primary that has become a standby.
#[tokio::test]
async fn s20_over_a_database_that_cannot_be_written_who_is_logged_in_stays_in() {
    let (folder, clock) = (Folder::new(), FakeClock::start());
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("shop.db"));
    // A connection that cannot write is replaced, and the next one cannot either.
    static READ_ONLY: AtomicBool = AtomicBool::new(false);
    let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).after_connect(|connection, _| {
        Box::pin(async move {
            let pragma = format!("PRAGMA query_only = {}", READ_ONLY.load(Relaxed));
            sqlx::query(sqlx::AssertSqlSafe(pragma)).execute(connection).await.map(drop)
        })
    });
    let pool = pool.connect_with(options.create_if_missing(true)).await.unwrap();
    let store = SqliteStore::<NoProfile>::with_pool(pool.clone()).await.unwrap();
    let (accounts, token) = open(store, Database::new(), &clock).await;
    let query_only = async |on: bool| {
        READ_ONLY.store(on, Relaxed);
        let pragma = sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA query_only = {on}")));
        pragma.execute(&pool).await.unwrap();
    };
    query_only(true).await;
    for _ in 0..3 {
        clock.advance(Duration::from_secs(61));
        assert!(accounts.identify("app", &token).await.unwrap().is_some());
    }
    let refused = accounts.login(Credentials::new("ada@example.com", PASSWORD), "app", &cx()).await;
    assert!(refused.is_err(), "what must be written still fails");
    query_only(false).await;
    clock.advance(Duration::from_secs(61));
    assert!(accounts.identify("app", &token).await.unwrap().is_some());
}
