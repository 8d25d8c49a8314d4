//! An application with a superuser, and clients of it.

use std::{sync::Arc, time::Duration};

use crate::{
    audit::EventKind,
    engine::EngineBuilder,
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{Client, FakeClock, Probe},
    token::Purpose,
};

pub(super) const PASSWORD: &str = "correct horse battery";

pub(super) struct Accounts {
    pub(super) engine: Engine<MemoryStore>,
    probe: Probe,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_after_request_verify(&self, user: &User, token: &VerifyToken) {
        self.probe.keep(&user.email, token);
    }
}

pub(super) struct Rig {
    pub(super) accounts: Arc<Accounts>,
    clock: FakeClock,
    root_id: String,
    /// The client of the superuser `root@example.com`, who has just logged in.
    pub(super) root: Client,
}

impl Rig {
    pub(super) async fn new(options: impl FnOnce(EngineBuilder<MemoryStore>) -> EngineBuilder<MemoryStore>) -> Self {
        let (clock, probe) = (FakeClock::start(), Probe::default());
        let engine = Engine::builder(MemoryStore::new())
            .backend(Backend::bearer("bearer", Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .audit(probe.clone())
            .clock(clock.clone());
        let accounts = Arc::new(Accounts { engine: options(engine).build().unwrap(), probe });
        let root = Client::new(crate::axum::router(accounts.clone()).unwrap());
        let mut rig = Self { accounts, clock, root_id: String::new(), root };
        rig.root_id = rig.add("root@example.com", |new| new.superuser(true)).await.id.to_string();
        rig.root.login("bearer", "root@example.com", PASSWORD).await.expect(200);
        rig
    }

    /// Adds a user, whose id is behind those of all users before.
    pub(super) async fn add(&self, email: &str, change: impl FnOnce(NewUser) -> NewUser) -> User {
        let new = NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile).password(PASSWORD);
        self.clock.advance(Duration::from_millis(1));
        self.accounts.create(change(new), &Context::default()).await.unwrap()
    }

    /// A client of a user who has just logged in.
    pub(super) async fn client(&self, email: &str) -> Client {
        let client = self.stranger();
        client.login("bearer", email, PASSWORD).await.expect(200);
        client
    }

    pub(super) fn stranger(&self) -> Client {
        Client::new(crate::axum::router(self.accounts.clone()).unwrap())
    }

    /// The token that a hook was called with for this address.
    pub(super) fn token<P: Purpose>(&self, email: &str) -> Option<String> {
        self.accounts.probe.token::<P>(email).map(|token| token.expose().to_owned())
    }

    /// How many events of a kind there are, all of them about this user and by the superuser.
    pub(super) fn events(&self, kind: EventKind, user: &User) -> usize {
        let events = self.accounts.probe.events().into_iter().filter(|event| event.kind == kind);
        let (about, by) = (user.id.to_string(), format!("user:{}", self.root_id));
        events
            .inspect(|event| assert_eq!([&event.user, &event.actor], [&Some(about.clone()), &Some(by.clone())]))
            .count()
    }

    /// Lets the logins of all clients become too old for what needs a fresh one.
    pub(super) fn age(&self) {
        self.clock.advance(Duration::from_secs(601));
    }
}
