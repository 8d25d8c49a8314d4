//! Every strategy against a test clock: the idle timeout, the absolute lifetime, and that only a login renews the proof of
//! the password.

use std::time::Duration;

use usermgr::{
    RefreshError,
    audit::{Event, EventKind},
    password::{Argon2Params, Argon2id},
    prelude::*,
    session::Strategy,
    store::{Lookup, SessionFilter, SessionStore},
    testing::{FakeClock, Probe},
    token::{KeySet, RefreshToken, SigningKey, VerifyingKey},
};

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

struct Shop {
    accounts: Accounts,
    clock: FakeClock,
    probe: Probe,
    ada: User,
}

fn cx() -> Context {
    Context::default()
}

impl Shop {
    async fn open(strategy: impl Strategy<MemoryStore>) -> Self {
        let (clock, probe) = (FakeClock::start(), Probe::default());
        let engine = Engine::builder(MemoryStore::new())
            .backend(Backend::bearer("app", strategy))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .clock(clock.clone())
            .audit(probe.clone())
            .build()
            .unwrap();
        let accounts = Accounts { engine };
        let ada = accounts.register(Register::new("ada@example.com", "correct horse battery"), &cx()).await.unwrap();
        Self { accounts, clock, probe, ada }
    }

    async fn login(&self) -> (String, Option<RefreshToken>) {
        let credentials = Credentials::new("ada@example.com", "correct horse battery");
        let login = self.accounts.login(credentials, "app", &cx()).await.unwrap();
        (login.token.expose().to_owned(), login.refresh)
    }

    async fn opens(&self, token: &str) -> bool {
        self.accounts.identify("app", token).await.unwrap().is_some()
    }

    async fn refresh(&self, token: &RefreshToken) -> Option<(String, RefreshToken)> {
        match self.accounts.refresh(token, "app", &cx()).await {
            Ok(refreshed) => Some((refreshed.token.expose().to_owned(), refreshed.refresh.unwrap())),
            Err(RefreshError::InvalidToken) => None,
            Err(error) => panic!("{error}"),
        }
    }

