//! Pairs: every request of a thief with a stolen credential, beside every request by which its owner or a superuser recovers, at
//! offsets over the length of both. Afterwards no old credential is valid, what was reported as done is done, and the one who has
//! recovered is not locked out.

#[path = "pairs/attacks.rs"]
mod attacks;
#[path = "pairs/recoveries.rs"]
mod recoveries;
#[path = "pairs/scene.rs"]
mod scene;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::http::Method;
use sqlx::postgres::PgPoolOptions;
use tokio::{sync::Semaphore, task::JoinSet};
use usermgr::{PgStore, SqliteStore};
use usermgr_tests::{DatabaseServer, Folder};

use self::{
    attacks::{ATTACKS, Attack},
    recoveries::{RECOVERIES, Recovery},
    scene::{Row, Scene},
};
use crate::world::{Ask, GOOD, Options, Reply, TestStore, World, login_body};

/// How many times each pair is tried, each time at another offset.
const OFFSETS: u32 = 10;
/// How many pairs run at once. They have nothing in common but the store.
const AT_ONCE: usize = 4;
/// How long a hash takes, so that there is a window between the proof of a right and the write.
const HASH: Duration = Duration::from_millis(5);

/// What a credential gives a right to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    /// What a session may do.
    Session,
    /// What a superuser's session may do to others.
    Role,
    /// The next tokens of a session.
    Refresh,
    /// A new password, by a token that went by mail.
    Reset,
    /// A new address, by a token that went by mail.
    Change,
    /// A verified address, by a token that went by mail.
    Verify,
    /// A session, by the password.
    Login,
}

/// What a recovery needs, and what an earlier attack may have removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ground {
    Account,
    Address,
    Stamp,
    OwnSession,
    StolenSession,
}

/// A pair, with the backend of the session that was stolen.
#[derive(Clone, Copy)]
struct Pair {
    attack: &'static Attack,
    recovery: &'static Recovery,
    carrier: &'static str,
}

impl Pair {
    /// Every pair in which the recovery ends the right to the attack.
    fn all() -> impl Iterator<Item = (&'static Attack, &'static Recovery)> {
        let pairs = RECOVERIES.iter().flat_map(|recovery| ATTACKS.iter().map(move |attack| (attack, recovery)));
        pairs.filter(|(attack, recovery)| recovery.ends(attack.right))
    }

    /// The backends take turns.
    fn of(attack: &'static Attack, recovery: &'static Recovery, turn: usize) -> Self {
        let carriers: Vec<_> = attack.carriers.iter().filter(|name| recovery.carriers.contains(name)).collect();
        Self { attack, recovery, carrier: carriers[turn % carriers.len()] }
    }

    /// Whether the attack, if it comes first, takes this away.
    fn takes(&self, ground: Ground) -> bool {
        let is_signed = ["jwt", "revocable"].contains(&self.carrier);
        self.attack.takes.contains(&ground) || is_signed && self.attack.takes_signed.contains(&ground)
    }

    fn name(&self) -> String {
        format!("{} beside {} ({})", self.attack.name, self.recovery.name, self.carrier)
    }
}

/// What the two came to.
struct Outcome {
    attack: Reply,
    recovery: Vec<Reply>,
    /// The rows when the recovery was answered, and at the end.
    answered: Vec<Option<Row>>,
    end: Vec<Option<Row>>,
}

/// Asks when the time has come. The runtime's own timers are too coarse.
async fn ask_at<S: TestStore>(world: &World<S>, at: Instant, ask: Ask) -> Reply {
    while Instant::now() < at {
        tokio::task::yield_now().await;
    }
    world.ask(ask).await
}

