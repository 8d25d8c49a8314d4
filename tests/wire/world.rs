//! The world of a row: the servers of its target, which all rows share, and the people it needs.

use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use serde_json::{Value, json};
use tokio::sync::OnceCell;
use usermgr_tests::{Client, Folder, PASSWORD, Reply, Server, Target};

use crate::{
    beside::{self, Traffic},
    rig::{self, Rig},
};

/// What a row may talk to.
pub(crate) struct World {
    pub(crate) target: Target,
    /// Whether addresses must be verified.
    pub(crate) verified: bool,
    pub(crate) server: &'static Server,
    host: Host,
}

/// A server, with the token of its superuser.
#[derive(Clone)]
pub(crate) struct Host {
    address: String,
    root: String,
}

/// The kinds of users that the list knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Unverified,
    Verified,
    Superuser,
    VerifiedSuperuser,
    Inactive,
}

/// A user that a row owns.
pub(crate) struct Someone {
    pub(crate) email: String,
    pub(crate) id: String,
    /// Logged in as this user, even if a user of this kind could not log in any more.
    pub(crate) client: Client,
}

impl Someone {
    /// `/users/{id}`.
    pub(crate) fn path(&self) -> String {
        format!("/users/{}", self.id)
    }
}

/// Every part that the server has, since none of them may change anything for users who do not use it.
const PARTS: [&str; 5] = ["--totp", "Shop", "--passkeys", "localhost", "--mail-login"];

type Running<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Runs a row on a target, unless this machine has no server for it.
pub(crate) fn run(target: Target, verified: bool, row: for<'a> fn(&'a World) -> Running<'a>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        if let Some(world) = World::of(target, verified).await {
            row(&world).await;
        }
    });
}

/// One of the things that rows share, for each target and each answer to whether addresses must be verified.
type Shared<T> = Mutex<Option<HashMap<(Target, bool), &'static OnceCell<T>>>>;

fn shared<T>(all: &Shared<T>, key: (Target, bool)) -> &'static OnceCell<T> {
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    all.get_or_insert_default().entry(key).or_insert_with(|| Box::leak(Box::new(OnceCell::new())))
}

impl World {
    /// `None` if this machine lacks what the target needs.
    async fn of(target: Target, verified: bool) -> Option<Self> {
        static SERVERS: Shared<Option<(&'static Server, Host, Option<Traffic>)>> = Mutex::new(None);
        let started = shared(&SERVERS, (target, verified)).get_or_init(async || {
            let verified: &[&str] = if verified { &["--require-verified"] } else { &[] };
            let server = Server::shared(Folder::on(target)?, &[&PARTS, verified].concat());
            let traffic = target.beside.then(|| beside::begin(server));
            Some((server, Host::with_superuser(server).await, traffic))
        });
        let (server, host, traffic) = started.await.clone()?;
        if let Some(traffic) = traffic {
            traffic.flow();
        }
        beside::is_well();
        Some(Self { target, verified, server, host })
    }

    /// The reference server.
    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// A server that no other row uses.
    pub(crate) fn own_server(&self) -> Server {
        let folder = Folder::on(self.target).expect("what the target needs is there, since the world is");
        Server::start_in(Arc::new(folder), &[])
    }

    /// The application in this process.
    pub(crate) async fn rig(&self) -> &'static Rig {
        static RIGS: Shared<&'static Rig> = Mutex::new(None);
        let options = rig::Options { require_verified: self.verified, ..rig::Options::default() };
        shared(&RIGS, (self.target, self.verified)).get_or_init(async || rig::start(self.target, options)).await
    }

    /// A client of the reference server, not logged in.
    pub(crate) fn client(&self) -> Client {
        self.host.client()
    }

    /// A user of the reference server.
    pub(crate) async fn someone(&self, kind: Kind) -> Someone {
        self.host.someone(kind).await
    }

    /// 403 where the address must be verified, else what the row says.
    pub(crate) fn forbidden_if_verified_is_demanded(&self, reply: Reply) -> Option<Reply> {
        if self.verified {
            reply.expect_detail(403, "Forbidden");
            return None;
        }
        Some(reply)
    }
}

/// A unique address.
pub(crate) fn address(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{name}{}@example.com", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Host {
    pub(crate) fn new(address: String, root: String) -> Self {
        Self { address, root }
    }

    /// A server on which a superuser registers, and is promoted by its own command.
    pub(crate) async fn with_superuser(server: &Server) -> Self {
        let (client, email) = (server.client(), "root@example.com");
        client.register(email, PASSWORD).await.expect(201);
        server.promote(email);
        let root = client.login(email, PASSWORD).await.expect(200).token();
        Self::new(server.address().to_owned(), root)
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.address)
    }

    /// A verified superuser who is always there.
    pub(crate) fn root(&self) -> Client {
        self.client().with_token(&self.root)
    }

    /// A new user of a kind, logged in through the bearer backend.
    pub(crate) async fn someone(&self, kind: Kind) -> Someone {
        self.someone_at(kind, "jwt").await
    }

    /// A new user of a kind, logged in through a backend. They log in while they are verified and active.
    pub(crate) async fn someone_at(&self, kind: Kind, backend: &str) -> Someone {
        let (client, email) = (self.client(), address("someone"));
        let id = client.register(&email, PASSWORD).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        let path = format!("/users/{id}");
        self.root().patch(&path, json!({ "is_verified": true })).await.expect(200);
        let client = log_in(&client, backend, &email).await;
        let flags: Value = match kind {
            Kind::Unverified => json!({ "is_verified": false }),
            Kind::Verified => json!({}),
            Kind::Superuser => json!({ "is_verified": false, "is_superuser": true }),
            Kind::VerifiedSuperuser => json!({ "is_superuser": true }),
            Kind::Inactive => json!({ "is_active": false }),
        };
        self.root().patch(&path, flags).await.expect(200);
        Someone { email, id, client }
    }
}

/// The same client, logged in through a backend of either transport.
pub(crate) async fn log_in(client: &Client, backend: &str, email: &str) -> Client {
    let reply = client.form(&format!("/auth/{backend}/login"), &[("username", email), ("password", PASSWORD)]).await;
    match reply.status {
        200 => client.with_token(reply.token()),
        _ => client.with_cookie(reply.expect(204).cookie()),
    }
}
