//! How many sessions a user may have, and the pages in which they are listed.

use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;
use usermgr::{
    NoProfile, StepUp,
    audit::EventKind,
    engine::EngineBuilder,
    password::{Argon2Params, Argon2id},
    prelude::*,
    store::SessionStore,
    testing::{FakeClock, Probe},
};
use usermgr_tests::Server;

use super::{ADA, list, registered};

const PASSWORD: &str = "correct horse battery";

struct Accounts<S> {
    engine: Engine<S>,
}

#[user_manager(store = S, secret = "only-for-tests-0123456789abcdef-x")]
impl<S: SessionStore<Profile = NoProfile>> Accounts<S> {}

fn engine<S: SessionStore<Profile = NoProfile>>(store: S, most: u32) -> EngineBuilder<S> {
    Engine::builder(store)
        .backend(Backend::bearer("rows", Database::new()))
        .backend(Backend::bearer("pair", Jwt::new().with_refresh(Refresh::new())))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .max_sessions(most)
}

fn credentials(email: &str) -> Credentials {
    Credentials::new(email, PASSWORD)
}

#[tokio::test]
async fn s21_a_login_beyond_the_most_ends_the_oldest_and_no_other_users() {
    let (clock, probe, cx) = (FakeClock::start(), Probe::default(), Context::default());
    let engine = engine(MemoryStore::new(), 3).clock(clock.clone()).audit(probe.clone()).build().unwrap();
    let accounts = Accounts { engine };
    let [ada, _] = ["ada@example.com", "bob@example.com"].map(|email| Register::new(email, PASSWORD));
    let ada = accounts.register(ada, &cx).await.unwrap();
    accounts.register(Register::new("bob@example.com", PASSWORD), &cx).await.unwrap();
    let bobs = accounts.login(credentials("bob@example.com"), "rows", &cx).await.unwrap().token;
    let mut tokens = Vec::new();
    for number in 0..6_usize {
        let backend = ["rows", "pair"][number % 2];
        clock.advance(std::time::Duration::from_secs(1));
        let login = accounts.login(credentials("ada@example.com"), backend, &cx).await.unwrap();
        tokens.push((backend, login.token.expose().to_owned()));
        let living = accounts.sessions(&ada, &cx).await.unwrap().len();
        assert_eq!(living, (number + 1).min(3));
    }
    for (number, (backend, token)) in tokens.iter().enumerate() {
        let opens = accounts.identify(backend, token).await.unwrap().is_some();
        assert_eq!(opens, number >= 3, "login {number}");
    }
    assert!(accounts.identify("rows", bobs.expose()).await.unwrap().is_some());
    let evictions: Vec<_> =
        probe.events().iter().filter(|event| event.kind == EventKind::SessionsEvicted).cloned().collect();
    assert_eq!(evictions.len(), 3);
    assert!(
        evictions.iter().all(|event| event.detail.as_deref() == Some("1 over the limit of sessions")),
        "{evictions:?}"
    );
}

#[tokio::test]
async fn s21_a_step_up_replaces_its_own_session_and_ends_no_other() {
    for (most, backend) in [(2, "rows"), (2, "pair"), (1, "rows"), (1, "pair")] {
        let (clock, probe, cx) = (FakeClock::start(), Probe::default(), Context::default());
        let engine = engine(MemoryStore::new(), most).clock(clock.clone()).audit(probe.clone()).build().unwrap();
        let accounts = Accounts { engine };
        accounts.register(Register::new("ada@example.com", PASSWORD), &cx).await.unwrap();
        let mut tokens = Vec::new();
        for _ in 0..most {
            clock.advance(std::time::Duration::from_secs(1));
            let login = accounts.login(credentials("ada@example.com"), backend, &cx).await.unwrap();
            tokens.push(login.token.expose().to_owned());
        }
        // The oldest, then the others, and again.
        for _ in 0..2 * most {
            clock.advance(std::time::Duration::from_secs(1));
            let own = tokens.remove(0);
            let principal = accounts.identify(backend, &own).await.unwrap().unwrap();
            let stepped = accounts.step_up(&principal, StepUp::new().password(PASSWORD), &cx).await.unwrap();
            assert!(accounts.identify(backend, &own).await.unwrap().is_none());
            tokens.push(stepped.token.expose().to_owned());
            for token in &tokens {
                assert!(accounts.identify(backend, token).await.unwrap().is_some(), "{most} {backend}");
            }
        }
        assert_eq!(probe.count(EventKind::SessionsEvicted), 0, "{most} {backend}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s21_of_many_logins_at_once_no_more_stay_than_one_may_have() {
    let store = SqliteStore::<NoProfile>::in_memory().await.unwrap();
    let accounts = std::sync::Arc::new(Accounts { engine: engine(store, 4).build().unwrap() });
    let cx = Context::default();
    let ada = accounts.register(Register::new("ada@example.com", PASSWORD), &cx).await.unwrap();
    let mut logins = JoinSet::new();
    for number in 0..24_usize {
        let accounts = accounts.clone();
        let backend = ["rows", "pair"][number % 2];
        logins.spawn(async move {
            accounts.login(credentials("ada@example.com"), backend, &Context::default()).await.is_ok()
        });
    }
    assert!(logins.join_all().await.into_iter().all(|done| done));
    // Each of two at the same moment may end the other.
    let left = accounts.engine.store().list_sessions(&ada.id).await.unwrap().len();
    assert!((1..=4).contains(&left), "{left}");
}

#[test]
fn x14_a_number_of_sessions_that_is_none_does_not_start() {
    for (most, fits) in [(0, false), (1, true), (10_000, true), (10_001, false)] {
        let built = engine(MemoryStore::<NoProfile>::new(), most).build();
        assert_eq!(built.is_ok(), fits, "{most}: {built:?}");
    }
}

#[tokio::test]
async fn s21_sessions_are_listed_in_pages() {
    let server = Server::start(&[]);
    let client = registered(&server).await;
    for _ in 0..4 {
        client.login(ADA, PASSWORD).await.expect(200);
    }
    let ada = client.logged_in(ADA, PASSWORD).await;
    let all = list(&ada).await;
    assert_eq!(all.len(), 5);
    let whole = ada.get("/users/me/sessions?limit=5").await.expect(200);
    assert_eq!((whole.json(), whole.header("link")), (json!(all), None), "nothing comes behind it");
    let (mut pages, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let reply = ada.get(&format!("/users/me/sessions{query}")).await.expect(200);
        pages.push(reply.json().as_array().unwrap().clone());
        let Some(link) = reply.header("link") else { break };
        let next = link.strip_prefix('<').and_then(|rest| rest.strip_suffix(">; rel=\"next\"")).unwrap();
        query = next.to_owned();
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(pages.concat(), all, "each once, in the order of the list");
    // The session of a cursor may have ended meanwhile.
    let last = pages[0][1]["id"].as_str().unwrap();
    ada.delete(&format!("/users/me/sessions/{last}")).await.expect(204);
    let reply = ada.get(&format!("/users/me/sessions?cursor={last}&limit=200")).await.expect(200);
    assert_eq!(reply.json(), json!(all[2..]));
    for (query, name) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("cursor=", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=a%20b", "cursor"),
    ] {
        let request = ada.request(Method::GET, &format!("/users/me/sessions?{query}"));
        ada.send(request).await.expect_faults(json!([["value_error", ["query", name]]]));
    }
}
