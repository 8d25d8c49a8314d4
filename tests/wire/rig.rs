//! The rig: an application in this process, on a real socket, written with the public API. It has what the reference server's face
//! does not show: routes of its own behind every extractor, several backends, hooks that are recorded, a clock that can be moved.

#[path = "rig/accounts.rs"]
mod accounts;
#[path = "rig/actix.rs"]
mod actix;
#[path = "rig/axum.rs"]
mod axum;

use std::{
    future::{Future, pending},
    pin::Pin,
    sync::{Arc, mpsc},
    thread,
};

use serde_json::{Value, json};
use tokio::sync::Mutex;
use usermgr::{
    UserManager,
    http::{Endpoint, Routes},
    prelude::*,
    store::{CredentialStore, Directory, RedisSessions, SessionStore, WithSessions},
    testing::{FakeClock, FakeProvider, Probe},
};
use usermgr_tests::{DatabaseServer, Framework, PASSWORD, Target, redis, serve_actix, serve_axum};
use uuid::Uuid;

pub(crate) use accounts::{Journal, OUTDATED, es256, rs256};

use crate::world::Host;
use accounts::Accounts;

/// What rows need of a store.
pub(crate) trait RigStore:
    UserStore<Profile = NoProfile, Id = Uuid> + SessionStore + Directory + CredentialStore
{
}
impl<S: UserStore<Profile = NoProfile, Id = Uuid> + SessionStore + Directory + CredentialStore> RigStore for S {}

/// How a rig differs from the others.
#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) require_verified: bool,
    pub(crate) clock: Option<FakeClock>,
    pub(crate) cache: bool,
}

/// A rig that runs until the test process ends.
pub(crate) struct Rig {
    pub(crate) host: Host,
    pub(crate) journal: Journal,
    pub(crate) events: Probe,
    /// With which users sign in: as `corp`; as `fixed`, with redirect URIs of its own; as `linking`, which links by address; and as
    /// `verifying`, which is believed about every new address.
    pub(crate) provider: FakeProvider,
    settle: Box<dyn Fn() -> Settled + Send + Sync>,
    /// Held from a request for a mail until it is sent: while a rig settles it takes no other.
    asking: Mutex<()>,
}

type Settled = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Rig {
    /// Asks for a mail, which is answered in the same way for everybody, and waits until it is sent if there is one.
    pub(crate) async fn ask_for_mail(&self, path: &str, email: &str) {
        let _alone = self.asking.lock().await;
        self.host.client().post(path, json!({ "email": email })).await.expect_json(202, Value::Null);
        self.settle().await;
    }

    /// Waits until all that requests have left in the background is done.
    pub(crate) async fn settle(&self) {
        (self.settle)().await;
    }

    /// How many passwords were proved or would have been.
    pub(crate) fn proofs(&self) -> usize {
        self.journal.hasher.count("verify")
    }
}

/// A rig over an empty database.
///
/// # Panics
/// When the server of the database is not there; the world would not be either.
pub(crate) fn start(target: Target, options: Options) -> &'static Rig {
    let framework = target.framework;
    let options = Options { cache: target.cache, ..options };
    let database = target.database.map(|server| server.database().expect("the server of the database is there"));
    let url: &'static str = database.as_ref().map(|database| database.url().to_owned()).unwrap_or_default().leak();
    let sqlite = async || SqliteStore::in_memory().await.unwrap();
    let postgres = async || PgStore::connect(url).await.unwrap();
    let mariadb = async || MysqlStore::connect(url).await.unwrap();
    let rig = match (target.database, target.redis) {
        (None, false) => serve(sqlite, framework, options),
        (None, true) => serve(async move || beside_redis(sqlite().await).await, framework, options),
        (Some(DatabaseServer::Postgres), false) => serve(postgres, framework, options),
        (Some(DatabaseServer::Postgres), true) => {
            serve(async move || beside_redis(postgres().await).await, framework, options)
        }
        (Some(DatabaseServer::MariaDb), _) => serve(mariadb, framework, options),
    };
    // It is in use until the process ends.
    std::mem::forget(database);
    rig
}

/// The accounts of one store and sessions in Redis.
async fn beside_redis<S: UserStore>(accounts: S) -> WithSessions<S, RedisSessions> {
    let url = redis("the rig over Redis").expect("the Redis server is there");
    WithSessions::new(accounts, RedisSessions::open(&url).await.unwrap())
}

/// Serves from a thread of its own, since the runtime of the row that asked first ends with it.
fn serve<S: RigStore, F>(open: F, framework: Framework, options: Options) -> &'static Rig
where
    F: AsyncFnOnce() -> S + Send + 'static,
{
    let (send, started) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (journal, events) = (Journal::default(), Probe::default());
            let provider = FakeProvider::new("https://id.corp.example");
            let accounts =
                Accounts::new(open().await, journal.clone(), events.clone(), provider.clone(), options).await;
            let accounts = Arc::new(accounts);
            let root = superuser(&accounts).await;
            let address = match framework {
                Framework::Axum => serve_axum(axum::router(accounts.clone())),
                Framework::Actix => serve_actix(actix::configure(accounts.clone())),
            };
            let settle = Box::new(move || {
                let accounts = accounts.clone();
                Box::pin(async move { accounts.settle().await }) as Settled
            });
            let host = Host::new(address, root);
            send.send(Rig { host, journal, events, provider, settle, asking: Mutex::default() }).unwrap();
            pending::<()>().await;
        });
    });
    Box::leak(Box::new(started.recv().expect("the rig starts")))
}

/// All routes but one, to which the application has an answer of its own.
fn routes<M: UserManager<Store: SessionStore + Directory>>() -> Routes<M> {
    Routes::all().and(Routes::of_parts()).without(&[Endpoint::DeleteMe])
}

/// The access token of a new verified superuser.
async fn superuser<S: RigStore>(accounts: &Accounts<S>) -> String {
    let email = "root@example.com";
    let new =
        NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile).password(PASSWORD).superuser(true).verified(true);
    let cx = Context::system("rig");
    accounts.create(new, &cx).await.unwrap();
    accounts.login(Credentials::new(email, PASSWORD), "jwt", &cx).await.unwrap().token.expose().to_owned()
}
