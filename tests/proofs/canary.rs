//! Canaries (H6): the whole life of an account is lived with marked passwords and a marked secret, every log written down at `TRACE`. No
//! mark, and no token that was given out, shows in a log, in the `Debug` of a value, in the body of a refusal or in the file of the
//! database; and nothing in the database is a valid credential.

use std::{
    fmt::Debug,
    io::{self, Write},
    sync::{
        Mutex, Once,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::http::{Method, header};
use serde_json::json;
use sqlx::{Row, SqlitePool, sqlite::SqliteConnectOptions};
use usermgr::{
    http::Outgoing,
    prelude::*,
    store::{Lookup, Session, SessionDigest, SessionStore},
    testing::FaultAt,
    token::{ChangeEmail, KeySet, RefreshToken, Reset, SigningKey, Verify},
};
use usermgr_tests::Folder;

use crate::world::{Ask, BEARERS, Options, Reply, World, admin, login_body, system};

const ADA: &str = "ada@example.com";
const SECRET: &str = "canary-secret-0123456789-abcdefghij";
/// Passwords that were right at some time, and such that never were.
const PASSWORDS: [&str; 3] = ["canary password the first", "canary password the second", "canary password the third"];
const WRONG: &str = "canary password that is wrong";

static LISTENING: AtomicBool = AtomicBool::new(false);
static HEARD: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Keeps what is logged while it listens.
struct Ear;

impl Write for Ear {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if LISTENING.load(Ordering::Relaxed) {
            HEARD.lock().unwrap().extend_from_slice(text);
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Listens to every log of the process, those of hashing and database threads included.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing::level_filters::LevelFilter::TRACE)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(|| Ear)
            .init();
    });
    LISTENING.store(true, Ordering::Relaxed);
}

/// What must not be seen, with what it is.
#[derive(Default)]
struct Marks(Vec<(String, String)>);

impl Marks {
    fn add(&mut self, what: impl Into<String>, text: impl Into<String>) {
        self.0.push((what.into(), text.into()));
    }

    #[track_caller]
    fn assert_absent(&self, place: &str, text: &[u8]) {
        for (what, mark) in &self.0 {
            let found = text.windows(mark.len()).position(|window| window == mark.as_bytes());
            let around = found.map(|at| String::from_utf8_lossy(&text[at.saturating_sub(200)..at]).into_owned());
            assert!(found.is_none(), "{what} in {place}, after: {around:?}");
        }
    }
}

/// What was answered and shown on the way.
#[derive(Default)]
struct Seen {
    marks: Marks,
    refusals: Vec<Reply>,
    shown: Vec<String>,
}

impl Seen {
    fn debug(&mut self, value: impl Debug) {
        self.shown.push(format!("{value:?} {value:#?}"));
    }
}

type Shop = World<SqliteStore>;

async fn shop(folder: &Folder) -> Shop {
    World::with(
        SqliteStore::open(folder.file("users.db")).await.unwrap(),
        Options { secret: SECRET, ..Options::default() },
    )
}

/// Asks, and keeps a refusal; the body of a success must hold no password either.
async fn ask(world: &Shop, seen: &mut Seen, ask: Ask) -> Reply {
    let reply = world.ask(ask).await;
    world.settle().await;
    if reply.status >= 400 {
        seen.refusals.push(reply.clone());
    } else {
        let passwords = PASSWORDS.into_iter().chain([WRONG, SECRET, "$argon2"]);
        assert!(passwords.into_iter().all(|mark| !reply.text.contains(mark)), "{}", reply.text);
    }
    reply
}

/// Logs in by every backend and marks what is given out.
async fn logins(world: &Shop, seen: &mut Seen, email: &str, password: &str) -> Vec<(&'static str, String)> {
    let mut tokens = Vec::new();
    for backend in BEARERS.into_iter().chain(["cookie"]) {
        let reply = ask(world, seen, Ask::post(format!("/auth/{backend}/login"), login_body(email, password))).await;
        let json = reply.json();
        let cookie = reply.headers.get(header::SET_COOKIE).and_then(|value| value.to_str().ok());
        let cookie = cookie.and_then(|text| text.split(['=', ';']).nth(1));
        let token = json["access_token"].as_str().or(cookie).expect("a login gives a token").to_owned();
        if let Some(renewal) = json["refresh_token"].as_str() {
            seen.marks.add("a refresh token", renewal);
            tokens.push(("renewal", renewal.to_owned()));
        }
        seen.marks.add(format!("the token of {backend}"), &token);
        tokens.push((backend, token));
    }
    tokens
}

