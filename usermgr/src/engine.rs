//! The engine: everything operational behind a manager. It is made of a store and options. Operations get the clock,
//! the hasher, the backends and the audit sink from it.

mod answers;
mod breaches;
mod builder;
#[cfg(feature = "http")]
mod captcha;
mod credentials;
mod deleted;
mod demand;
mod dispatch;
mod factor;
mod faults;
mod history;
mod logins;
pub(crate) mod messages;
pub(crate) mod outbox;
mod part;
mod purge;
mod readiness;
mod shutdown;
mod stopping;
mod usernames;

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::{
    api_key::Keyring,
    audit::{TracingSink, Trail},
    background::Background,
    cache::EngineCache,
    clock::{Clock, SystemClock},
    config_error::ConfigError,
    configuration::Configuration,
    context::Extensions,
    default_store::DefaultStore,
    error::Fault,
    limits::{Limiter, Limits},
    metrics::Metrics,
    password::{Argon2id, Breaches, PasswordHasher},
    realm::Realm,
    session::{Backend, CookieOptions, Database, Notes, SessionInfo, StrategyContext},
    settings::{Configured, Settings},
    store::{SessionStore, UserStore},
    user::EmailRules,
};

pub use answers::Answers;
pub use builder::EngineBuilder;
pub(crate) use credentials::Credentials;
pub(crate) use deleted::OnDeleted;
pub use demand::Demand;
pub use factor::{Challenge, Factor, FactorContext, Proof};
#[cfg(feature = "http")]
pub(crate) use history::HISTORY;
pub use history::LoginHistory;
use logins::History;
use messages::Messages;
pub use outbox::DeliveryAttempt;
#[cfg(feature = "http")]
pub(crate) use part::FACTORS;
pub(crate) use part::IMPERSONATION;
pub use part::Part;
pub use readiness::Readiness;
pub(crate) use stopping::Follower;
use stopping::Stopping;
#[cfg(feature = "pages")]
pub(crate) use usernames::USERNAMES;
pub use usernames::Usernames;

pub use crate::deadline::Deadline;

/// The engine behind a manager, and the manager's one field. Make it with [`Engine::new`] or [`Engine::builder`].
///
/// ```
/// use usermgr::{Engine, MemoryStore};
/// let engine = Engine::new(MemoryStore::new());
/// assert_eq!(engine.backends()[0].name(), "bearer");
/// ```
pub struct Engine<S = DefaultStore> {
    store: S,
    realm: Realm,
    /// The audience of signed access tokens, unless a strategy has one of its own.
    audience: String,
    backends: Vec<Backend<S>>,
    clock: Arc<dyn Clock>,
    hasher: Arc<dyn PasswordHasher>,
    breaches: Option<Breaches>,
    audit: Arc<Trail>,
    background: Background,
    messages: Messages<S>,
    limiter: Limiter,
    allowed_origins: Vec<String>,
    email_rules: EmailRules,
    cache: EngineCache,
    notes: Notes,
    outbox: Option<outbox::Outbox<S>>,
    /// The names of the installed parts.
    parts: Vec<&'static str>,
    factors: Vec<Box<dyn Factor<S>>>,
    /// Who must have a factor.
    #[cfg_attr(not(feature = "http"), allow(dead_code, reason = "guards read it"))]
    demand: Option<Demand>,
    /// Present if users may have names.
    usernames: Option<Usernames>,
    /// Present if routes ask for a captcha.
    #[cfg(feature = "http")]
    captcha: Option<crate::captcha::Captcha>,
    /// What parts keep, by its type.
    kept: Extensions,
    /// Present once a part keeps credentials.
    credentials: Option<Box<dyn Credentials<S>>>,
    /// The rules of API keys, if the engine has any.
    keyring: Option<Keyring>,
    /// Present if logins are kept.
    history: Option<Box<dyn History<S>>>,
    /// What learns of deleted credentials.
    on_deleted: Option<Box<dyn OnDeleted<S>>>,
    options: Options,
    configuration: Configuration,
    /// What tasks follow, to end with the engine.
    stopping: Stopping,
    /// Logs once that the client's address cannot be read from the proxies' header.
    #[cfg(feature = "http")]
    misread: std::sync::Once,
    /// Logs once that the server does not provide the addresses of clients.
    #[cfg(feature = "http")]
    unaddressed: std::sync::Once,
}

/// The plain values.
#[derive(Clone, Copy, Debug)]
struct Options {
    hook_timeout: Duration,
    fresh: Duration,
    max_sessions: u32,
    require_verified: bool,
    unverified_logins: bool,
    prove_new_addresses: bool,
    answers: Answers,
    superusers_set_passwords: Option<bool>,
    closed_registration: bool,
    trusted_proxies: usize,
    reads_forwarded: bool,
    delivery_attempts: u32,
    delivery_timeout: Duration,
}

impl<S: SessionStore> Engine<S> {
    /// Makes an engine with the safe defaults: two backends over stored sessions, named `bearer` and `cookie`.
    pub fn new(store: S) -> Self {
        Self::builder(store)
            .backend(Backend::bearer("bearer", Database::new()))
            .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
            .engine
    }
}