    async fn listed(&self) -> usize {
        self.accounts.sessions(&self.ada, &cx()).await.unwrap().len()
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    fn thefts(&self) -> usize {
        self.probe.events().iter().filter(|event: &&Event| event.kind == EventKind::TokenTheft).count()
    }
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[tokio::test]
async fn s5_a_database_session_ends_without_use_and_in_all() {
    let shop = Shop::open(Database::new().idle(seconds(10 * MINUTE)).absolute(seconds(60 * MINUTE))).await;
    let (token, _) = shop.login().await;
    shop.pass(10 * MINUTE - 1);
    assert!(shop.opens(&token).await);
    shop.pass(10 * MINUTE);
    assert!(!shop.opens(&token).await, "ten minutes without use");
    assert_eq!(shop.listed().await, 0, "and not in the list");

    let (token, _) = shop.login().await;
    for _ in 0..7 {
        shop.pass(8 * MINUTE);
        assert!(shop.opens(&token).await);
    }
    assert_eq!(shop.listed().await, 1);
    shop.pass(4 * MINUTE);
    assert!(!shop.opens(&token).await, "an hour in all");
    assert_eq!(shop.listed().await, 0);
}

#[tokio::test]
async fn s5_signed_tokens_end_in_all_to_the_second() {
    async fn check(strategy: impl Strategy<MemoryStore>) {
        let shop = Shop::open(strategy).await;
        let (token, _) = shop.login().await;
        shop.pass(15 * MINUTE - 1);
        assert!(shop.opens(&token).await);
        shop.pass(1);
        assert!(!shop.opens(&token).await);
        assert_eq!(shop.listed().await, 0, "a token without a row is not listed");
    }
    let jwt = || Jwt::new().lifetime(seconds(15 * MINUTE));
    check(jwt()).await;
    check(jwt().revocable()).await;
}

#[tokio::test]
async fn s5_a_session_with_refresh_tokens_ends_without_use_and_in_all() {
    let refresh = Refresh::new().idle(seconds(DAY)).absolute(seconds(3 * DAY));
    let shop = Shop::open(Jwt::new().lifetime(seconds(15 * MINUTE)).with_refresh(refresh)).await;
    let (access, token) = shop.login().await;
    shop.pass(15 * MINUTE);
    assert!(!shop.opens(&access).await, "the access token has ended");
    assert_eq!(shop.listed().await, 1, "the session has not");
    shop.pass(DAY);
    assert!(shop.refresh(&token.unwrap()).await.is_none(), "a day without use");
    assert_eq!((shop.listed().await, shop.thefts()), (0, 0), "an end by time is not a theft");

    let (_, token) = shop.login().await;
    let (mut access, mut token) = (String::new(), token.unwrap());
    for _ in 0..5 {
        shop.pass(DAY / 2);
        (access, token) = shop.refresh(&token).await.unwrap();
    }
    shop.pass(DAY / 2 - 60);
    let (last_access, last) = shop.refresh(&token).await.unwrap();
    assert!(shop.opens(&last_access).await && !shop.opens(&access).await);
    shop.pass(60);
    assert!(!shop.opens(&last_access).await, "no access token outlives its session");
    assert!(shop.refresh(&last).await.is_none(), "three days in all, however often it was refreshed");
    assert_eq!((shop.listed().await, shop.thefts()), (0, 0));
}

#[tokio::test]
async fn s5_using_the_access_token_is_use_of_the_session() {
    let refresh = Refresh::new().idle(seconds(10 * MINUTE));
    let shop = Shop::open(Jwt::new().lifetime(seconds(60 * MINUTE)).with_refresh(refresh)).await;
    let (access, _) = shop.login().await;
    for _ in 0..5 {
        shop.pass(9 * MINUTE);
        assert!(shop.opens(&access).await);
    }
    shop.pass(11 * MINUTE);
    assert!(!shop.opens(&access).await, "its own time is not over, but the session ended");
}

#[tokio::test]
async fn j8_a_used_token_gets_the_same_answer_for_the_time_of_the_grace() {
    let shop = Shop::open(Jwt::new().with_refresh(Refresh::new().grace(seconds(30)))).await;
    let (_, token) = shop.login().await;
    let token = token.unwrap();
    let (_, child) = shop.refresh(&token).await.unwrap();
    for wait in [0, 15, 14] {
        shop.pass(wait);
        let (access, again) = shop.refresh(&token).await.unwrap();
        assert_eq!(again.expose(), child.expose());
        assert!(shop.opens(&access).await);
    }
    shop.pass(1);
    assert!(shop.refresh(&token).await.is_none());
    assert!(shop.refresh(&child).await.is_none(), "the session has ended");
    assert_eq!(shop.thefts(), 1);
}

#[tokio::test]
async fn j8_without_a_grace_a_second_use_is_a_theft_and_is_reported_once() {
    let shop = Shop::open(Jwt::new().with_refresh(Refresh::new().grace(Duration::ZERO))).await;
    let (_, token) = shop.login().await;
    let token = token.unwrap();
    let outcomes = [(); 16].map(|()| shop.refresh(&token));
    let mut winners = 0;
    for outcome in outcomes {
        winners += usize::from(outcome.await.is_some());
    }
    assert_eq!((winners, shop.thefts(), shop.listed().await), (1, 1, 0));
}

#[tokio::test]
async fn p14_a_refresh_does_not_make_a_login_fresh() {
    let shop = Shop::open(Jwt::new().with_refresh(Refresh::new())).await;
    let (access, token) = shop.login().await;
    let proved = shop.accounts.identify("app", &access).await.unwrap().unwrap().session.authenticated_at;
    shop.pass(11 * MINUTE);
    let (access, _) = shop.refresh(&token.unwrap()).await.unwrap();
    let session = shop.accounts.identify("app", &access).await.unwrap().unwrap().session;
    assert_eq!(session.authenticated_at, proved);
    assert!(!shop.accounts.engine.is_fresh(&session));
}

#[tokio::test]
async fn j7_a_logout_ends_a_revocable_token_and_that_token_alone() {
    let shop = Shop::open(Jwt::new().revocable()).await;
    let ((first, _), (second, _)) = (shop.login().await, shop.login().await);
    let principal = shop.accounts.identify("app", &first).await.unwrap().unwrap();
    for _ in 0..2 {
        shop.accounts.logout(&principal, &cx()).await.unwrap();
        assert!(!shop.opens(&first).await && shop.opens(&second).await);
    }
    // What is forgotten has ended by itself.
    shop.pass(3600);
    let store = shop.accounts.engine.store();
    assert_eq!(store.purge_sessions(shop.accounts.engine.now()).await.unwrap(), 0);
    shop.pass(1);
    assert_eq!(store.purge_sessions(shop.accounts.engine.now()).await.unwrap(), 1);
    assert!(!shop.opens(&first).await);
    let (third, _) = shop.login().await;
    shop.accounts.revoke_all(&shop.ada, &cx()).await.unwrap();
    assert!(!shop.opens(&third).await, "what ends all sessions ends signed tokens too");
}

/// Two engines over one store and one secret, as in two programs: a token is good for the backend of its name, within its lifetime.
#[tokio::test]
async fn s17_a_signed_token_is_good_for_the_backend_of_its_name_and_no_longer_than_its_own_tokens() {
    let (store, clock) = (MemoryStore::new(), FakeClock::start());
    let accounts = |backends: [(&'static str, u64); 2]| {
        let engine = Engine::builder(store.clone())
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .clock(clock.clone());
        let add = |engine: usermgr::engine::EngineBuilder<_>, (name, minutes): (&'static str, u64)| {
            engine.backend(Backend::bearer(name, Jwt::new().lifetime(Duration::from_secs(60 * minutes))))
        };
        Accounts { engine: backends.into_iter().fold(engine, add).build().unwrap() }
    };
    let (here, there) = (accounts([("jwt", 60), ("other", 60)]), accounts([("jwt", 5), ("another", 60)]));
    here.register(Register::new("ada@example.com", "correct horse battery"), &cx()).await.unwrap();
    let credentials = || Credentials::new("ada@example.com", "correct horse battery");
    let token = here.login(credentials(), "jwt", &cx()).await.unwrap().token;
    let others = here.login(credentials(), "other", &cx()).await.unwrap().token;
    let opens = async |accounts: &Accounts, backend, token: &usermgr::token::AccessToken| {
        accounts.identify(backend, token.expose()).await.unwrap().is_some()
    };
    assert!(opens(&here, "jwt", &token).await && opens(&here, "other", &others).await);
    assert!(!opens(&here, "jwt", &others).await && !opens(&here, "other", &token).await);
    assert!(!opens(&there, "jwt", &others).await && !opens(&there, "another", &others).await);
    clock.advance(Duration::from_secs(299));
    assert!(opens(&there, "jwt", &token).await);
    clock.advance(Duration::from_secs(1));
    assert!(!opens(&there, "jwt", &token).await && opens(&here, "jwt", &token).await);
}

/// Two backends over one key, whose tokens differ only in whether they have a row.
#[tokio::test]
async fn j6_a_token_with_a_row_is_never_believed_without_it() {
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("rows", Jwt::new().with_refresh(Refresh::new())))
        .backend(Backend::bearer("plain", Jwt::new()))
        .backend(Backend::bearer("revocable", Jwt::new().revocable()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .build()
        .unwrap();
    let accounts = Accounts { engine };
    let ada = accounts.register(Register::new("ada@example.com", "correct horse battery"), &cx()).await.unwrap();
    let credentials = || Credentials::new("ada@example.com", "correct horse battery");
    let rows = accounts.login(credentials(), "rows", &cx()).await.unwrap().token;
    let plain = accounts.login(credentials(), "plain", &cx()).await.unwrap().token;
    let opens = async |backend, token: &str| accounts.identify(backend, token).await.unwrap().is_some();
    assert!(opens("rows", rows.expose()).await && opens("plain", plain.expose()).await);
    for backend in ["plain", "revocable"] {
        assert!(!opens(backend, rows.expose()).await, "{backend}");
    }
    assert!(!opens("rows", plain.expose()).await);
    let store = accounts.engine.store();
    let mut tx = store.begin().await.unwrap();
    store.revoke_sessions(&mut tx, SessionFilter::User(&ada.id)).await.unwrap();
    store.commit(tx).await.unwrap();
    assert!(!opens("rows", rows.expose()).await);
    assert!(accounts.engine.store().find(Lookup::Id(&ada.id)).await.unwrap().is_some());
}

/// A token whose logout is remembered is not believed by a backend over the same key that would not look.
#[tokio::test]
async fn j6_a_logout_stands_beside_a_backend_that_remembers_none() {
    for backwards in [false, true] {
        let mut backends =
            vec![Backend::bearer("plain", Jwt::new()), Backend::bearer("revocable", Jwt::new().revocable())];
        if backwards {
            backends.reverse();
        }
        let engine =
            backends.into_iter().fold(Engine::builder(MemoryStore::new()), |engine, backend| engine.backend(backend));
        let hasher = Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap());
        let accounts = Accounts { engine: engine.hasher(hasher).build().unwrap() };
        accounts.register(Register::new("ada@example.com", "correct horse battery"), &cx()).await.unwrap();
        let credentials = Credentials::new("ada@example.com", "correct horse battery");
        let token = accounts.login(credentials, "revocable", &cx()).await.unwrap().token;
        assert!(accounts.identify("plain", token.expose()).await.unwrap().is_none());
        let principal = accounts.identify("revocable", token.expose()).await.unwrap().unwrap();
        accounts.logout(&principal, &cx()).await.unwrap();
        assert!(accounts.identify("revocable", token.expose()).await.unwrap().is_none());
    }
}

#[test]
fn x14_an_invalid_signing_key_does_not_start() {
    let keys = || KeySet::new(SigningKey::eddsa("2026", "no PEM"));
    let jwt = || Jwt::new().keys(keys());
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("a", jwt()))
        .backend(Backend::bearer("b", jwt().revocable()))
        .backend(Backend::bearer("c", jwt().with_refresh(Refresh::new())));
    let error = engine.build().unwrap_err().to_string();
    assert_eq!(error.matches("the signing key `2026` is not the PEM").count(), 1, "reported once: {error}");
}

#[tokio::test]
async fn j1_j5_tokens_are_signed_by_key_pairs_and_outlive_a_rotation() {
    const OLD: &str = include_str!("../../usermgr/src/token/key_set/test-keys/es256.pem");
    const OLD_PUBLIC: &str = include_str!("../../usermgr/src/token/key_set/test-keys/es256.pub.pem");
    const NEW: &str = include_str!("../../usermgr/src/token/key_set/test-keys/ed25519.pem");
    let store = MemoryStore::new();
    let accounts = |jwt: Jwt| Accounts {
        engine: Engine::builder(store.clone())
            .backend(Backend::bearer("app", jwt.with_refresh(Refresh::new())))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .build()
            .unwrap(),
    };
    let before = accounts(Jwt::new().keys(KeySet::new(SigningKey::es256("old", OLD))));
    before.register(Register::new("ada@example.com", "correct horse battery"), &cx()).await.unwrap();
    let credentials = Credentials::new("ada@example.com", "correct horse battery");
    let login = before.login(credentials, "app", &cx()).await.unwrap();
    let opens = async |accounts: &Accounts, token: &str| accounts.identify("app", token).await.unwrap().is_some();
    let token = login.token.expose();
    assert!(opens(&before, token).await);
    let new = || KeySet::new(SigningKey::eddsa("new", NEW));
    let rotated = accounts(Jwt::new().keys(new().previous(VerifyingKey::es256("old", OLD_PUBLIC))));
    assert!(opens(&rotated, token).await);
    let next = rotated.refresh(login.refresh.as_ref().unwrap(), "app", &cx()).await.unwrap().token;
    assert!(opens(&rotated, next.expose()).await && !opens(&before, next.expose()).await);
    let after = accounts(Jwt::new().keys(new()));
    assert!(!opens(&after, token).await && opens(&after, next.expose()).await);
    assert!(!opens(&accounts(Jwt::new()), next.expose()).await, "the derived key opens nothing of theirs");
}

#[test]
fn j10_a_lifetime_beyond_the_calendar_does_not_start_and_is_reported_in_words() {
    const MAX: Duration = Duration::MAX;
    let faults = |strategy: Box<dyn Fn() -> Backend<MemoryStore>>| {
        let engine = Engine::builder(MemoryStore::new()).backend(strategy()).build();
        engine.map_err(|error| error.to_string())
    };
    let bearer = |strategy: fn() -> Backend<MemoryStore>| faults(Box::new(strategy));
    for (setting, outcome) in [
        ("Jwt::lifetime", bearer(|| Backend::bearer("a", Jwt::new().lifetime(MAX)))),
        ("Jwt::lifetime", bearer(|| Backend::bearer("a", Jwt::new().lifetime(MAX).revocable()))),
        ("Jwt::lifetime", bearer(|| Backend::bearer("a", Jwt::new().lifetime(MAX).with_refresh(Refresh::new())))),
        ("Database::idle", bearer(|| Backend::bearer("a", Database::new().idle(MAX)))),
        ("Database::absolute", bearer(|| Backend::bearer("a", Database::new().absolute(MAX)))),
        ("Refresh::idle", bearer(|| Backend::bearer("a", Jwt::new().with_refresh(Refresh::new().idle(MAX))))),
        ("Refresh::absolute", bearer(|| Backend::bearer("a", Jwt::new().with_refresh(Refresh::new().absolute(MAX))))),
        ("Refresh::grace", bearer(|| Backend::bearer("a", Jwt::new().with_refresh(Refresh::new().grace(MAX))))),
    ] {
        let message = outcome.unwrap_err();
        assert!(
            message.contains(&format!("`{setting}` is larger than the maximum of 4294967295 seconds")),
            "{message}"
        );
    }
    let fresh = Engine::builder(MemoryStore::new()).backend(Backend::bearer("a", Jwt::new())).fresh(MAX);
    let message = fresh.build().unwrap_err().to_string();
    assert!(message.contains("`EngineBuilder::fresh` is larger"), "{message}");
    let none = bearer(|| Backend::bearer("a", Database::new().absolute(Duration::ZERO))).unwrap_err();
    assert!(none.contains("`Database::absolute` must be at least one second"), "{none}");
    let longest = Duration::from_secs(u32::MAX.into());
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("a", Database::new().idle(longest).absolute(longest)))
        .backend(Backend::bearer("b", Jwt::new().lifetime(longest).revocable()))
        .fresh(longest)
        .build()
        .unwrap();
    Accounts { engine }.check().unwrap();
}

/// Time saturates: a late end never counts as a past one.
#[tokio::test]
async fn j10_a_token_of_the_longest_lifetime_ends_by_its_logout_and_stays_ended() {
    let shop = Shop::open(Jwt::new().lifetime(Duration::from_secs(u32::MAX.into())).revocable()).await;
    let (token, _) = shop.login().await;
    let principal = shop.accounts.identify("app", &token).await.unwrap().unwrap();
    assert!(principal.session.expires_at > shop.accounts.engine.now());
    shop.accounts.logout(&principal, &cx()).await.unwrap();
    assert!(!shop.opens(&token).await);
    shop.pass(DAY);
    shop.accounts.engine.purge().await.unwrap();
    assert!(!shop.opens(&token).await, "a purge must not forget the logout of a token that lives on");
}

#[test]
fn x14_refresh_tokens_and_a_cookie_do_not_start() {
    let strategy = Jwt::new().with_refresh(Refresh::new());
    let engine =
        Engine::builder(MemoryStore::new()).backend(Backend::cookie("web", CookieOptions::default(), strategy));
    let error = engine.build().unwrap_err().to_string();
    assert!(error.contains("the backend `web` gives refresh tokens, which no cookie carries"), "{error}");
}
