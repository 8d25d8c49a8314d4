//! The manager that everything is proved of: over any store, with every kind of backend, every part watched, mail captured and the
//! clock in the test's hand. Requests go through the router without a socket.

use std::{
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, header},
};
use serde_json::{Value, json};
use tower::ServiceExt;
use usermgr::{
    Admin, Limits, SecretSet,
    audit::{AuditSink, Event, TracingSink},
    engine::Answers,
    http::{PrincipalCache, Routes},
    limits::MemoryCounters,
    oauth::OAuth,
    password::{Argon2Params, Argon2id, HashError, HashPool, PasswordHasher, Verdict},
    prelude::*,
    store::{CredentialStore, Directory, OutboxStore},
    testing::{Calls, Counted, FakeClock, FakeProvider, Faults, Faulty, Mailbox, Probe},
    token::{KeySet, Purpose, SigningKey, Token},
    user::PasswordHash,
};
use uuid::Uuid;

pub(crate) const GOOD: &str = "correct horse battery";
pub(crate) const NEW: &str = "another horse battery";
pub(crate) const SECRET: &str = "only-for-tests-0123456789abcdef-x";

/// What the proofs ask of a store.
pub(crate) trait TestStore:
    usermgr::store::SessionStore<Profile = NoProfile, Id = Uuid>
    + Directory
    + OutboxStore
    + CredentialStore
    + Clone
    + 'static
{
}

impl<S> TestStore for S where
    S: usermgr::store::SessionStore<Profile = NoProfile, Id = Uuid>
        + Directory
        + OutboxStore
        + CredentialStore
        + Clone
        + 'static
{
}

pub(crate) type Watched<S> = Counted<Faulty<S>>;

pub(crate) struct Accounts<S> {
    pub(crate) engine: Engine<Watched<S>>,
    probe: Probe,
    mail: Counted<Mailbox>,
    pub(crate) secrets: Mutex<SecretSet>,
}

impl<S> Accounts<S> {
    /// The mail that every hook sends which is given a token.
    async fn deliver<P: Purpose>(&self, to: &EmailAddress, token: &Token<P>) -> Result<(), HookError> {
        self.probe.keep(to, token);
        Ok(self.mail.send(Mail::to(to).subject(P::NAME).text(token.expose())).await?)
    }
}

#[user_manager(store = Watched<S>, secret = self.secrets.lock().unwrap().clone())]
impl<S: TestStore> Accounts<S> {
    async fn on_after_register(&self, user: &User) -> Result<(), HookError> {
        Ok(self.mail.send(Mail::to(&user.email).subject("welcome")).await?)
    }

    async fn on_after_duplicate_register(&self, user: &User) -> Result<(), HookError> {
        Ok(self.mail.send(Mail::to(&user.email).subject("you have an account already")).await?)
    }

    async fn on_after_request_verify(&self, user: &User, token: &VerifyToken) -> Result<(), HookError> {
        self.deliver(&user.email, token).await
    }

    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) -> Result<(), HookError> {
        self.deliver(&user.email, token).await
    }

    async fn on_after_request_email_change(
        &self,
        user: &User,
        new: &EmailAddress,
        token: &ChangeEmailToken,
    ) -> Result<(), HookError> {
        self.probe.keep(&user.email, token);
        Ok(self.mail.send(Mail::to(new).subject("change").text(token.expose())).await?)
    }

    async fn on_after_change_username(&self, user: &User) -> Result<(), HookError> {
        let name = user.username.as_ref().map(ToString::to_string).unwrap_or_default();
        Ok(self.mail.send(Mail::to(&user.email).subject("user name").text(name)).await?)
    }
}

/// Keeps events, and writes them down as the library does by itself.
struct Both(Probe);

impl AuditSink for Both {
    fn record(&self, event: &Event) {
        TracingSink.record(event);
        self.0.record(event);
    }
}

/// How a world differs from the usual one.
pub(crate) struct Options {
    pub(crate) secret: &'static str,
    /// The secret before, still believed.
    pub(crate) previous: Option<&'static str>,
    /// The clock of the world before.
    pub(crate) clock: Option<FakeClock>,
    pub(crate) keys: &'static str,
    pub(crate) limits: Limits,
    pub(crate) require_verified: bool,
    pub(crate) cache: Option<PrincipalCache>,
    pub(crate) answers: Answers,
    pub(crate) outbox: bool,
    /// A provider with which users sign in, under the name `corp`.
    pub(crate) provider: Option<FakeProvider>,
    /// User names, if users have any.
    pub(crate) usernames: Option<Usernames>,
    /// Whether the calls of the counters are noted too.
    pub(crate) watch_counters: bool,
    /// How long a new hash takes beyond its work.
    pub(crate) hash_takes: Duration,
}

