//! The rig: an application in this process, on a real socket, written with the public API. It has what the reference server's face
//! does not show: routes of its own behind every extractor, several backends, hooks that are recorded, a clock that can be moved.

#[path = "rig/accounts.rs"]
mod accounts;
#[path = "rig/app.rs"]
mod app;

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, atomic::Ordering, mpsc},
    thread,
};

use tokio::net::TcpListener;
use usermgr::{
    Credentials, Directory, EmailAddress, NoProfile, Operations, SessionStore, SqliteStore, UserStore,
    prelude::*,
    testing::{FakeClock, Probe},
};
use usermgr_tests::PASSWORD;
use uuid::Uuid;

pub(crate) use accounts::{Journal, OUTDATED};

use crate::{
    target::{Database as Kind, Target},
    world::Host,
};
use accounts::Accounts;

/// What rows need of a store.
pub(crate) trait RigStore: UserStore<Profile = NoProfile, Id = Uuid> + SessionStore + Directory {}
impl<S: UserStore<Profile = NoProfile, Id = Uuid> + SessionStore + Directory> RigStore for S {}

/// How a rig differs from the others.
#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) require_verified: bool,
    pub(crate) clock: Option<FakeClock>,
}

/// A rig that runs until the test process ends.
pub(crate) struct Rig {
    pub(crate) host: Host,
    pub(crate) journal: Journal,
    pub(crate) events: Probe,
    settle: Box<dyn Fn() -> Settled + Send + Sync>,
}

type Settled = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Rig {
    /// Waits until all that requests have left in the background is done.
    pub(crate) async fn settle(&self) {
        (self.settle)().await;
    }

    /// How many passwords were proved or would have been.
    pub(crate) fn proofs(&self) -> usize {
        self.journal.proofs.load(Ordering::SeqCst)
    }
}

/// A rig over an empty database.
pub(crate) fn start(target: Target, options: Options) -> &'static Rig {
    match target.database {
        Kind::Sqlite => serve(async || SqliteStore::in_memory().await.unwrap(), options),
    }
}

fn serve<S: RigStore, F>(open: F, options: Options) -> &'static Rig
where
    F: AsyncFnOnce() -> S + Send + 'static,
{
    let (send, started) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (journal, events) = (Journal::default(), Probe::default());
            let accounts = Accounts::new(open().await, journal.clone(), events.clone(), options).await;
            let accounts = Arc::new(accounts);
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = format!("http://{}", listener.local_addr().unwrap());
            let root = superuser(&accounts).await;
            let app = app::router(accounts.clone());
            let settle = Box::new(move || {
                let accounts = accounts.clone();
                Box::pin(async move { accounts.settle().await }) as Settled
            });
            send.send(Rig { host: Host::new(address, root), journal, events, settle }).unwrap();
            axum::serve(listener, app).await.unwrap();
        });
    });
    Box::leak(Box::new(started.recv().expect("the rig starts")))
}

/// The access token of a new verified superuser.
async fn superuser<S: RigStore>(accounts: &Accounts<S>) -> String {
    let email = "root@example.com";
    let new = NewUser {
        password: Some(PASSWORD.into()),
        is_superuser: true,
        is_verified: true,
        ..NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile)
    };
    let cx = Context::system("rig");
    accounts.create(new, &cx).await.unwrap();
    accounts.login(Credentials::new(email, PASSWORD), "jwt", &cx).await.unwrap().token.expose().to_owned()
}
