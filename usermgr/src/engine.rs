//! The engine: everything operational behind a manager. A store and options go in; operations ask it for the clock, the hasher, the
//! backends and the audit sink.

use std::{collections::HashSet, fmt, sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::{
    answers::Answers,
    background::Background,
    cache::EngineCache,
    clock::{Clock, SystemClock},
    configuration::Configuration,
    error::{ConfigError, Fault},
    event::{AuditSink, TracingSink},
    limit::{CounterStore, Limiter, Limits},
    password::{Argon2id, PasswordHasher},
    session::{Backend, CookieOptions, Database, StrategyContext, Transport},
    settings::{Configured, Settings},
    store::{SessionStore, StoreError, UserStore},
};

/// The store that a manager has when its attribute names none: SQLite, when that feature is on.
#[cfg(feature = "sqlite")]
pub type DefaultStore = crate::SqliteStore;
/// The store that a manager has when its attribute names none: none, without the feature `sqlite`.
#[cfg(not(feature = "sqlite"))]
pub type DefaultStore = NoDefaultStore;

/// Stands where a store is missing, so that the compiler can say what to write.
#[cfg(not(feature = "sqlite"))]
#[derive(Debug)]
pub enum NoDefaultStore {}

/// What works behind a manager. It is the manager's one field; make it with [`Engine::new`] or [`Engine::builder`].
///
/// ```
/// use usermgr::{Engine, MemoryStore};
/// let engine = Engine::new(MemoryStore::new());
/// assert_eq!(engine.backends()[0].name(), "bearer");
/// ```
pub struct Engine<S = DefaultStore> {
    store: S,
    backends: Vec<Backend<S>>,
    clock: Arc<dyn Clock>,
    hasher: Arc<dyn PasswordHasher>,
    audit: Arc<dyn AuditSink>,
    background: Background,
    limiter: Limiter,
    allowed_origins: Vec<String>,
    cache: EngineCache,
    #[cfg(feature = "outbox")]
    outbox: Option<crate::outbox::Outbox<S>>,
    options: Options,
    configuration: Configuration,
}

/// What is a plain value.
#[derive(Clone, Copy, Debug)]
struct Options {
    hook_timeout: Duration,
    fresh: Duration,
    require_verified: bool,
    unverified_logins: bool,
    answers: Answers,
    superusers_set_passwords: Option<bool>,
    trusted_proxies: usize,
    #[cfg(feature = "outbox")]
    delivery_attempts: u32,
}

impl<S: SessionStore> Engine<S> {
    /// An engine with the safe defaults: two backends over sessions in the store, named `bearer` and `cookie`.
    pub fn new(store: S) -> Self {
        Self::builder(store)
            .backend(Backend::bearer("bearer", Database::new()))
            .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
            .build()
    }
}

impl<S: UserStore> Engine<S> {
    /// An engine to be put together. It needs at least one backend.
    ///
    /// ```
    /// use std::time::Duration;
    /// use usermgr::{Backend, Engine, Jwt, MemoryStore};
    /// let engine = Engine::builder(MemoryStore::new())
    ///     .backend(Backend::bearer("jwt", Jwt::new()))
    ///     .hook_timeout(Duration::from_secs(3))
    ///     .build();
    /// assert_eq!(engine.backends().len(), 1);
    /// ```
    pub fn builder(store: S) -> EngineBuilder<S> {
        EngineBuilder(Self {
            store,
            backends: Vec::new(),
            clock: Arc::new(SystemClock),
            hasher: Arc::new(Argon2id::default()),
            audit: Arc::new(TracingSink),
            background: Background::new(1024),
            limiter: Limiter::new(Limits::default()),
            allowed_origins: Vec::new(),
            cache: EngineCache::default(),
            #[cfg(feature = "outbox")]
            outbox: None,
            options: Options {
                hook_timeout: Duration::from_secs(10),
                fresh: Duration::from_secs(600),
                answers: Answers::default(),
                require_verified: false,
                unverified_logins: false,
                superusers_set_passwords: None,
                trusted_proxies: 0,
                #[cfg(feature = "outbox")]
                delivery_attempts: 24,
            },
            configuration: Configuration::default(),
        })
    }

    /// The same engine with another clock, for tests.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock) -> Self {
        EngineBuilder(self).clock(clock).build()
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The backends, in the order in which they are tried.
    pub fn backends(&self) -> &[Backend<S>] {
        &self.backends
    }

    /// The backend of a name.
    pub fn backend(&self, name: &str) -> Option<&Backend<S>> {
        self.backends.iter().find(|backend| backend.name() == name)
    }

    /// Now, by the engine's clock, to the microsecond: more than that no database keeps.
    pub fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// The origins beside the own host whose pages may send the session cookie along with a request that changes something.
    pub fn allowed_origins(&self) -> &[String] {
        &self.allowed_origins
    }

    /// Whether login and the routes of a user's own account demand a verified address.
    pub fn requires_verified(&self) -> bool {
        self.options.require_verified
    }

    /// How much the routes tell.
    pub fn answers(&self) -> Answers {
        self.options.answers
    }

    /// Whether a password proved at that time still counts as fresh. A time that lies ahead by more than the clocks of two servers may
    /// differ, five seconds, does not.
    pub fn is_fresh(&self, authenticated_at: Timestamp) -> bool {
        const CLOCK_SKEW: Duration = Duration::from_secs(5);
        let age = self.now().duration_since(authenticated_at);
        age.unsigned_abs() <= if age.is_negative() { CLOCK_SKEW } else { self.options.fresh }
    }

    /// Whether a superuser may choose the password of another user.
    pub(crate) fn superusers_set_passwords(&self) -> bool {
        self.options.superusers_set_passwords.unwrap_or(self.options.answers == Answers::Explicit)
    }

    /// Waits until the work that requests have left in the background is done: call it when the server has stopped.
    pub async fn settle(&self) {
        self.background.settle().await;
    }

    /// Deletes what no longer counts: expired sessions, ended tokens that would have expired, forgotten counters of limits. Says how many
    /// rows that were. Nothing depends on it but the room that they take; call it now and then in a task of the application, such as once
    /// an hour.
    ///
    /// ```
    /// use usermgr::{Engine, MemoryStore};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), usermgr::StoreError> {
    /// let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new());
    /// assert_eq!(engine.purge().await?, 0);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Those of the stores.
    pub async fn purge(&self) -> Result<u64, StoreError>
    where
        S: SessionStore,
    {
        let now = self.now();
        Ok(self.store.purge_sessions(now).await? + self.limiter.counters().purge(now).await?)
    }

    pub(crate) fn hasher(&self) -> &dyn PasswordHasher {
        &*self.hasher
    }

    pub(crate) fn audit(&self) -> &dyn AuditSink {
        &*self.audit
    }

    #[cfg(feature = "http")]
    pub(crate) fn trusted_proxies(&self) -> usize {
        self.options.trusted_proxies
    }

    #[cfg(feature = "http")]
    pub(crate) fn background(&self) -> &Background {
        &self.background
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// What is kept of principals: whoever changes a user, his sessions or his tokens says so here.
    pub(crate) fn cache(&self) -> &EngineCache {
        &self.cache
    }

    #[cfg(feature = "outbox")]
    pub(crate) fn outbox(&self) -> Option<&crate::outbox::Outbox<S>> {
        self.outbox.as_ref()
    }

    #[cfg(feature = "outbox")]
    pub(crate) fn delivery_attempts(&self) -> u32 {
        self.options.delivery_attempts
    }

    pub(crate) fn hook_timeout(&self) -> Duration {
        self.options.hook_timeout
    }

    /// The settings, evaluated at the first call.
    pub(crate) fn configured(&self, settings: impl FnOnce() -> Settings) -> Result<&Configured, Fault> {
        self.configuration.latest(settings).as_ref().map_err(|error| error.clone().into())
    }

    pub(crate) fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    pub(crate) fn strategy_context<'a>(
        &'a self,
        backend: &'a Backend<S>,
        configured: &'a Configured,
    ) -> StrategyContext<'a, S> {
        let Configured { access, refresh, .. } = configured;
        StrategyContext {
            store: &self.store,
            now: self.now(),
            backend: backend.name(),
            keys: access,
            refresh_keys: refresh,
            cache: &self.cache,
        }
    }

    /// What is wrong with the settings and with the engine itself.
    pub(crate) fn faults(&self, settings: impl FnOnce() -> Settings) -> Vec<ConfigError> {
        let mut names = HashSet::new();
        let mut faults: Vec<_> = self.configuration.latest(settings).as_ref().err().cloned().into_iter().collect();
        if self.backends.is_empty() {
            faults
                .push(ConfigError::new("the engine has no backend: add one with `Engine::builder(store).backend(..)`"));
        }
        for name in self.backends.iter().map(Backend::name) {
            if !names.insert(name) {
                faults.push(ConfigError::new(format!("two backends are named `{name}`")));
            }
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
                faults.push(ConfigError::new(format!(
                    "the backend name `{name}` cannot be part of a path: use letters, digits, `-` and `_`"
                )));
            }
        }
        for backend in &self.backends {
            faults.extend(backend.strategy().check().err());
            if let Transport::Cookie(cookie) = backend.transport() {
                faults.extend(cookie.faults().into_iter().map(ConfigError::new));
                if backend.strategy().refreshes() {
                    faults.push(ConfigError::new(format!(
                        "the backend `{}` gives refresh tokens, which no cookie carries: use `Backend::bearer`, or `Database` with the cookie",
                        backend.name()
                    )));
                }
            }
        }
        let Options { answers, require_verified, unverified_logins, .. } = self.options;
        if answers == Answers::Discreet && !require_verified && !unverified_logins {
            faults.push(ConfigError::new(
                "discreet answers without verification are none, since a login tells whether a registration found the address free: add \
                 `.require_verified(true)`, or `.dangerous_unverified_logins(true)` where that is known and wanted",
            ));
        }
        for origin in self.allowed_origins.iter().filter(|origin| !is_origin(origin)) {
            faults.push(ConfigError::new(format!(
                "`{origin}` is no origin: write it as in `https://example.com` or `http://localhost:3000`"
            )));
        }
        faults
    }
}