impl Default for Options {
    fn default() -> Self {
        let limits = Limits::dangerous_none();
        Self {
            secret: SECRET,
            previous: None,
            clock: None,
            keys: "es256",
            limits,
            require_verified: false,
            cache: None,
            answers: Answers::Explicit,
            outbox: false,
            provider: None,
            usernames: None,
            watch_counters: false,
            hash_takes: Duration::ZERO,
        }
    }
}

/// A manager with all that a test holds of it.
pub(crate) struct World<S: TestStore> {
    pub(crate) accounts: Arc<Accounts<S>>,
    /// The store past its watches.
    pub(crate) store: S,
    pub(crate) calls: Calls,
    pub(crate) faults: Faults,
    pub(crate) clock: FakeClock,
    pub(crate) probe: Probe,
    pub(crate) mailbox: Mailbox,
    pub(crate) outbox: bool,
    router: Router,
}

/// Hashing that costs next to nothing, with room for all that a test asks for at once.
pub(crate) fn cheap(memory: u32) -> Argon2id {
    static POOL: LazyLock<Arc<HashPool>> = LazyLock::new(|| Arc::new(HashPool::new(2, 4096)));
    Argon2id::new(Argon2Params::dangerous(memory, 1, 1).unwrap()).on(POOL.clone()).legacy_hashes(true)
}

/// A hasher whose new hashes take longer than their work.
struct Slow(Argon2id, Duration);

#[async_trait::async_trait]
impl PasswordHasher for Slow {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        if !self.1.is_zero() {
            tokio::time::sleep(self.1).await;
        }
        self.0.hash(password).await
    }

    async fn verify(&self, password: &Password, stored: Option<&PasswordHash>) -> Result<Verdict, HashError> {
        self.0.verify(password, stored).await
    }
}

/// A pair of keys that others could check with its public half.
fn keys(name: &str) -> KeySet {
    let (es256, ed25519) = (
        include_bytes!("../../usermgr/src/token/key_set/test-keys/es256.pem").as_slice(),
        include_bytes!("../../usermgr/src/token/key_set/test-keys/ed25519.pem").as_slice(),
    );
    KeySet::new(match name {
        "es256" => SigningKey::es256("key", es256),
        _ => SigningKey::eddsa("key", ed25519),
    })
}

/// The client and the URI of an application on a device.
pub(crate) const APP: &str = "com.example.shop";
pub(crate) const APP_URI: &str = "com.example.shop:/in";

/// The backends whose tokens come in the `Authorization` header.
pub(crate) const BEARERS: [&str; 5] = ["session", "jwt", "keys", "revocable", "refresh"];

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

/// A request, not sent yet.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: Vec<(header::HeaderName, String)>,
    pub(crate) body: Option<Value>,
}

impl Ask {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: None }
    }

    pub(crate) fn post(path: impl Into<String>, body: Value) -> Self {
        Self { body: Some(body), ..Self::new(Method::POST, path) }
    }

    pub(crate) fn with(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.with(header::AUTHORIZATION, format!("Bearer {token}"))
    }

    pub(crate) fn cookie(self, token: &str) -> Self {
        self.with(header::COOKIE, format!("__Host-usermgr={token}"))
    }
}

impl<S: TestStore> World<S> {
    pub(crate) fn new(store: S) -> Self {
        Self::with(store, Options::default())
    }

