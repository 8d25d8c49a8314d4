//! An application whose superusers act as users, with a factor, API keys and user names, so that there is much to refuse.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use serde_json::{Value, json};

use crate::{
    Fault, Limits,
    engine::{EngineBuilder, Factor, FactorContext, Part, Proof},
    error::HookFuture,
    mail::{Message, Messenger},
    password::{Argon2Params, Argon2id},
    prelude::*,
    session::{Amr, Method, Principal},
    store::{CredentialKind, CredentialStore, NewCredential},
    testing::{Calls, Client, Counted, FakeClock, Faults, Faulty, Probe, Reply},
};

pub(super) const PASSWORD: &str = "correct horse battery";
pub(super) const ROOT: &str = "root@example.com";
pub(super) const ADA: &str = "ada@example.com";

pub(super) const PIN: CredentialKind = CredentialKind::new("test:pin");

pub(super) type Store = Counted<Faulty<MemoryStore>>;

/// A number that is always the same.
struct Pins;

impl<S: CredentialStore> Part<S> for Pins {
    fn name(&self) -> &'static str {
        "test:pin"
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        engine.add_factor(self);
    }
}

#[async_trait]
impl<S> Factor<S> for Pins {
    fn kind(&self) -> CredentialKind {
        PIN
    }

    fn methods(&self) -> Amr {
        Method::ONE_TIME_PASSWORD.into()
    }

    async fn prove(&self, cx: &FactorContext<'_, S>, proof: &Proof) -> Result<bool, Fault>
    where
        S: UserStore,
    {
        Ok(cx.of_kind(&PIN).any(|pin| pin.data == proof.answer()))
    }
}

#[derive(Clone, Copy, Permission)]
pub(super) enum Can {
    #[permission("orders:read")]
    OrdersRead,
}

pub(super) struct Accounts {
    pub(super) engine: Engine<Store>,
    /// What the hooks received.
    pub(super) heard: Mutex<Vec<String>>,
}

#[user_manager(store = Store, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_before_login(&self, user: &User) -> Result<(), Rejection> {
        self.heard.lock().unwrap().push(format!("{} logs in", user.email));
        Ok(())
    }

    async fn on_after_login(&self, user: &User, _: &mut Login) {
        self.heard.lock().unwrap().push(format!("{} has logged in", user.email));
    }

    async fn on_after_logout(&self, user: &User, session: &SessionInfo) {
        let by = if session.actor.is_some() { "an administrator" } else { "the user" };
        self.heard.lock().unwrap().push(format!("{} is logged out by {by}", user.email));
    }

    async fn on_after_impersonate(&self, user: &User, session: &SessionInfo, cx: &Context) {
        let actor = session.actor.as_ref().map(|actor| format!("user:{}", actor.id));
        assert_eq!(actor, cx.actor.as_ref().map(ToString::to_string), "the context has the administrator too");
        self.heard.lock().unwrap().push(format!("{} is acted as", user.email));
    }
}

impl Permits for Accounts {
    type Permission = Can;

    fn permits(&self, _: &User) -> Permissions<Can> {
        Permissions::all()
    }
}

/// Notes the recipient and the name of each message.
#[derive(Clone, Default)]
pub(super) struct Post(pub(super) Arc<Mutex<Vec<(String, &'static str)>>>);

impl<S: UserStore> Messenger<S> for Post {
    fn send<'a>(&'a self, message: Message<'a, S>, _: &'a Context) -> HookFuture<'a, HookError> {
        self.0.lock().unwrap().push((message.recipient().to_string(), message.name()));
        Box::pin(async { Ok(()) })
    }
}

pub(super) struct Rig {
    pub(super) accounts: Arc<Accounts>,
    pub(super) clock: FakeClock,
    pub(super) probe: Probe,
    pub(super) calls: Calls,
    pub(super) faults: Faults,
    router: ::axum::Router,
    pub(super) root: User,
    pub(super) ada: User,
}