/// Lets both happen; `after` is how much later than the recovery the attack begins, in microseconds, and may be negative.
async fn run<S: TestStore>(world: &Arc<World<S>>, scene: &Arc<Scene>, pair: Pair, after: i64) -> Outcome {
    let start = Instant::now() + Duration::from_millis(1);
    let late = |micros: i64| start + Duration::from_micros(micros.max(0).unsigned_abs());
    let (attack_at, recovery_at) = (late(after), late(-after));
    let attack = {
        let (world, ask) = (world.clone(), (pair.attack.ask)(scene));
        tokio::spawn(async move { ask_at(&world, attack_at, ask).await })
    };
    let recovery = {
        let (world, scene) = (world.clone(), scene.clone());
        tokio::spawn(async move {
            let mut replies = Vec::new();
            for ask in (pair.recovery.asks)(&scene) {
                replies.push(ask_at(&world, recovery_at, ask).await);
            }
            (replies, scene.rows(&world).await)
        })
    };
    let (recovery, answered) = recovery.await.unwrap();
    let attack = attack.await.unwrap();
    Outcome { attack, recovery, answered, end: scene.rows(world).await }
}

/// Everything that is wrong with an outcome.
async fn faults<S: TestStore>(world: &World<S>, scene: &Scene, pair: Pair, outcome: &Outcome) -> Vec<String> {
    let recovery = pair.recovery;
    let mut faults = Vec::new();
    for reply in outcome.recovery.iter().chain([&outcome.attack]) {
        if reply.status >= 500 {
            faults.push(format!("{} {}", reply.status, reply.text));
        }
    }
    if let Some(refused) = outcome.recovery.iter().find(|reply| reply.status >= 400) {
        let lawful = outcome.attack.status < 400 && recovery.needs.iter().any(|ground| pair.takes(*ground));
        if !lawful {
            faults.push(format!("the recovery was refused: {} {}", refused.status, refused.text));
        }
        return faults;
    }
    for (answered, end) in outcome.answered.iter().zip(&outcome.end) {
        if answered != end {
            faults.push(format!("landed late: {answered:?} became {end:?}"));
        }
    }
    if let Some(password) = recovery.password {
        let email = outcome.end[..2].iter().flatten().map(|row| row.email.as_str()).next().unwrap_or_default();
        if world.ask(Ask::post("/auth/session/login", login_body(email, password))).await.status != 200 {
            faults.push("the owner cannot log in".to_owned());
        }
    }
    if recovery.keeps_own && world.ask(scene.own.sign(Ask::new(Method::GET, "/users/me"))).await.status != 200 {
        faults.push("the owner's session is dead".to_owned());
    }
    if let Some(fault) = (recovery.missing)(&outcome.end) {
        faults.push(fault.to_owned());
    }
    faults.extend(opened(world, scene, pair, &outcome.attack).await);
    faults
}

/// What still opens something that the recovery has ended: what was stolen, and what the attack was given.
async fn opened<S: TestStore>(world: &World<S>, scene: &Scene, pair: Pair, given: &Reply) -> Vec<String> {
    let mut asks: Vec<(String, Ask)> = Vec::new();
    for right in pair.recovery.rights() {
        let probes = ATTACKS.iter().filter(|attack| attack.right == right && attack.is_probe);
        let probes = probes.filter(|attack| attack.carriers.contains(&pair.carrier));
        asks.extend(probes.map(|attack| (attack.name.to_owned(), (attack.ask)(scene))));
    }
    if given.status == 200 {
        let tokens = given.json();
        if let Some(access) = tokens["access_token"].as_str() {
            let backend = if pair.attack.right == Right::Login { "session" } else { pair.carrier };
            let held = scene::Held { backend, access: access.to_owned(), refresh: None, id: String::new() };
            asks.push(("the session it was given".to_owned(), held.sign(Ask::new(Method::GET, "/users/me"))));
        }
        if let Some(refresh) = tokens["refresh_token"].as_str() {
            asks.push(("the refresh token it was given".to_owned(), scene::refresh(pair.carrier, refresh)));
        }
    }
    if given.status == 202
        && let Some(token) = scene::mailed(world, &scene.email, None, Duration::from_millis(50)).await
    {
        asks.push(("the token that it asked for".to_owned(), scene::confirm(&token)));
    }
    let mut opened = Vec::new();
    for (name, ask) in asks {
        let reply = world.ask(ask).await;
        if reply.status < 400 {
            opened.push(format!("{name} still opens: {} {}", reply.status, reply.text));
        }
    }
    opened
}