    pub(crate) fn with(store: S, options: Options) -> Self {
        let (calls, faults, clock) =
            (Calls::default(), Faults::default(), options.clock.unwrap_or_else(FakeClock::start));
        let (probe, mailbox) = (Probe::default(), Mailbox::default());
        let engine = Engine::builder(Counted::new(Faulty::new(store.clone(), faults.clone()), calls.clone()))
            .backend(Backend::bearer("session", Database::new()))
            .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
            // Of one audience they would read each other's tokens.
            .backend(Backend::bearer("jwt", Jwt::new()))
            .backend(Backend::bearer("keys", Jwt::new().audience("keys").keys(keys(options.keys))))
            .backend(Backend::bearer("revocable", Jwt::new().audience("revocable").revocable()))
            .backend(Backend::bearer("refresh", Jwt::new().audience("refresh").with_refresh(Refresh::new())))
            .hasher(Counted::new(Slow(cheap(16), options.hash_takes), calls.clone()))
            .clock(clock.clone())
            .audit(Both(probe.clone()))
            .limits(options.limits)
            .require_verified(options.require_verified)
            .answers(options.answers);
        let engine = match options.watch_counters {
            true => engine.counters(Counted::new(MemoryCounters::default(), calls.clone())),
            false => engine,
        };
        let engine = match &options.provider {
            Some(corp) => engine.with(
                OAuth::at("https://shop.example")
                    .provider(corp.provider("corp").link_by_email().trust_email().native([APP]))
                    .app(APP_URI)
                    .client(corp.clone()),
            ),
            None => engine,
        };
        let engine = match options.usernames {
            Some(names) => engine.with(names),
            None => engine,
        };
        let engine = match options.cache {
            Some(cache) => engine.cache(cache),
            None => engine,
        };
        let engine = if options.outbox { engine.outbox() } else { engine }.build().unwrap();
        let accounts = Arc::new(Accounts {
            engine,
            probe: probe.clone(),
            mail: Counted::new(mailbox.clone(), calls.clone()),
            secrets: Mutex::new(SecretSet::new(
                Secret::new(options.secret),
                options.previous.into_iter().map(Secret::new),
            )),
        });
        accounts.check().unwrap();
        let routes = Routes::<Accounts<S>>::of_engine(&accounts.engine);
        let router = usermgr::axum::mount::<_, Arc<Accounts<S>>>(routes)
            .fallback(usermgr::axum::not_found)
            .with_state(accounts.clone());
        Self { accounts, store, calls, faults, clock, probe, mailbox, outbox: options.outbox, router }
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Reply {
        let mut request = Request::new(Body::from(ask.body.as_ref().map(Value::to_string).unwrap_or_default()));
        *request.method_mut() = ask.method;
        *request.uri_mut() = ask.path.parse().unwrap();
        if ask.body.is_some() {
            request.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        }
        for (name, value) in ask.headers {
            request.headers_mut().append(name, value.parse().unwrap());
        }
        self.send(request).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(body.into()).expect("every answer is UTF-8"),
        }
    }

    /// Makes an account past the limits, with [`GOOD`] for its password.
    pub(crate) async fn add(&self, email: &str, change: impl FnOnce(&mut NewUser<NoProfile>)) -> User {
        let mut new = NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile).password(GOOD);
        change(&mut new);
        self.accounts.create(new, &system()).await.unwrap()
    }

    /// Logs in through a backend and gives the token that opens, and the one that renews.
    pub(crate) async fn login(&self, backend: &str, email: &str, password: &str) -> Option<(String, Option<String>)> {
        let credentials = Credentials::new(email, password);
        let login = self.accounts.login(credentials, backend, &Context::default()).await.ok()?;
        Some((login.token.expose().to_owned(), login.refresh.map(|token| token.expose().to_owned())))
    }

    pub(crate) async fn user(&self, email: &str) -> Option<User> {
        self.accounts.get_by_email(&EmailAddress::parse(email).unwrap()).await.unwrap()
    }

    /// A token of a purpose that hooks were given for this address.
    pub(crate) fn token<P: Purpose>(&self, email: &str) -> String {
        self.probe.token::<P>(email).expect("a token was sent").expose().to_owned()
    }

    /// Lets the hooks be given all tokens that go by mail.
    pub(crate) async fn request_all(&self, user: &User, new_email: &str) {
        let cx = system();
        self.accounts.request_verify(user, &cx).await.unwrap();
        self.accounts.forgot_password(user, &cx).await.unwrap();
        let new = EmailAddress::parse(new_email).unwrap();
        self.accounts.request_email_change(user, &new, &cx).await.unwrap();
    }

    pub(crate) async fn settle(&self) {
        self.accounts.engine.settle().await;
    }
}

pub(crate) fn system() -> Context {
    Context::system("test")
}

pub(crate) fn admin() -> Admin {
    Admin::system("test")
}

pub(crate) fn login_body(email: &str, password: &str) -> Value {
    json!({ "username": email, "password": password })
}