impl Rig {
    pub(super) async fn new() -> Self {
        Self::with(|engine| engine.with(Impersonation::new())).await
    }

    /// An application with a superuser and a user, whose engine is changed.
    pub(super) async fn with(change: impl FnOnce(EngineBuilder<Store>) -> EngineBuilder<Store>) -> Self {
        let (clock, probe, calls, faults) = (FakeClock::start(), Probe::default(), Calls::default(), Faults::default());
        let builder = Engine::builder(Counted::new(Faulty::new(MemoryStore::new(), faults.clone()), calls.clone()))
            .backend(Backend::bearer("bearer", Database::new()))
            .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
            .backend(Backend::header("signed", "x-signed", Jwt::new()))
            .backend(Backend::header("revocable", "x-revocable", Jwt::new().revocable()))
            .backend(Backend::header("refreshed", "x-refreshed", Jwt::new().with_refresh(Refresh::new())))
            .hasher(Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap()))
            .clock(clock.clone())
            .audit(probe.clone())
            .limits(Limits::dangerous_none())
            .with(Pins)
            .with(ApiKeys::new("shop"))
            .with(Usernames::new());
        let accounts = Arc::new(Accounts { engine: change(builder).build().unwrap(), heard: Mutex::default() });
        accounts.check().unwrap();
        let router = crate::axum::router(accounts.clone()).unwrap();
        let root = created(&accounts, ROOT, |new| new.superuser(true)).await;
        // Another one, so that the first one can be demoted.
        created(&accounts, "other@example.com", |new| new.superuser(true)).await;
        let ada = created(&accounts, ADA, |new| new).await;
        Self { accounts, clock, probe, calls, faults, router, root, ada }
    }

    pub(super) async fn add(&self, email: &str, set: impl FnOnce(NewUser) -> NewUser) -> User {
        created(&self.accounts, email, set).await
    }

    pub(super) fn client(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// A new session of a user.
    pub(super) async fn login(&self, email: &str) -> Client {
        let client = self.client();
        client.login("bearer", email, PASSWORD).await.expect(200);
        client
    }

    /// The superuser, and the same one acting as Ada.
    pub(super) async fn acting(&self) -> (Client, Client) {
        let root = self.login(ROOT).await;
        let acting = self.client().with_token(self.begin(&root).await.expect(200).token());
        (root, acting)
    }

    /// Begins to act as Ada.
    pub(super) async fn begin(&self, by: &Client) -> Reply {
        by.post(&self.path(), json!({})).await
    }

    pub(super) fn path(&self) -> String {
        format!("/users/{}/impersonate", self.ada.id)
    }

    /// The principal of a client, as operations take it.
    pub(super) async fn principal(&self, client: &Client) -> Principal<Store> {
        let token = client.token().unwrap();
        self.accounts.identify("bearer", &token).await.unwrap().unwrap()
    }

    /// Gives a user a second factor.
    pub(super) async fn give_pin(&self, user: &User) {
        let store = self.accounts.engine.store();
        let mut tx = store.begin().await.unwrap();
        let new = NewCredential::new(user.id, PIN, "1815", self.accounts.engine.now());
        store.insert_credential(&mut tx, &new).await.unwrap();
        store.commit(tx).await.unwrap();
    }

    pub(super) fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Takes what the hooks received.
    pub(super) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.accounts.heard.lock().unwrap())
    }
}

async fn created(accounts: &Accounts, email: &str, set: impl FnOnce(NewUser) -> NewUser) -> User {
    let new = NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile).password(PASSWORD).verified(true);
    accounts.create(set(new), &Context::system("test")).await.unwrap()
}

/// The token of a login.
pub(super) trait Tokened {
    fn token(&self) -> String;
}

impl Tokened for Reply {
    fn token(&self) -> String {
        text(&self.json["access_token"])
    }
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
