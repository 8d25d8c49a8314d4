//! An application with permissions and API keys, and handlers that accept keys or refuse them.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ::axum::{Json, routing::get};
use serde_json::{Value, json};

use crate::{
    Limits,
    engine::EngineBuilder,
    mail::{Message, Messenger},
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{Calls, Client, Counted, FakeClock, Faults, Faulty, Probe, Reply},
};

pub(super) const PASSWORD: &str = "correct horse battery";
pub(super) const ADA: &str = "ada@example.com";
pub(super) const DAY: u64 = 24 * 3600;

/// A store whose calls are counted, and fail on request.
pub(super) type Store = Counted<Faulty<MemoryStore>>;

#[derive(Clone, Copy, Permission)]
pub(super) enum Can {
    #[permission("orders:read")]
    OrdersRead,
    #[permission("orders:write")]
    OrdersWrite,
    #[permission("refund")]
    Refund,
}

pub(super) struct Accounts {
    pub(super) engine: Engine<Store>,
    probe: Probe,
    /// What the hooks received.
    pub(super) heard: Mutex<Vec<String>>,
    /// Whether the application refuses keys.
    pub(super) refuses: AtomicBool,
}

#[user_manager(store = Store, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_before_create_api_key(&self, _: &User, key: &NewApiKey) -> Result<(), Rejection> {
        self.heard.lock().unwrap().push(format!("before {:?}", key.expires_in.map(|lifetime| lifetime.as_secs())));
        if self.refuses.load(Ordering::SeqCst) { Err(Rejection::new("NO_KEYS")) } else { Ok(()) }
    }

    async fn on_before_commit(&self, change: &UserChange<'_>, _: &mut Tx<Store>) -> Result<(), Rejection> {
        let name = match change {
            UserChange::ApiKeyCreated(_) => "created",
            UserChange::ApiKeyRevoked(_) => "revoked",
            _ => return Ok(()),
        };
        self.heard.lock().unwrap().push(format!("commit {name}"));
        Ok(())
    }

    async fn on_after_create_api_key(&self, user: &User, key: &ApiKeyInfo, cx: &Context) -> Result<(), HookError> {
        self.heard.lock().unwrap().push(format!("made {:?}", key.label));
        self.engine.send(Message::ApiKeyCreated { user, key }, cx).await
    }

    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_after_revoke_api_key(&self, _: &User, key: &ApiKeyInfo) {
        self.heard.lock().unwrap().push(format!("revoked {:?}", key.label));
    }
}

/// Every user reads and writes orders, but for those whose address begins with `clerk`; superusers refund.
impl Permits for Accounts {
    type Permission = Can;

    fn permits(&self, user: &User) -> Permissions<Can> {
        let mut permitted = vec![Can::OrdersRead];
        if !user.email.as_str().starts_with("clerk") {
            permitted.push(Can::OrdersWrite);
        }
        if user.is_superuser {
            permitted.push(Can::Refund);
        }
        permitted.into_iter().collect()
    }
}

type Requires<N> = crate::axum::Requires<Accounts, N>;

/// Notes the recipient and the name of each message.
#[derive(Clone, Default)]
pub(super) struct Post(pub(super) Arc<Mutex<Vec<(String, &'static str)>>>);

impl<S: UserStore> Messenger<S> for Post {
    fn send<'a>(&'a self, message: Message<'a, S>, _: &'a Context) -> crate::error::HookFuture<'a, HookError> {
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
    pub(super) post: Post,
    pub(super) router: ::axum::Router,
}

async fn read(who: Requires<can::OrdersRead>) -> Json<Value> {
    Json(json!({ "email": who.email.as_str(), "is_superuser": who.is_superuser }))
}

async fn refund(_: Requires<(can::OrdersWrite, can::Refund)>) -> &'static str {
    "refunded"
}

impl Rig {
    pub(super) fn new() -> Self {
        Self::with(ApiKeys::new("shop"), |engine| engine.limits(Limits::dangerous_none()))
    }

    /// An application with this part, whose engine is changed.
    pub(super) fn with(part: ApiKeys, change: impl FnOnce(EngineBuilder<Store>) -> EngineBuilder<Store>) -> Self {
        let (clock, probe, calls, faults) = (FakeClock::start(), Probe::default(), Calls::default(), Faults::default());
        let (store, post) =
            (Counted::new(Faulty::new(MemoryStore::new(), faults.clone()), calls.clone()), Post::default());
        let builder = Engine::builder(store)
            .backend(Backend::bearer("bearer", Database::new()))
            .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap()))
            .clock(clock.clone())
            .audit(probe.clone())
            .messenger(post.clone())
            .with(part);
        let accounts = Arc::new(Accounts {
            engine: change(builder).build().unwrap(),
            probe: probe.clone(),
            heard: Mutex::default(),
            refuses: false.into(),
        });
        let own = ::axum::Router::new().route("/orders", get(read)).route("/refund", get(refund));
        let router = crate::axum::router(accounts.clone()).unwrap().merge(own.with_state(accounts.clone()));
        Self { accounts, clock, probe, calls, faults, post, router }
    }

    /// A client without a session.
    pub(super) fn client(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// A program with a key.
    pub(super) fn program(&self, key: &str) -> Client {
        self.client().with_token(key)
    }

    pub(super) async fn add(&self, email: &str, set: impl FnOnce(NewUser) -> NewUser) -> User {
        let new = NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile).password(PASSWORD).verified(true);
        self.accounts.create(set(new), &Context::system("test")).await.unwrap()
    }

    /// A new session of a user.
    pub(super) async fn login(&self, email: &str) -> Client {
        let client = self.client();
        client.login("bearer", email, PASSWORD).await.expect(200);
        client
    }

    /// Ada, logged in.
    pub(super) async fn ada(&self) -> (User, Client) {
        let user = self.add(ADA, |new| new).await;
        (user, self.login(ADA).await)
    }

    pub(super) fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Takes what the hooks received.
    pub(super) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.accounts.heard.lock().unwrap())
    }
}

/// Makes a key with these scopes.
pub(super) async fn made(client: &Client, scopes: &[&str]) -> Reply {
    client.post("/users/me/api-keys", json!({ "scopes": scopes })).await
}

/// Makes a key that reads orders, and returns it with its id.
pub(super) async fn reader(client: &Client) -> (String, String) {
    let reply = made(client, &["orders:read"]).await.expect(201);
    (text(&reply.json["key"]), text(&reply.json["id"]))
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A reply that refuses.
pub(super) trait Refused {
    fn expect_detail(self, status: u16, detail: &str) -> Self;
}

impl Refused for Reply {
    #[track_caller]
    fn expect_detail(self, status: u16, detail: &str) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.json["detail"], detail);
        reply
    }
}
