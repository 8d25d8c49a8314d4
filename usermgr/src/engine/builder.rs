//! Putting an engine together: one method for each option, each with a safe default.

use std::{sync::Arc, time::Duration};

use super::Engine;
#[cfg(feature = "cache")]
use crate::cache::EngineCache;
use crate::{
    audit::AuditSink,
    background::Background,
    clock::Clock,
    engine::Answers,
    limits::{CounterStore, Limits},
    mail::Messenger,
    password::PasswordHasher,
    session::Backend,
    store::UserStore,
    user::EmailRules,
};

/// Puts an [`Engine`] together. Whatever is not set keeps its safe default.
///
/// ```
/// use std::time::Duration;
/// use usermgr::{engine::Answers, prelude::*};
///
/// let engine = Engine::builder(MemoryStore::<NoProfile>::new())
///     .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
///     .backend(Backend::bearer("jwt", Jwt::new().lifetime(Duration::from_secs(300))))
///     .fresh(Duration::from_secs(120))
///     .require_verified(true)
///     .answers(Answers::Discreet)
///     .build();
/// assert!(engine.backend("cookie").is_some());
/// ```
#[must_use]
#[derive(Debug)]
pub struct EngineBuilder<S>(pub(super) Engine<S>);

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

    /// How long a login counts as fresh: for a new password or address, and for the `Fresh` extractor. Default: ten minutes; at most
    /// 4,294,967,295 seconds, as [`check`](crate::Operations::check) demands.
    pub fn fresh(mut self, span: Duration) -> Self {
        self.0.options.fresh = span;
        self
    }

    /// How many sessions with a row, of [`Database`](crate::Database) and [`JwtWithRefresh`](crate::session::JwtWithRefresh), a user may have, over
    /// all backends: a login beyond that ends the one whose login is the oldest, with the event `sessions_evicted`. From 1 to 10,000, as
    /// [`check`](crate::Operations::check) demands. Default: 100.
    pub fn max_sessions(mut self, most: u32) -> Self {
        self.0.options.max_sessions = most;
        self
    }

    /// Demands a verified address at login and of whoever is logged in: on the library's own routes, as FastAPI Users'
    /// `requires_verification`, and by every extractor. [`http::identify`](crate::http::identify) finds users who are not verified yet.
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

    /// Proves a new address in `PATCH /users/me` before the account gets it: everything else of the request is done, the answer shows the
    /// old address, and a token goes to the new one, as [`request_email_change`](crate::Operations::request_email_change) sends it. A taken
    /// address is still told (400 `UPDATE_USER_EMAIL_ALREADY_EXISTS`), unless answers are discreet, which always prove. Default: `false`: the
    /// address is applied at once and unverified, as in FastAPI Users, and a mistyped address gives the account to its owner.
    /// The operation [`update`](crate::Operations::update) and superusers' routes apply it at once in any case.
    pub fn prove_new_addresses(mut self, wanted: bool) -> Self {
        self.0.options.prove_new_addresses = wanted;
        self
    }

    /// Lets [`Answers::Discreet`] be without [`require_verified`](Self::require_verified): whoever registers an address learns whether
    /// it was free at the login. Default: `false`, and [`check`](crate::Operations::check) refuses it.
    pub fn dangerous_unverified_logins(mut self, wanted: bool) -> Self {
        self.0.options.unverified_logins = wanted;
        self
    }

    /// Whether a superuser may choose the password of another user (ASVS 5.0, 6.4.6, says that they should not). A reset that they start is
    /// not concerned, nor is [`Admin::system`](crate::Admin::system). Default: with [`Answers::Explicit`] they may, as in FastAPI Users, and
    /// with [`Answers::Discreet`] they may not.
    pub fn superusers_set_passwords(mut self, allowed: bool) -> Self {
        self.0.options.superusers_set_passwords = Some(allowed);
        self
    }

    /// Lets the pages of another origin send the session cookie along with requests that change something, and open WebSockets with it.
    /// It is written as browsers write it: a scheme, a host in small letters, and a port unless it is that of the scheme, as in
    /// `https://example.com`, `http://localhost:3000` or, for the pages of an app, `capacitor://localhost`. What no browser would send is
    /// refused by [`check`](crate::Operations::check). Default: none.
    ///
    /// Whether the pages may read the answers is another question: see [front ends on another origin](crate::guide::frameworks#front-ends-on-another-origin) in the guide.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.0.allowed_origins.push(origin.into());
        self
    }

    /// Asks something else of a new address, at a registration or a change: names that are reserved for networks of one's own may be
    /// allowed. Default: [`EmailRules::new`]. Who is stored already is found whatever the rules are.
    pub fn email_rules(mut self, rules: EmailRules) -> Self {
        self.0.email_rules = rules;
        self
    }

    /// Limits guessing and mail otherwise. Default: [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.0.limiter.set_limits(limits);
        self
    }

    /// Keeps the counters of the limits somewhere else, such as in the database or in Redis, where all processes share them. Default: in
    /// the memory of this engine. Two engines in one process over one store, such as one for each kind of client, must share an
    /// `Arc<MemoryCounters>`, or each allows as many guesses.
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
    /// is the last entry, with or without a port. Whatever stands before was sent by the client and is not believed. Default: none, the
    /// address is that of the connection.
    ///
    /// An entry that is missing or cannot be read leaves the address of the connection, which is then the proxy's own, for all clients
    /// behind it: that is a warning in the log, once.
    pub fn trusted_proxies(mut self, number: usize) -> Self {
        self.0.options.trusted_proxies = number;
        self
    }

    /// Reads `Forwarded` (RFC 7239) instead of `X-Forwarded-For`, for proxies that write that one. Only one of the two is read: the other
    /// would come from the client. It needs [`trusted_proxies`](Self::trusted_proxies). Default: `false`.
    pub fn reads_forwarded(mut self, wanted: bool) -> Self {
        self.0.options.reads_forwarded = wanted;
        self
    }

    /// How many requests may leave work in the background at once; one more is answered with 503. As many messages may wait for the messenger.
    /// Default: 1024.
    pub fn background_limit(mut self, limit: usize) -> Self {
        self.0.background = Background::new(limit);
        self.0.messages.slots = Background::new(limit);
        self
    }

    /// Hands messages to users to a messenger: the provided hooks that mail call it, and a registration asks for a verification of the address.
    /// Default: none, and the provided hooks do nothing, as in FastAPI Users. See [`Messenger`].
    pub fn messenger(mut self, messenger: impl Messenger<S>) -> Self {
        self.0.messages.messenger = Some(Arc::new(messenger));
        self
    }

    /// Whether the messenger is told when too many wrong passwords have locked the login to an account. Default: `false`, since strangers could
    /// have mail sent by it.
    pub fn lockout_messages(mut self, wanted: bool) -> Self {
        self.0.messages.tells_lockouts = wanted;
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
    /// Default: none is kept. See [`PrincipalCache`](crate::http::PrincipalCache).
    pub fn cache(mut self, cache: crate::http::PrincipalCache) -> Self {
        self.0.cache = EngineCache::of(cache);
        self
    }
}