impl<S: UserStore> Engine<S> {
    /// Starts a builder. The engine needs at least one backend.
    ///
    /// ```
    /// use std::time::Duration;
    /// use usermgr::{Backend, Engine, Jwt, MemoryStore};
    /// let engine = Engine::builder(MemoryStore::new())
    ///     .backend(Backend::bearer("jwt", Jwt::new()))
    ///     .hook_timeout(Duration::from_secs(3))
    ///     .build()?;
    /// assert_eq!(engine.backends().len(), 1);
    /// # Ok::<(), usermgr::ConfigError>(())
    /// ```
    pub fn builder(store: S) -> EngineBuilder<S> {
        let realm = Realm::of(store.realm());
        EngineBuilder::of(Self {
            store,
            audience: realm.after("usermgr:auth", ':'),
            backends: Vec::new(),
            clock: Arc::new(SystemClock),
            hasher: Arc::new(Argon2id::default()),
            breaches: None,
            audit: Arc::new(Trail::new(TracingSink, realm.clone())),
            background: Background::new(1024),
            messages: Messages {
                messenger: None,
                slots: Background::new(1024),
                sends_lockouts: false,
                sends_impersonations: false,
            },
            limiter: Limiter::new(Limits::default(), realm.clone()),
            allowed_origins: Vec::new(),
            email_rules: EmailRules::default(),
            cache: EngineCache::default(),
            notes: Notes::default(),
            outbox: None,
            parts: Vec::new(),
            factors: Vec::new(),
            demand: None,
            usernames: None,
            #[cfg(feature = "http")]
            captcha: None,
            kept: Extensions::default(),
            realm,
            credentials: None,
            history: None,
            keyring: None,
            on_deleted: None,
            options: Options {
                hook_timeout: Duration::from_secs(10),
                fresh: Duration::from_secs(600),
                max_sessions: 100,
                answers: Answers::default(),
                require_verified: false,
                unverified_logins: false,
                prove_new_addresses: false,
                superusers_set_passwords: None,
                closed_registration: false,
                trusted_proxies: 0,
                reads_forwarded: false,
                delivery_attempts: 24,
                delivery_timeout: Duration::from_secs(60),
            },
            configuration: Configuration::default(),
            stopping: Stopping::default(),
            #[cfg(feature = "http")]
            misread: std::sync::Once::new(),
            #[cfg(feature = "http")]
            unaddressed: std::sync::Once::new(),
        })
    }

