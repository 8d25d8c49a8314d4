//! An application with a superuser, and clients of it.

use std::{sync::Arc, time::Duration};

use crate::{
    engine::EngineBuilder,
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{Client, FakeClock},
};

pub(super) const PASSWORD: &str = "correct horse battery";

pub(super) struct Accounts {
    pub(super) engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

pub(super) struct Rig {
    pub(super) accounts: Arc<Accounts>,
    pub(super) clock: FakeClock,
    /// The client of the superuser `root@example.com`, who has just logged in.
    pub(super) root: Client,
}

impl Rig {
    pub(super) async fn new(options: impl FnOnce(EngineBuilder<MemoryStore>) -> EngineBuilder<MemoryStore>) -> Self {
        let clock = FakeClock::start();
        let engine = Engine::builder(MemoryStore::new())
            .backend(Backend::bearer("bearer", Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .clock(clock.clone());
        let accounts = Arc::new(Accounts { engine: options(engine).build().unwrap() });
        let root = Client::new(crate::axum::router(accounts.clone()).unwrap());
        let rig = Self { accounts, clock, root };
        rig.add("root@example.com", |new| new.superuser(true)).await;
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

    /// Lets the logins of all clients become too old for what needs a fresh one.
    pub(super) fn age(&self) {
        self.clock.advance(Duration::from_secs(601));
    }
}
