//! An attacker who spends all that the limits give, from as many networks as there are, beside the owner of the account: at every moment
//! one of the doors is open to the owner, and the guesses of each day are few.

use std::{
    collections::VecDeque,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::Router;
use jiff::Timestamp;
use serde_json::json;
use usermgr::{
    Backend,
    engine::{Answers, EngineBuilder},
    http::Routes,
    password::{Argon2Params, Argon2id},
    prelude::*,
    session::Method,
    testing::{Client, FakeClock, Reply},
};
use usermgr_tests::PASSWORD;

const ADA: &str = "ada@example.com";
const DAY: Duration = Duration::from_secs(24 * 3600);
const HOME: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

struct Accounts {
    engine: Engine<MemoryStore>,
    resets: Mutex<Vec<(Timestamp, String)>>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_forgot_password(&self, _: &User, token: &ResetToken) {
        self.resets.lock().unwrap().push((self.engine.now(), token.expose().to_owned()));
    }
}

struct World {
    accounts: Arc<Accounts>,
    router: Router,
    clock: FakeClock,
    networks: u32,
    /// When a guess of the last day was judged.
    guesses: VecDeque<Timestamp>,
    most_guesses: usize,
    mails: usize,
}

impl World {
    async fn new(change: impl FnOnce(EngineBuilder<MemoryStore>) -> EngineBuilder<MemoryStore>) -> Self {
        let clock = FakeClock::start();
        let engine = Engine::builder(MemoryStore::new())
            .backend(Backend::bearer("bearer", Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap()))
            .clock(clock.clone());
        let accounts = Arc::new(Accounts { engine: change(engine).build().unwrap(), resets: Mutex::default() });
        let email = EmailAddress::parse(ADA).unwrap();
        let new = NewUser::new(email, NoProfile).password(PASSWORD).verified(true);
        accounts.create(new, &Context::default()).await.unwrap();
        let router = usermgr::axum::mount::<Accounts, Arc<Accounts>>(Routes::all()).with_state(accounts.clone());
        Self { accounts, router, clock, networks: 0, guesses: VecDeque::new(), most_guesses: 0, mails: 0 }
    }

    fn client(&self, network: Ipv4Addr) -> Client {
        Client::new(self.router.clone()).peer(network)
    }

    /// A network that was not used before.
    fn fresh(&mut self) -> Ipv4Addr {
        self.networks += 1;
        Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 0).to_bits() + self.networks)
    }

    async fn login(&self, network: Ipv4Addr, password: &str) -> Reply {
        self.client(network).login("bearer", ADA, password).await
    }

    async fn forgot(&self, network: Ipv4Addr) -> Reply {
        let reply = self.client(network).post("/auth/forgot-password", json!({ "email": ADA })).await;
        self.accounts.engine.settle().await;
        reply
    }

    fn now(&self) -> Timestamp {
        self.accounts.engine.now()
    }

    /// Uses all attempts that are available now, and returns in how many seconds there are more.
    async fn attack(&mut self) -> u64 {
        let mut next = 600;
        loop {
            let network = self.fresh();
            let reply = self.login(network, "wrong").await;
            if reply.status == 429 {
                next = next.min(retry_after(&reply));
                break;
            }
            assert_eq!(reply.status, 400);
            self.guesses.push_back(self.now());
        }
        let day_ago = self.now().checked_sub(DAY).unwrap();
        while self.guesses.front().is_some_and(|guess| *guess <= day_ago) {
            self.guesses.pop_front();
        }
        self.most_guesses = self.most_guesses.max(self.guesses.len());
        loop {
            let network = self.fresh();
            let reply = self.forgot(network).await;
            if reply.status == 429 {
                next = next.min(retry_after(&reply));
                break;
            }
            self.mails += 1;
        }
        for path in ["/auth/register", "/auth/request-verify-token"] {
            loop {
                let body = json!({ "email": ADA, "password": PASSWORD });
                let network = self.fresh();
                let reply = self.client(network).post(path, body).await;
                self.accounts.engine.settle().await;
                if reply.status == 429 {
                    break;
                }
            }
        }
        next
    }
}

fn retry_after(reply: &Reply) -> u64 {
    reply.headers["retry-after"].to_str().unwrap().parse().unwrap()
}

async fn the_owner_gets_in(answers: Answers) {
    let mut world = World::new(|engine| engine.answers(answers).require_verified(answers == Answers::Discreet)).await;
    let mut password = PASSWORD.to_owned();
    assert_eq!(world.login(HOME, &password).await.status, 200);
    let begun = world.now();
    let (mut tries, mut resets, mut next_reset) = (0, 0, DAY);
    while world.now().duration_since(begun) < (6 * DAY).try_into().unwrap() {
        // At the very second at which a delay ends, and first.
        let next = world.attack().await;
        assert_eq!(world.login(HOME, &password).await.status, 200, "{:?}", world.now());
        tries += 1;
        if world.now().duration_since(begun) >= next_reset.try_into().unwrap() {
            // From a network that the account has never seen: by the mail that was just asked for, or by the last that a stranger did.
            let new = world.fresh();
            world.forgot(new).await;
            let (_, token) = world.accounts.resets.lock().unwrap().last().cloned().unwrap();
            password = format!("a long enough one, number {resets}");
            let body = json!({ "token": token, "password": password });
            assert_eq!(world.client(new).post("/auth/reset-password", body).await.status, 200);
            world.attack().await;
            assert_eq!(world.login(new, &password).await.status, 200);
            resets += 1;
            next_reset += DAY / 2;
        }
        // The owner does not come at the attacker's moments alone.
        for pause in [next / 2, next - next / 2] {
            world.clock.advance(Duration::from_secs(pause));
            assert_eq!(world.login(HOME, &password).await.status, 200, "{:?}", world.now());
        }
    }
    println!(
        "{answers:?}: {tries} tries at home, {resets} resets, at most {} guesses in a day, {} mails with a token, {} networks",
        world.most_guesses, world.mails, world.networks
    );
    assert!(tries > 1_000 && resets >= 10, "{tries} {resets}");
    // A reset forgets the failures before it, and there are three in the worst span of a day.
    assert!(world.most_guesses <= 4 * 100, "{}", world.most_guesses);
    assert!(world.mails <= 20 + 6 * 60, "{}", world.mails);
}