/// How long an attack and a recovery take alone.
async fn lengths<S: TestStore>(world: &Arc<World<S>>, pair: Pair, root: &str, number: &mut usize) -> (i64, i64) {
    let mut alone = [i64::MAX; 2];
    for _ in 0..2 {
        for (of, shortest) in alone.iter_mut().enumerate() {
            *number += 1;
            let scene = Scene::new(world, pair, root, *number).await;
            let asks = if of == 0 { vec![(pair.attack.ask)(&scene)] } else { (pair.recovery.asks)(&scene) };
            let start = Instant::now();
            for ask in asks {
                world.ask(ask).await;
            }
            *shortest = start.elapsed().as_micros().try_into().unwrap_or(i64::MAX).min(*shortest);
        }
    }
    (alone[0], alone[1])
}

async fn nothing_of_before_a_recovery_lands_after_it<S: TestStore>(store: S) {
    let world = Arc::new(World::with(store, Options { hash_takes: HASH, ..Options::default() }));
    world.add("root@example.com", |root| root.is_superuser = true).await;
    let root: Arc<str> = world.login("session", "root@example.com", GOOD).await.unwrap().0.into();
    let only = std::env::var("USERMGR_TEST_PAIRS").unwrap_or_default();
    let (places, mut running) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    let (mut number, mut tried) = (0, 0);
    for (turn, (attack, recovery)) in Pair::all().enumerate() {
        if !Pair::of(attack, recovery, 0).name().contains(&only) {
            continue;
        }
        let (attack_takes, recovery_takes) =
            lengths(&world, Pair::of(attack, recovery, turn), &root, &mut number).await;
        for offset in 0..OFFSETS {
            let pair = Pair::of(attack, recovery, turn + offset as usize);
            let after = -attack_takes + (attack_takes + recovery_takes) * i64::from(offset) / i64::from(OFFSETS - 1);
            (number, tried) = (number + 1, tried + 1);
            let (world, root, place) = (world.clone(), root.clone(), places.clone().acquire_owned().await.unwrap());
            running.spawn(async move {
                let scene = Arc::new(Scene::new(&world, pair, &root, number).await);
                let outcome = run(&world, &scene, pair, after).await;
                let faults = faults(&world, &scene, pair, &outcome).await;
                drop(place);
                (pair.name(), outcome.attack.status, faults)
            });
        }
    }
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Some(done) = running.join_next().await {
        let (name, status, faults) = done.unwrap();
        if !faults.is_empty() {
            found.entry(name).or_default().push(format!("{status}: {}", faults.join("; ")));
        }
    }
    usermgr_tests::figure("pairs of an attack and a recovery", tried);
    let lines = found.iter().map(|(name, faults)| format!("{name}: {} times, {}", faults.len(), faults[0]));
    assert!(found.is_empty(), "{}", lines.collect::<Vec<_>>().join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn w1_nothing_of_before_a_recovery_lands_after_it_in_sqlite() {
    let folder = Folder::over(None);
    nothing_of_before_a_recovery_lands_after_it(SqliteStore::open(folder.file("users.db")).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn w1_nothing_of_before_a_recovery_lands_after_it_in_postgresql() {
    let Some(database) = DatabaseServer::Postgres.database() else { return };
    let pool = PgPoolOptions::new().max_connections(16).connect(database.url()).await.unwrap();
    nothing_of_before_a_recovery_lands_after_it(PgStore::with_pool(pool).await.unwrap()).await;
}

/// The table says nothing that the list of the routes does not: every route that changes something is an attack or a recovery.
#[test]
fn every_route_that_changes_something_is_in_a_pair() {
    let listed: Vec<_> = ATTACKS
        .iter()
        .map(|attack| attack.route)
        .chain(RECOVERIES.iter().flat_map(|one| one.routes.iter().copied()))
        .collect();
    for route in usermgr::http::Route::every_store().chain(usermgr::http::Route::sessions()) {
        if route.method == Method::GET {
            continue;
        }
        // A mail to the user changes nothing.
        let is_mail = ["/request-verify-token", "/forgot-password"].iter().any(|end| route.path.ends_with(end));
        let name = format!("{} {}", route.method, route.path);
        assert!(is_mail || listed.contains(&name.as_str()), "{name}");
    }
}