    /// Returns the engine with another clock, for tests.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock) -> Self {
        EngineBuilder::of(self).clock(clock).engine
    }

    /// Returns the store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Returns the realm of the store's users, if it [has one](UserStore::realm).
    pub fn realm(&self) -> Option<&str> {
        self.realm.name()
    }

    /// Returns the backends, in the order in which they are tried.
    pub fn backends(&self) -> &[Backend<S>] {
        &self.backends
    }

    /// Returns the backend of this name.
    pub fn backend(&self, name: &str) -> Option<&Backend<S>> {
        self.backends.iter().find(|backend| backend.name() == name)
    }

    /// Returns the current time of the engine's clock, cut to microseconds, which is the precision of the databases.
    pub fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// Returns the additional origins whose pages may send the session cookie with state-changing requests.
    pub fn allowed_origins(&self) -> &[String] {
        &self.allowed_origins
    }

    /// Returns the rules for a new address.
    pub fn email_rules(&self) -> &EmailRules {
        &self.email_rules
    }

    /// Returns whether a verified address is required: at login, on every route for logged-in users and in every
    /// extractor.
    pub fn requires_verified(&self) -> bool {
        self.options.require_verified
    }

    /// Returns whether the registration is closed.
    pub fn has_closed_registration(&self) -> bool {
        self.options.closed_registration
    }

    /// Returns how much the routes reveal about who has an account.
    pub fn answers(&self) -> Answers {
        self.options.answers
    }

    /// Returns whether the user of a session was authenticated recently. A time more than five seconds in the future does
    /// not count; up to five seconds are accepted as clock skew between two servers. A session in which an administrator
    /// acts as the user is never fresh.
    pub fn is_fresh(&self, session: &SessionInfo) -> bool {
        const CLOCK_SKEW: Duration = Duration::from_secs(5);
        let age = self.now().duration_since(session.authenticated_at);
        session.actor.is_none() && age.unsigned_abs() <= if age.is_negative() { CLOCK_SKEW } else { self.options.fresh }
    }

    /// Whether `PATCH /users/me` verifies a new address before the account gets it.
    #[cfg(feature = "http")]
    pub(crate) fn proves_new_addresses(&self) -> bool {
        self.options.prove_new_addresses || self.options.answers == Answers::Discreet
    }

    /// Whether a superuser may choose another user's password.
    pub(crate) fn superusers_set_passwords(&self) -> bool {
        self.options.superusers_set_passwords.unwrap_or(self.options.answers == Answers::Explicit)
    }

    /// Waits until the background work of requests is done and its messages are sent, without a limit. At the end of a
    /// process, [`shutdown`](crate::Operations::shutdown) does this and more, in a limited time.
    pub async fn settle(&self) {
        self.background.settle().await;
        // The work may have left messages.
        self.messages.slots.settle().await;
        if let Some(history) = &self.history {
            history.slots().settle().await;
        }
    }

    /// Returns what the engine has counted since it was made, and how much of its bounded room is taken now. It reads
    /// some fifty numbers in memory, and waits for nothing. See the guide's page on
    /// [operations](crate::guide::operations).
    ///
    /// ```
    /// use usermgr::{Engine, MemoryStore};
    /// let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new());
    /// assert_eq!(engine.metrics().background.taken, 0);
    /// ```
    pub fn metrics(&self) -> Metrics {
        Metrics {
            events: self.audit.counts(),
            hashing: self.hasher.load(),
            background: self.background.load(),
            messages: self.messages.slots.load(),
            oldest_due: self.outbox.as_ref().and_then(outbox::Outbox::seen_age),
            limited: self.limiter.refusals(),
        }
    }

    pub(crate) fn hasher(&self) -> &dyn PasswordHasher {
        &*self.hasher
    }

    pub(crate) fn audit(&self) -> &Trail {
        &self.audit
    }

    /// The number of proxies that write the client's address, and whether they write it in `Forwarded`.
    #[cfg(feature = "http")]
    pub(crate) fn proxies(&self) -> (usize, bool) {
        (self.options.trusted_proxies, self.options.reads_forwarded)
    }

    #[cfg(feature = "http")]
    pub(crate) fn misread(&self) -> &std::sync::Once {
        &self.misread
    }

    /// Guards the one-time log entry for requests without an address.
    #[cfg(feature = "http")]
    pub(crate) fn unaddressed(&self) -> &std::sync::Once {
        &self.unaddressed
    }

    /// Runs background work on the caller's tokio runtime from this call on.
    #[cfg(feature = "actix")]
    pub(crate) fn stay_here(&self) {
        self.background.stay_here();
        self.messages.slots.stay_here();
        if let Some(history) = &self.history {
            history.slots().stay_here();
        }
    }

    pub(crate) fn background(&self) -> &Background {
        &self.background
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// The cache of principals. Every operation that changes a user, their sessions or their tokens must invalidate it
    /// here.
    pub(crate) fn cache(&self) -> &EngineCache {
        &self.cache
    }

    /// What a task follows, to end with the engine, from now on.
    pub(crate) fn follower(&self) -> Follower {
        Follower::of(&self.stopping)
    }

    pub(crate) fn outbox(&self) -> Option<&outbox::Outbox<S>> {
        self.outbox.as_ref()
    }

    /// The number of delivery attempts, and the time limit of their hook.
    pub(crate) fn delivery(&self) -> (u32, Duration) {
        (self.options.delivery_attempts, self.options.delivery_timeout)
    }

    /// The second factors, in the order in which they were added.
    pub(crate) fn factors(&self) -> &[Box<dyn Factor<S>>] {
        &self.factors
    }

    /// What a part keeps for its slice.
    pub(crate) fn kept<T: 'static>(&self) -> Option<&T> {
        self.kept.get()
    }

    /// The credentials in the store, if a part of the engine keeps any.
    pub(crate) fn credentials(&self) -> Option<&dyn Credentials<S>> {
        self.credentials.as_deref()
    }

    /// The rules of API keys, if the engine has the part.
    pub(crate) fn keyring(&self) -> Option<&Keyring> {
        self.keyring.as_ref()
    }

    /// What learns of deleted credentials, if a part of the engine wants to.
    pub(crate) fn on_deleted(&self) -> Option<&dyn OnDeleted<S>> {
        self.on_deleted.as_deref()
    }

    pub(crate) fn hook_timeout(&self) -> Duration {
        self.options.hook_timeout
    }

    /// The settings, evaluated at the first call.
    pub(crate) fn configured(&self, settings: impl FnOnce() -> Settings) -> Result<Arc<Configured>, Fault> {
        Ok(self.configuration.latest(&self.realm, settings)?)
    }

    /// Evaluates the settings again, for the next operations.
    pub(crate) fn reconfigure(&self, settings: &Settings) -> Result<(), ConfigError> {
        self.configuration.replace(settings.resolve(&self.realm)?);
        Ok(())
    }

    /// The circuit breaker for recording uses.
    #[cfg(feature = "http")]
    pub(crate) fn notes(&self) -> &Notes {
        &self.notes
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
            audience: &self.audience,
            keys: access,
            refresh_keys: refresh,
            cache: &self.cache,
            notes: &self.notes,
            max_sessions: self.options.max_sessions,
        }
    }
}

impl<S> fmt::Debug for Engine<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let backends: Vec<_> = self.backends.iter().map(Backend::name).collect();
        f.debug_struct("Engine").field("backends", &backends).field("options", &self.options).finish_non_exhaustive()
    }
}