#[tokio::test]
async fn l13_for_six_days_the_owner_gets_in_at_any_time_beside_an_attacker_who_spends_all() {
    the_owner_gets_in(Answers::Explicit).await;
}

#[tokio::test]
async fn l13_discreetly_too() {
    the_owner_gets_in(Answers::Discreet).await;
}

#[tokio::test]
async fn l15_all_strangers_together_have_a_hundred_guesses_in_a_day() {
    let mut world = World::new(|engine| engine).await;
    assert_eq!(world.login(HOME, PASSWORD).await.status, 200);
    let mut all = 0;
    for _ in 0..600 {
        let before = world.guesses.len();
        let next = world.attack().await;
        all += world.guesses.len().saturating_sub(before);
        // Logins of the owner give no client new guesses.
        assert_eq!(world.login(HOME, PASSWORD).await.status, 200);
        world.clock.advance(Duration::from_secs(next));
    }
    assert!((50..=100).contains(&world.most_guesses), "{}", world.most_guesses);
    assert!(all >= 100, "{all}");
}

#[tokio::test]
async fn l13_one_stranger_locks_their_own_network_out_and_no_other() {
    let mut world = World::new(|engine| engine).await;
    let stranger = world.fresh();
    for attempt in 0..20 {
        assert_eq!(world.login(stranger, "wrong").await.status, if attempt < 10 { 400 } else { 429 });
    }
    assert_eq!(world.login(stranger, PASSWORD).await.status, 429);
    let new = world.fresh();
    assert_eq!(world.login(new, PASSWORD).await.status, 200, "a network that the account has never seen");
}

#[tokio::test]
async fn l14_a_known_network_gives_no_client_there_more_than_ten_guesses() {
    let mut world = World::new(|engine| engine).await;
    let other = world.fresh();
    for network in [HOME, other] {
        assert_eq!(world.login(network, PASSWORD).await.status, 200);
    }
    for attempt in 0..20 {
        assert_eq!(world.login(HOME, "wrong").await.status, if attempt < 10 { 400 } else { 429 });
    }
    assert_eq!(world.login(HOME, PASSWORD).await.status, 429);
    assert_eq!(world.login(other, PASSWORD).await.status, 200, "each known network counts for itself");
    world.clock.advance(Duration::from_secs(30));
    assert_eq!(world.login(HOME, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn l14_a_network_is_known_for_thirty_days_after_the_last_login() {
    let mut world = World::new(|engine| engine).await;
    for _ in 0..2 {
        assert_eq!(world.login(HOME, PASSWORD).await.status, 200);
        world.clock.advance(29 * DAY);
    }
    world.attack().await;
    assert_eq!(world.login(HOME, PASSWORD).await.status, 200);
    world.clock.advance(30 * DAY);
    world.attack().await;
    assert_eq!(world.login(HOME, PASSWORD).await.status, 429);
}

#[tokio::test]
async fn l14_a_login_without_a_password_makes_its_network_known_and_forgets_its_failures() {
    let mut world = World::new(|engine| engine).await;
    let ada = world.accounts.get_by_email(&EmailAddress::parse(ADA).unwrap()).await.unwrap().unwrap();
    let accounts = world.accounts.clone();
    let sign_in = async || {
        let cx = Context::default().ip(HOME.into());
        // The application has proved it by itself, also if it was a password.
        accounts.sign_in(&ada, Method::PASSWORD.into(), "bearer", &cx).await.unwrap();
    };
    sign_in().await;
    world.attack().await;
    assert_eq!(world.login(HOME, PASSWORD).await.status, 200);
    for attempt in 0..11 {
        assert_eq!(world.login(HOME, "wrong").await.status, if attempt < 10 { 400 } else { 429 });
    }
    sign_in().await;
    assert_eq!(world.login(HOME, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn l5_a_reset_forgets_wrong_current_passwords_and_a_login_does_not() {
    let world = World::new(|engine| engine).await;
    let client = world.client(HOME);
    client.login("bearer", ADA, PASSWORD).await.expect(200);
    let change = async |current: &str, new: &str| {
        let body = json!({ "current_password": current, "password": new });
        client.post("/auth/change-password", body).await.status
    };
    const NEW: &str = "another horse battery";
    for attempt in 0..11 {
        assert_eq!(change("wrong", NEW).await, if attempt < 10 { 400 } else { 429 });
    }
    // A thief of the session gets no new attempts from it.
    client.login("bearer", ADA, PASSWORD).await.expect(200);
    assert_eq!(change(PASSWORD, NEW).await, 429);
    world.forgot(HOME).await;
    let (_, token) = world.accounts.resets.lock().unwrap().last().cloned().unwrap();
    client.post("/auth/reset-password", json!({ "token": token, "password": NEW })).await.expect(200);
    client.login("bearer", ADA, NEW).await.expect(200);
    assert_eq!(change(NEW, PASSWORD).await, 204);
}
