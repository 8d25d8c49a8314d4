//! What lists and the grace of refresh tokens give to the holder of a copied token: neither the moment to present it, nor a
//! successor without a notification.

use std::time::Duration;

use jiff::Timestamp;
use usermgr::{
    RefreshError, SessionInfo,
    audit::EventKind,
    clock::Clock as _,
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{FakeClock, Probe},
    token::RefreshToken,
};

const PASSWORD: &str = "correct horse battery";

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

/// A client of this address that says it is this.
fn client(ip: &str, agent: &str) -> Context {
    Context::default().ip(ip.parse().unwrap()).user_agent(agent)
}

impl Shop {
    async fn open(refresh: Refresh) -> Self {
        let (clock, probe) = (FakeClock::start(), Probe::default());
        let engine = Engine::builder(MemoryStore::new())
            .backend(Backend::bearer("pair", Jwt::new().with_refresh(refresh)))
            .backend(Backend::bearer("rows", Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .clock(clock.clone())
            .audit(probe.clone())
            .build()
            .unwrap();
        let accounts = Accounts { engine };
        let ada = accounts.register(Register::new("ada@example.com", PASSWORD), &Context::default()).await.unwrap();
        Self { accounts, clock, probe, ada }
    }

    async fn login(&self, backend: &str) -> (String, Option<RefreshToken>) {
        let credentials = Credentials::new("ada@example.com", PASSWORD);
        let login = self.accounts.login(credentials, backend, &Context::default()).await.unwrap();
        (login.token.expose().to_owned(), login.refresh)
    }

    async fn refresh(&self, token: &RefreshToken, cx: &Context) -> Option<(String, RefreshToken)> {
        match self.accounts.refresh(token, "pair", cx).await {
            Ok(refreshed) => Some((refreshed.token.expose().to_owned(), refreshed.refresh.unwrap())),
            Err(RefreshError::InvalidToken) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// The session with refresh tokens, as a list shows it.
    async fn shown(&self) -> SessionInfo {
        let mut sessions = self.accounts.sessions(&self.ada, &Context::default()).await.unwrap();
        sessions.retain(|session| session.backend == "pair");
        sessions.remove(0)
    }

    async fn use_access(&self, token: &str) {
        self.accounts.identify("pair", token).await.unwrap().unwrap();
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    fn raised(&self, kind: EventKind) -> usize {
        self.probe.events().iter().filter(|event| event.kind == kind).count()
    }
}

fn whole_minute(time: Timestamp) -> bool {
    time.as_microsecond() % 60_000_000 == 0
}

#[tokio::test]
async fn j11_a_grace_that_answers_another_client_is_reported() {
    let shop = Shop::open(Refresh::new()).await;
    let (_, token) = shop.login("pair").await;
    let token = token.unwrap();
    let phone = client("2001:db8:1:2::7", "Phone/1.0");
    let (_, child) = shop.refresh(&token, &phone).await.unwrap();
    let alike = client("2001:db8:1:2:ffff::1", "Phone/1.0");
    for same in [&phone, &alike] {
        assert_eq!(shop.refresh(&token, same).await.unwrap().1.expose(), child.expose());
    }
    assert_eq!(shop.raised(EventKind::RefreshRepeatedElsewhere), 0, "a lost answer");
    let others = [client("2001:db8:1:3::7", "Phone/1.0"), client("2001:db8:1:2::7", "curl/8.5.0"), Context::default()];
    for (number, other) in others.iter().enumerate() {
        assert_eq!(shop.refresh(&token, other).await.unwrap().1.expose(), child.expose(), "the grace stays");
        assert_eq!(shop.raised(EventKind::RefreshRepeatedElsewhere), number + 1);
    }
    let session = shop.shown().await.id;
    let events = shop.probe.events();
    let event = events.iter().find(|event| event.kind == EventKind::RefreshRepeatedElsewhere).unwrap();
    assert_eq!(event.user, Some(shop.ada.id.to_string()));
    assert_eq!(event.detail.as_deref(), Some(&*format!("session {session}")));
    // The next token is independent: the first client to refresh it is recorded again.
    let (_, next) = shop.refresh(&child, &others[0]).await.unwrap();
    assert_eq!(shop.refresh(&child, &others[0]).await.unwrap().1.expose(), next.expose());
    assert_eq!((shop.raised(EventKind::RefreshRepeatedElsewhere), shop.raised(EventKind::TokenTheft)), (3, 0));
}

#[tokio::test]
async fn j11_where_it_is_demanded_a_repetition_from_elsewhere_is_a_theft() {
    let shop = Shop::open(Refresh::new().same_client(true)).await;
    let (_, token) = shop.login("pair").await;
    let token = token.unwrap();
    let phone = client("192.0.2.7", "Phone/1.0");
    let (access, child) = shop.refresh(&token, &phone).await.unwrap();
    assert_eq!(shop.refresh(&token, &phone).await.unwrap().1.expose(), child.expose());
    assert!(shop.refresh(&token, &client("198.51.100.7", "Phone/1.0")).await.is_none());
    assert!(shop.accounts.identify("pair", &access).await.unwrap().is_none(), "the session has ended");
    assert!(shop.refresh(&child, &phone).await.is_none());
    let raised = [EventKind::TokenTheft, EventKind::RefreshRepeatedElsewhere].map(|kind| shop.raised(kind));
    assert_eq!(raised, [1, 0]);
}

#[tokio::test]
async fn j12_a_list_shows_whole_minutes_and_never_the_moment_of_a_refresh() {
    let shop = Shop::open(Refresh::new()).await;
    let (access, token) = shop.login("pair").await;
    shop.pass(7_777);
    shop.login("rows").await;
    let before = shop.shown().await.seen_at;
    let (access_then, token) = shop.refresh(&token.unwrap(), &Context::default()).await.unwrap();
    assert_eq!(shop.shown().await.seen_at, before, "a refresh is not an access");
    for _ in 0..5 {
        // What the client does with its new token, for longer than the grace.
        shop.use_access(&access_then).await;
        assert_eq!(shop.shown().await.seen_at, before, "nor is what follows it closely");
        shop.pass(11);
    }
    shop.pass(60);
    shop.use_access(&access_then).await;
    let seen = shop.shown().await.seen_at.unwrap();
    let now = shop.accounts.engine.now();
    assert!(whole_minute(seen) && seen <= now && now.duration_since(seen).as_secs() < 60, "{seen} at {now}");
    // The session lives by its refreshes all the same.
    shop.pass(6 * 24 * 3600);
    let (_, token) = shop.refresh(&token, &Context::default()).await.unwrap();
    shop.pass(6 * 24 * 3600);
    assert!(shop.refresh(&token, &Context::default()).await.is_some(), "twelve days after the last access");
    assert!(shop.accounts.identify("pair", &access).await.unwrap().is_none());
}

#[test]
fn x14_a_grace_beyond_half_the_time_without_use_does_not_start() {
    let hour = Duration::from_secs(3600);
    for (grace, fits) in [(hour / 2, true), (hour / 2 + Duration::from_secs(1), false)] {
        let strategy = Jwt::new().with_refresh(Refresh::new().idle(hour).grace(grace));
        let store = MemoryStore::<NoProfile>::new();
        let built = Engine::builder(store).backend(Backend::bearer("pair", strategy)).build();
        assert_eq!(built.is_ok(), fits, "{built:?}");
    }
}

#[tokio::test]
async fn l11_a_clock_that_is_put_right_lengthens_no_grace() {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let shop = Shop::open(Refresh::new()).await;
    let begun = shop.clock.now();
    let (_, token) = shop.login("pair").await;
    let token = token.unwrap();
    shop.clock.advance(DAY);
    let phone = client("2001:db8:1:2::7", "Phone/1.0");
    shop.refresh(&token, &phone).await.unwrap();
    // The clocks of two servers differ by a little: the answer was lost, and is given again.
    shop.clock.set(begun.checked_add(DAY).unwrap().checked_sub(Duration::from_secs(5)).unwrap());
    assert!(shop.refresh(&token, &phone).await.is_some());
    // A day ahead: for how long ago it was used nothing speaks any more.
    shop.clock.set(begun);
    assert!(shop.refresh(&token, &phone).await.is_none());
    assert_eq!(shop.raised(EventKind::TokenTheft), 1);
}

#[tokio::test]
async fn l11_a_use_in_the_future_is_noted_again() {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let shop = Shop::open(Refresh::new()).await;
    let begun = shop.clock.now();
    let (access, _) = shop.login("rows").await;
    shop.clock.advance(DAY);
    let seen = async || {
        shop.accounts.identify("rows", &access).await.unwrap().unwrap();
        let sessions = shop.accounts.sessions(&shop.ada, &Context::default()).await.unwrap();
        sessions[0].seen_at.unwrap()
    };
    let ahead = seen().await;
    assert!(ahead > begun);
    shop.clock.set(begun);
    assert!(seen().await <= begun);
}
