//! An administrator who acts as a user, over each store and each strategy: what the session says, and what ends it.

use std::{sync::Arc, time::Duration};

use usermgr::{
    Fault, LoggedIn, MysqlStore, PgStore,
    audit::EventKind,
    error::RightLost,
    password::{Argon2Params, Argon2id},
    prelude::*,
    session::{Principal, Strategy},
    store::{RedisServer, RedisSessions, SessionStore, WithSessions},
    testing::{FakeClock, Probe, claims_of},
};
use usermgr_tests::{DatabaseServer, redis_corner};

const GOOD: &str = "correct horse battery";

/// What the tests ask of a store.
trait TestStore: SessionStore<Profile = NoProfile> + 'static {}

impl<S: SessionStore<Profile = NoProfile> + 'static> TestStore for S {}

struct Accounts<S> {
    engine: Engine<S>,
}

#[user_manager(store = S, secret = "only-for-tests-0123456789abcdef-x")]
impl<S: TestStore> Accounts<S> {}

struct World<S: TestStore> {
    accounts: Arc<Accounts<S>>,
    clock: FakeClock,
    probe: Probe,
    root: User<NoProfile, S::Id>,
    ada: User<NoProfile, S::Id>,
}

fn cx() -> Context {
    Context::default()
}

/// How sessions are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Rows,
    Signed,
    Revocable,
    Refreshed,
}

const KINDS: [Kind; 4] = [Kind::Rows, Kind::Signed, Kind::Revocable, Kind::Refreshed];

impl<S: TestStore> World<S> {
    /// A world with a number of its own, since all of them share a store.
    async fn open(store: S, kind: Kind, number: usize) -> Self {
        match kind {
            Kind::Rows => Self::over(store, Database::new(), number).await,
            Kind::Signed => Self::over(store, Jwt::new(), number).await,
            Kind::Revocable => Self::over(store, Jwt::new().revocable(), number).await,
            Kind::Refreshed => Self::over(store, Jwt::new().with_refresh(Refresh::new()), number).await,
        }
    }

    async fn over(store: S, strategy: impl Strategy<S>, number: usize) -> Self {
        let (clock, probe) = (FakeClock::start(), Probe::default());
        let engine = Engine::builder(store)
            .backend(Backend::bearer("app", strategy))
            .hasher(Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap()))
            .clock(clock.clone())
            .audit(probe.clone())
            .with(Impersonation::new())
            .build()
            .unwrap();
        let accounts = Arc::new(Accounts { engine });
        accounts.check().unwrap();
        let new = |name: &str| {
            let email = EmailAddress::parse(&format!("{name}{number}@example.com")).unwrap();
            NewUser::new(email, NoProfile).password(GOOD).verified(true)
        };
        let system = Context::system("test");
        let root = accounts.create(new("root").superuser(true), &system).await.unwrap();
        // The store keeps one active superuser at least.
        accounts.create(new("other").superuser(true), &system).await.unwrap();
        let ada = accounts.create(new("ada"), &system).await.unwrap();
        Self { accounts, clock, probe, root, ada }
    }

    async fn login(&self, user: &User<NoProfile, S::Id>) -> LoggedIn<S> {
        self.accounts.login(Credentials::new(user.email.as_str(), GOOD), "app", &cx()).await.unwrap()
    }

    async fn principal(&self, login: &LoggedIn<S>) -> Option<Principal<S>> {
        self.accounts.identify("app", login.token.expose()).await.unwrap()
    }

    /// The superuser's principal, and a session in which they act as Ada.
    async fn acting(&self) -> (Principal<S>, LoggedIn<S>) {
        let root = self.principal(&self.login(&self.root).await).await.unwrap();
        let admin = Admin::from_principal(&root).unwrap();
        let acting = self.accounts.impersonate(&admin, &self.ada.id, &cx()).await.unwrap();
        (root, acting)
    }
}

async fn im2_the_session_names_the_administrator<S: TestStore>(store: impl Fn() -> S) {
    for (number, kind) in KINDS.into_iter().enumerate() {
        let world = World::open(store(), kind, number).await;
        let accounts = &world.accounts;
        let own = world.login(&world.ada).await;
        let (_, acting) = world.acting().await;
        assert!(acting.refresh.is_none(), "{kind:?}");
        let session = world.principal(&acting).await.unwrap().session;
        assert_eq!(session.actor.as_ref().map(|actor| actor.id.clone()), Some(world.root.id.to_string()), "{kind:?}");
        assert!(!accounts.engine.is_fresh(&session) && session.amr.iter().count() == 0, "{kind:?}");
        let left = session.expires_at.duration_since(accounts.engine.now()).as_secs();
        assert!((3599..=3600).contains(&left), "{kind:?}: {left}");
        assert_eq!(world.principal(&own).await.unwrap().session.actor, None, "{kind:?}");
        let claimed = claims_of(acting.token.expose()).map(|claims| claims["act"]["sub"].clone());
        let expected = (kind != Kind::Rows).then(|| serde_json::json!(world.root.id.to_string()));
        assert_eq!(claimed, expected, "{kind:?}");
        let listed = accounts.sessions(&world.ada, &cx()).await.unwrap();
        let actors: Vec<_> = listed.iter().map(|session| session.actor.is_some()).collect();
        let has_rows = matches!(kind, Kind::Rows | Kind::Refreshed);
        assert_eq!(actors.iter().filter(|acted| **acted).count(), usize::from(has_rows), "{kind:?}");
        assert_eq!(world.probe.count(EventKind::Impersonated), 1, "{kind:?}");
    }
}