fn find<'a>(tokens: &'a [(&'static str, String)], kind: &str) -> &'a str {
    &tokens.iter().find(|(name, _)| *name == kind).unwrap().1
}

/// The life of an account, from its registration to its end, with every kind of refusal on the way.
async fn live(world: &Shop, seen: &mut Seen) {
    let [first, second, third] = PASSWORDS;
    let register = |password: &str| Ask::post("/auth/register", json!({ "email": ADA, "password": password }));
    for password in ["canary", first, first] {
        ask(world, seen, register(password)).await;
    }
    for body in [
        json!({ "email": WRONG, "password": WRONG }),
        json!({ "email": [WRONG], "password": { WRONG: WRONG } }),
        json!(WRONG),
    ] {
        for path in
            ["/auth/register", "/auth/session/login", "/auth/verify", "/auth/reset-password", "/auth/forgot-password"]
        {
            ask(world, seen, Ask::post(path, body.clone())).await;
        }
    }
    for (email, password) in [(ADA, WRONG), ("nobody@example.com", WRONG), (WRONG, first)] {
        ask(world, seen, Ask::post("/auth/session/login", login_body(email, password))).await;
    }
    let mut tokens = logins(world, seen, ADA, first).await;
    let me = |method: Method, path: &str, token: &str| Ask::new(method, path).bearer(token);

    for path in ["/auth/request-verify-token", "/auth/forgot-password"] {
        ask(world, seen, Ask::post(path, json!({ "email": ADA }))).await;
    }
    let change = Ask {
        body: Some(json!({ "email": "ada@example.org" })),
        ..me(Method::POST, "/auth/request-email-change", find(&tokens, "session"))
    };
    ask(world, seen, change.clone()).await;
    let [verify, reset, moved] =
        [world.token::<Verify>(ADA), world.token::<Reset>(ADA), world.token::<ChangeEmail>(ADA)];
    for (what, token) in [("a verify token", &verify), ("a reset token", &reset), ("a change-email token", &moved)] {
        seen.marks.add(what, token);
        // At the wrong place, and in a field of the wrong kind.
        for path in ["/auth/verify", "/auth/reset-password", "/auth/confirm-email-change", "/auth/refresh/refresh"] {
            ask(world, seen, Ask::post(path, json!({ "token": [token], "refresh_token": token, "password": 7 }))).await;
        }
        ask(world, seen, me(Method::GET, "/users/me", token)).await;
    }
    for _ in 0..2 {
        ask(world, seen, Ask::post("/auth/verify", json!({ "token": verify }))).await;
    }
    ask(world, seen, Ask::post("/auth/reset-password", json!({ "token": reset, "password": "canary" }))).await;
    for _ in 0..2 {
        ask(world, seen, Ask::post("/auth/reset-password", json!({ "token": reset, "password": second }))).await;
    }
    for (_, token) in &tokens {
        ask(world, seen, me(Method::GET, "/users/me", token)).await;
        ask(world, seen, Ask::new(Method::GET, "/users/me").cookie(token)).await;
    }
    tokens = logins(world, seen, ADA, second).await;
    let session = find(&tokens, "session").to_owned();
    for current in [WRONG, second] {
        let body = Some(json!({ "current_password": current, "password": third }));
        ask(world, seen, Ask { body, ..me(Method::POST, "/auth/change-password", &session) }).await;
    }
    for body in [json!({ "password": third }), json!({ "email": [third] }), json!({ "password": { third: third } })] {
        ask(world, seen, Ask { body: Some(body), ..me(Method::PATCH, "/users/me", &session) }).await;
    }
    ask(world, seen, change.bearer(&session)).await;
    tokens = logins(world, seen, ADA, third).await;
    let renewal = find(&tokens, "renewal").to_owned();
    let next = ask(world, seen, Ask::post("/auth/refresh/refresh", json!({ "refresh_token": renewal }))).await.json();
    for name in ["access_token", "refresh_token"] {
        seen.marks.add(format!("the next {name}"), next[name].as_str().unwrap());
    }
    world.clock.advance(std::time::Duration::from_secs(60));
    ask(world, seen, Ask::post("/auth/refresh/refresh", json!({ "refresh_token": renewal }))).await;
    ask(world, seen, me(Method::GET, "/users/me/sessions", find(&tokens, "session"))).await;
    show(world, seen, &tokens).await;

    // Failures are described in words, which must not include the value at fault.
    for n in 1..=6 {
        for request in [
            Ask::post("/auth/session/login", login_body(ADA, third)),
            register(third),
            me(Method::GET, "/users/me", find(&tokens, "session")),
            Ask::post("/auth/reset-password", json!({ "token": reset, "password": third })),
            Ask::post("/auth/forgot-password", json!({ "email": ADA })),
        ] {
            world.faults.fail_from(n, FaultAt::Before);
            ask(world, seen, request).await;
        }
    }
    world.faults.heal();
    for backend in BEARERS {
        ask(world, seen, me(Method::POST, &format!("/auth/{backend}/logout"), find(&tokens, backend))).await;
    }
    let ada = world.user(ADA).await.unwrap();
    world.accounts.set_active(&admin(), &ada.id, false, &system()).await.unwrap();
    ask(world, seen, Ask::post("/auth/session/login", login_body(ADA, third))).await;
    world.accounts.set_active(&admin(), &ada.id, true, &system()).await.unwrap();
}

/// The `Debug` of every public value that holds a password, a hash, a token or a secret, as it comes about.
async fn show(world: &Shop, seen: &mut Seen, tokens: &[(&'static str, String)]) {
    let third = PASSWORDS[2];
    let email = || EmailAddress::parse(ADA).unwrap();
    seen.debug(Password::new(third));
    seen.debug(Register::<NoProfile>::new(ADA, third));
    seen.debug(Credentials::new(ADA, third));
    seen.debug(NewUser::new(email(), NoProfile).password(third));
    seen.debug(RefreshToken::from(find(tokens, "renewal")));
    seen.debug(usermgr::token::AccessToken::from(find(tokens, "jwt")));
    seen.debug((
        VerifyToken::from(world.token::<Verify>(ADA)),
        ResetToken::from(world.token::<Reset>(ADA)),
        ChangeEmailToken::from(world.token::<ChangeEmail>(ADA)),
    ));
    seen.debug((Secret::new(SECRET), SecretSet::new(Secret::new(SECRET), [Secret::new(SECRET)])));
    seen.debug((Secret::env("USERMGR_CANARY"), Secret::new(&SECRET[..20])));
    seen.debug(world.accounts.settings());
    seen.debug(&world.accounts.engine);
    seen.debug(world.accounts.engine.backends().iter().map(Backend::transport).collect::<Vec<_>>());
    seen.debug(KeySet::new(SigningKey::es256("key", PEM)));
    seen.debug(Jwt::new().keys(KeySet::new(SigningKey::es256("key", PEM))));
    seen.marks.add("a private key", PEM.lines().nth(1).unwrap());
    let record = world.store.find(Lookup::Email(&email())).await.unwrap().unwrap();
    seen.marks.add("a hash", record.password_hash.as_ref().unwrap().expose());
    seen.debug(&record);
    let digest = SessionDigest::of(find(tokens, "session"));
    seen.marks.add("a digest", digest.as_str());
    let found = world.store.find_session(usermgr::store::SessionLookup::Digest(&digest)).await.unwrap();
    let (session, _): (Session<_>, _) = found.unwrap();
    seen.debug((session, digest));
    let credentials = Credentials::new(ADA, third);
    let login = world.accounts.login(credentials, "refresh", &Context::default()).await.unwrap();
    let renewal = login.refresh.clone().unwrap();
    seen.marks.add("another refresh token", renewal.expose());
    seen.debug(&login);
    seen.debug((login.token, login.refresh, login.login));
    seen.debug(world.accounts.refresh(&RefreshToken::from(renewal.expose()), "refresh", &Context::default()).await);
    seen.debug(world.accounts.identify("session", find(tokens, "session")).await);
    seen.debug(world.mailbox.all());
    seen.debug(world.probe.events());
    let request = axum::http::Request::builder()
        .uri(format!("/users/me?token={}", find(tokens, "jwt")))
        .header(header::AUTHORIZATION, format!("Bearer {}", find(tokens, "session")))
        .header(header::COOKIE, format!("__Host-usermgr={}", find(tokens, "cookie")));
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let mut cx = Context::default();
    cx.extensions.insert(parts.clone());
    seen.debug(cx);
    let body = json!({ "access_token": find(tokens, "jwt") });
    let Ok(mut answer) = Outgoing::json(axum::http::StatusCode::OK, &body) else { panic!("it is JSON") };
    answer.headers.insert(header::SET_COOKIE, find(tokens, "cookie").parse().unwrap());
    seen.debug(answer);
}

const PEM: &str = include_str!("../../usermgr/src/token/key_set/test-keys/es256.pem");

/// Every value of every row of every table, read past the library.
async fn dump(folder: &Folder) -> Vec<String> {
    let options = SqliteConnectOptions::new().filename(folder.file("users.db")).read_only(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table'";
    let mut values = Vec::new();
    for table in sqlx::query_scalar::<_, String>(tables).fetch_all(&pool).await.unwrap() {
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(format!("SELECT * FROM \"{table}\""))).fetch_all(&pool).await.unwrap();
        for row in rows {
            let cells = (0..row.len()).filter_map(|at| row.try_get_unchecked::<Option<Vec<u8>>, _>(at).unwrap());
            values.extend(cells.map(|cell| String::from_utf8_lossy(&cell).into_owned()));
        }
    }
    pool.close().await;
    values.retain(|value| !value.is_empty() && value.len() < 4096);
    values
}

/// No value opens anything: as a token in the header or in the cookie, as one that went by mail, as a refresh token, as a password.
async fn assert_opens_nothing(world: &Shop, value: &str) {
    // What a header cannot carry never gets there.
    if header::HeaderValue::from_str(value).is_ok() {
        for request in
            [Ask::new(Method::GET, "/users/me").bearer(value), Ask::new(Method::GET, "/users/me").cookie(value)]
        {
            assert_eq!(world.ask(request).await.status, 401, "{value}");
        }
    }
    for (path, body) in [
        ("/auth/verify", json!({ "token": value })),
        ("/auth/reset-password", json!({ "token": value, "password": "one more horse battery" })),
        ("/auth/confirm-email-change", json!({ "token": value })),
        ("/auth/refresh/refresh", json!({ "refresh_token": value })),
        ("/auth/session/login", login_body(ADA, value)),
    ] {
        assert_eq!(world.ask(Ask::post(path, body)).await.status, 400, "{path}: {value}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x1_t8_no_secret_is_seen_and_nothing_stored_opens_anything() {
    listen();
    let folder = Folder::over(None);
    let world = shop(&folder).await;
    let mut seen = Seen::default();
    for (at, password) in PASSWORDS.into_iter().enumerate() {
        seen.marks.add(format!("password {at}"), password);
    }
    seen.marks.add("a wrong password", WRONG);
    seen.marks.add("the secret", SECRET);
    live(&world, &mut seen).await;
    // A login that stays, so that the dump holds what might open something.
    let living = logins(&world, &mut seen, ADA, PASSWORDS[2]).await;

    let Seen { marks, refusals, shown } = &seen;
    assert!(refusals.len() > 60 && shown.len() > 20, "{} refusals, {} values", refusals.len(), shown.len());
    for Reply { status, headers, text } in refusals {
        marks.assert_absent("the body of a refusal", text.as_bytes());
        marks.assert_absent("the headers of a refusal", format!("{status} {headers:?}").as_bytes());
    }
    for value in shown {
        marks.assert_absent("the Debug of a value", value.as_bytes());
    }
    // By their names, since the bare names of statements hold "password" too.
    LISTENING.store(false, Ordering::Relaxed);
    let heard = std::mem::take(&mut *HEARD.lock().unwrap());
    marks.assert_absent("the logs", &heard);
    let heard = String::from_utf8_lossy(&heard);
    for expected in ["login_failed", "password_reset", "token_theft", "usermgr_users", "a fault was injected"] {
        assert!(heard.contains(expected), "the logs are those of the run, and hold {expected}");
    }

    let mut stored = Marks::default();
    // A hash and a digest are what is stored; they are tried as credentials below.
    stored.0.extend(marks.0.iter().filter(|(what, _)| !["a hash", "a digest"].contains(&what.as_str())).cloned());
    for name in ["users.db", "users.db-wal"] {
        stored.assert_absent(name, &std::fs::read(folder.file(name)).unwrap());
    }
    let values = dump(&folder).await;
    assert!(values.iter().any(|value| value.starts_with("$argon2id$")) && values.len() > 40, "{values:?}");
    for value in &values {
        assert_opens_nothing(&world, value).await;
    }
    usermgr_tests::figure("bad inputs tried", 7 * values.len() as u64);
    // The dump was one of living sessions.
    assert_eq!(world.ask(Ask::new(Method::GET, "/users/me").bearer(find(&living, "session"))).await.status, 200);
}

/// That the search finds what is there.
#[test]
fn a_mark_that_is_there_is_found() {
    let mut marks = Marks::default();
    marks.add("a password", "canary");
    marks.assert_absent("nothing", b"canar");
    assert!(std::panic::catch_unwind(|| marks.assert_absent("a log", b"the canary sings")).is_err());
}