/// Whether a text is a scheme, a host and perhaps a port, as browsers write them in `Origin`.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
    })
}

impl<S> fmt::Debug for Engine<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let backends: Vec<_> = self.backends.iter().map(Backend::name).collect();
        f.debug_struct("Engine").field("backends", &backends).field("options", &self.options).finish_non_exhaustive()
    }
}

/// Puts an [`Engine`] together. Whatever is not set keeps its safe default.
#[must_use]
#[derive(Debug)]
pub struct EngineBuilder<S>(Engine<S>);

impl<S: UserStore> EngineBuilder<S> {
    /// Adds a backend; they are tried in this order.
    pub fn backend(mut self, backend: Backend<S>) -> Self {
        self.0.backends.push(backend);
        self
    }

    /// Takes the time from somewhere else.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.0.clock = Arc::new(clock);
        self
    }

    /// Hashes passwords otherwise. Default: Argon2id with 19 MiB, two passes, one lane, on threads shared by the process.
    pub fn hasher(mut self, hasher: impl PasswordHasher) -> Self {
        self.0.hasher = Arc::new(hasher);
        self
    }

    /// Sends events somewhere else. Default: `tracing`.
    pub fn audit(mut self, sink: impl AuditSink) -> Self {
        self.0.audit = Arc::new(sink);
        self
    }

    /// How long a hook may take before the operation goes on without it. Default: ten seconds.
    pub fn hook_timeout(mut self, limit: Duration) -> Self {
        self.0.options.hook_timeout = limit;
        self
    }

    /// How long a login counts as fresh: for a new password or address, and for the `Fresh` extractor. Default: ten minutes.
    pub fn fresh(mut self, span: Duration) -> Self {
        self.0.options.fresh = span;
        self
    }

    /// Demands a verified address at login and on the routes of a user's own account, as FastAPI Users' `requires_verification`.
    pub fn require_verified(mut self, required: bool) -> Self {
        self.0.options.require_verified = required;
        self
    }

    /// How much the routes tell a stranger about who has an account. Default: [`Answers::Explicit`], as FastAPI Users.
    /// [`Answers::Discreet`] needs [`require_verified`](Self::require_verified) too.
    pub fn answers(mut self, answers: Answers) -> Self {
        self.0.options.answers = answers;
        self
    }

    /// Lets [`Answers::Discreet`] be without [`require_verified`](Self::require_verified): whoever registers an address learns whether
    /// it was free when he logs in. Default: `false`, and [`check`](crate::Operations::check) refuses it.
    pub fn dangerous_unverified_logins(mut self, wanted: bool) -> Self {
        self.0.options.unverified_logins = wanted;
        self
    }

    /// Whether a superuser may choose the password of another user (ASVS 5.0, 6.4.6, says that he should not). A reset that he starts is
    /// not concerned, nor is [`Admin::system`](crate::Admin::system). Default: with [`Answers::Explicit`] he may, as in FastAPI Users, and
    /// with [`Answers::Discreet`] he may not.
    pub fn superusers_set_passwords(mut self, allowed: bool) -> Self {
        self.0.options.superusers_set_passwords = Some(allowed);
        self
    }

    /// Lets the pages of another origin, written as in `https://example.com`, send the session cookie along with requests that change
    /// something. Default: none.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.0.allowed_origins.push(origin.into());
        self
    }

    /// Limits guessing and mail otherwise. Default: [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.0.limiter.set_limits(limits);
        self
    }

    /// Keeps the counters of the limits somewhere else, such as in the database or in Redis, where all processes share them. Default: in
    /// the memory of this process.
    ///
    /// ```no_run
    /// use usermgr::{Engine, SqliteStore};
    /// # async fn example() -> Result<(), usermgr::StoreError> {
    /// let store: SqliteStore = SqliteStore::open("shop.db").await?;
    /// let engine = Engine::builder(store.clone()).counters(store).build();
    /// # let _ = engine;
    /// # Ok(())
    /// # }
    /// ```
    pub fn counters(mut self, counters: impl CounterStore) -> Self {
        self.0.limiter.set_counters(counters);
        self
    }

    /// Takes the client's address from the `X-Forwarded-For` header, as so many proxies of one's own have written it: with one proxy it
    /// is the last entry. Whatever stands before was sent by the client and is not believed. Default: none, the address is that of the
    /// connection.
    pub fn trusted_proxies(mut self, number: usize) -> Self {
        self.0.options.trusted_proxies = number;
        self
    }

    /// How many requests may leave work in the background at once; one more is answered with 503. Default: 1024.
    pub fn background_limit(mut self, limit: usize) -> Self {
        self.0.background = Background::new(limit);
        self
    }

    /// The engine.
    pub fn build(self) -> Engine<S> {
        self.0
    }
}