async fn im4_every_loss_of_the_right_ends_it<S: TestStore>(store: impl Fn() -> S) {
    let mut number = 100;
    for kind in KINDS {
        for loss in 0..8 {
            number += 1;
            let world = World::open(store(), kind, number).await;
            let (accounts, system) = (&world.accounts, Admin::system("test"));
            let (root, acting) = world.acting().await;
            assert!(world.principal(&acting).await.is_some(), "{kind:?} {loss}");
            match loss {
                0 => accounts.logout(&root, &cx()).await.unwrap(),
                1 => drop(accounts.set_active(&system, &world.root.id, false, &cx()).await.unwrap()),
                2 => drop(accounts.set_superuser(&system, &world.root.id, false, &cx()).await.unwrap()),
                3 => accounts.delete_user(&system, &world.root.id, &cx()).await.unwrap(),
                4 => drop(accounts.set_superuser(&system, &world.ada.id, true, &cx()).await.unwrap()),
                5 => accounts.revoke_all(&world.ada, &cx()).await.unwrap(),
                6 => accounts.revoke_all(&world.root, &cx()).await.unwrap(),
                _ => world.clock.advance(Duration::from_secs(3600)),
            }
            // The logout of a plain signed token ends nothing.
            let stays = loss == 0 && kind == Kind::Signed;
            assert_eq!(world.principal(&acting).await.is_some(), stays, "{kind:?} {loss}");
        }
    }
}

/// Of a change that an administrator requests in the session and the end of their right, either comes first: nothing is
/// written after the end.
async fn im6_the_end_of_the_right_and_a_change_do_not_cross<S: TestStore>(store: impl Fn() -> S) {
    for round in 0..8 {
        let world = Arc::new(World::open(store(), Kind::Rows, 1000 + round).await);
        let own = world.login(&world.ada).await;
        let (_, acting) = world.acting().await;
        let principal = world.principal(&acting).await.unwrap();
        let actor = usermgr::context::Actor::User { id: world.ada.id.to_string(), session: principal.session.clone() };
        let id = own.login.session.id.clone();
        let change = {
            let (world, cx) = (world.clone(), cx().actor(actor.clone()));
            tokio::spawn(async move { world.accounts.revoke_session(&world.ada, &id, &cx).await })
        };
        let end = {
            let world = world.clone();
            tokio::spawn(async move {
                world.accounts.set_superuser(&Admin::system("test"), &world.root.id, false, &cx()).await
            })
        };
        let (change, end) = (change.await.unwrap(), end.await.unwrap());
        assert!(!end.unwrap().is_superuser);
        match change {
            Ok(()) => assert!(world.principal(&own).await.is_none(), "it was written before"),
            Err(error) => {
                let lost = Fault::RightLost(RightLost::Session).to_string();
                assert_eq!(error.to_string(), lost, "round {round}");
                assert!(world.principal(&own).await.is_some(), "nothing was written");
            }
        }
        assert!(world.principal(&acting).await.is_none());
        let late = world.accounts.revoke_session(&world.ada, &principal.session.id, &cx().actor(actor)).await;
        assert!(late.is_err(), "the end is final");
    }
}

/// Many who begin at once while the user becomes a superuser: no session works afterwards.
async fn im6_no_session_outlives_the_promotion_of_its_user<S: TestStore>(store: impl Fn() -> S) {
    let world = Arc::new(World::open(store(), Kind::Rows, 2000).await);
    let root = world.principal(&world.login(&world.root).await).await.unwrap();
    let admin = Admin::from_principal(&root).unwrap();
    let tasks: Vec<_> = (0..12)
        .map(|_| {
            let (world, admin) = (world.clone(), admin.clone());
            tokio::spawn(async move { world.accounts.impersonate(&admin, &world.ada.id, &cx()).await.ok() })
        })
        .collect();
    world.accounts.set_superuser(&Admin::system("test"), &world.ada.id, true, &cx()).await.unwrap();
    for task in tasks {
        if let Some(acting) = task.await.unwrap() {
            assert!(world.principal(&acting).await.is_none());
        }
    }
}

async fn all<S: TestStore>(store: impl Fn() -> S) {
    im2_the_session_names_the_administrator(&store).await;
    im4_every_loss_of_the_right_ends_it(&store).await;
    im6_the_end_of_the_right_and_a_change_do_not_cross(&store).await;
    im6_no_session_outlives_the_promotion_of_its_user(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn im2_im4_im6_in_memory() {
    let store = MemoryStore::<NoProfile>::new();
    all(|| store.clone()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn im2_im4_im6_over_sqlite() {
    let store = SqliteStore::<NoProfile>::in_memory().await.unwrap();
    all(|| store.clone()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn im2_im4_im6_over_postgres() {
    let Some(database) = DatabaseServer::Postgres.database() else { return };
    let store = PgStore::<NoProfile>::connect(database.url()).await.unwrap();
    all(|| store.clone()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn im2_im4_im6_over_mariadb() {
    let Some(database) = DatabaseServer::MariaDb.database() else { return };
    let store = MysqlStore::<NoProfile>::connect(database.url()).await.unwrap();
    all(|| store.clone()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn im2_im4_im6_with_sessions_in_redis() {
    let Some(url) = usermgr_tests::redis("an administrator who acts as a user") else { return };
    let sessions = RedisSessions::open(RedisServer::new(url).prefix(redis_corner())).await.unwrap();
    let store = WithSessions::new(MemoryStore::<NoProfile>::new(), sessions);
    all(|| store.clone()).await;
}