#[cfg(feature = "cache")]
impl<S: UserStore> EngineBuilder<S> {
    /// Keeps the principals of tokens for a second at most, so that requests which only read ask the store less often (feature `cache`).
    /// Default: none is kept. See [`PrincipalCache`](crate::PrincipalCache).
    pub fn cache(mut self, cache: crate::PrincipalCache) -> Self {
        self.0.cache = EngineCache::of(cache);
        self
    }
}

#[cfg(feature = "outbox")]
impl<S: crate::OutboxStore> EngineBuilder<S> {
    /// Makes durable what users are told: the hooks that mail are not called by the operation any more, but by whoever
    /// [delivers](crate::Delivery::deliver), at least once, from rows that are written in the transaction of the change. Default: off;
    /// a hook is called once, right after the commit.
    ///
    /// ```
    /// use usermgr::{Backend, Database, Engine, MemoryStore};
    /// let engine = Engine::builder(MemoryStore::new()).backend(Backend::bearer("bearer", Database::new())).outbox().build();
    /// # let _ = engine;
    /// ```
    pub fn outbox(mut self) -> Self {
        self.0.outbox = Some(crate::outbox::Outbox::new());
        self
    }

    /// How often a delivery is tried before its row is left as failed, at least once. Default: 24 times, which takes some sixteen hours.
    pub fn delivery_attempts(mut self, most: u32) -> Self {
        self.0.options.delivery_attempts = most.max(1);
        self
    }
}
