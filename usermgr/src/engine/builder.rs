//! The builder of an engine: one method for each option, each with a safe default.

use std::{sync::Arc, time::Duration};

use super::Engine;
#[cfg(feature = "cache")]
use crate::cache::{EngineCache, PrincipalCache};
use crate::{
    audit::{AuditSink, Trail},
    background::Background,
    clock::Clock,
    config_error::ConfigError,
    engine::Answers,
    limits::{CounterStore, Limits},
    mailer::Messenger,
    password::PasswordHasher,
    session::Backend,
    store::UserStore,
    user::EmailRules,
};

/// Builds an [`Engine`]. Options that are not set keep their safe defaults.
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
///     .build()?;
/// assert!(engine.backend("cookie").is_some());
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[must_use]
#[derive(Debug)]
pub struct EngineBuilder<S> {
    pub(super) engine: Engine<S>,
    /// What is wrong with the parts.
    pub(super) part_faults: Vec<ConfigError>,
}

impl<S> EngineBuilder<S> {
    pub(super) fn of(engine: Engine<S>) -> Self {
        Self { engine, part_faults: Vec::new() }
    }
}

impl<S: UserStore> EngineBuilder<S> {
    /// Adds a backend. Backends are tried in the order in which they were added.
    pub fn backend(mut self, backend: Backend<S>) -> Self {
        self.engine.backends.push(backend.in_realm(&self.engine.realm));
        self
    }

    /// Sets the clock. Default: the system clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.engine.clock = Arc::new(clock);
        self
    }

    /// Sets the password hasher. Default: Argon2id with 19 MiB, two passes and one lane, on threads shared by the
    /// process.
    pub fn hasher(mut self, hasher: impl PasswordHasher) -> Self {
        self.engine.hasher = Arc::new(hasher);
        self
    }

    /// Sets the sink for events. Default: `tracing`.
    pub fn audit(mut self, sink: impl AuditSink) -> Self {
        self.engine.audit = Arc::new(Trail::new(sink, self.engine.realm.clone()));
        self
    }

    /// Sets the time limit of a hook. Default: ten seconds.
    pub fn hook_timeout(mut self, limit: Duration) -> Self {
        self.engine.options.hook_timeout = limit;
        self
    }

    /// Sets how long a login counts as fresh: for a new password or address, and for the `Fresh` extractor. Default:
    /// ten minutes. Maximum: 4,294,967,295 seconds, as [`build`](Self::build) demands.
    pub fn fresh(mut self, span: Duration) -> Self {
        self.engine.options.fresh = span;
        self
    }

    /// Sets how many stored sessions, of [`Database`](crate::Database) and
    /// [`JwtWithRefresh`](crate::session::JwtWithRefresh), a user may have over all backends. A login beyond this limit
    /// ends the session with the oldest login, with the event `sessions_evicted`. From 1 to 10,000, as
    /// [`build`](Self::build) demands. Default: 100.
    pub fn max_sessions(mut self, most: u32) -> Self {
        self.engine.options.max_sessions = most;
        self
    }

    /// Requires a verified address at login and for every authenticated request: on the library's own routes, like
    /// FastAPI Users' `requires_verification`, and in every extractor. [`http::identify`](crate::http::identify) still
    /// returns users who are not verified. Default: `false`.
    pub fn require_verified(mut self, required: bool) -> Self {
        self.engine.options.require_verified = required;
        self
    }

    /// Sets how much the routes reveal to a stranger about who has an account. Default: [`Answers::Explicit`], as in
    /// FastAPI Users. [`Answers::Discreet`] also needs [`require_verified`](Self::require_verified).
    pub fn answers(mut self, answers: Answers) -> Self {
        self.engine.options.answers = answers;
        self
    }

    /// Closes the registration: [`register`](crate::Operations::register) and its route refuse with 403 `REGISTER_CLOSED`,
    /// and a sign-in through a provider makes no account. Accounts are then made by an
    /// [invitation](crate::guide::invitations) or by [`create`](crate::Operations::create). Default: `false`.
    pub fn closed_registration(mut self, closed: bool) -> Self {
        self.engine.options.closed_registration = closed;
        self
    }

    /// Verifies a new address in `PATCH /users/me` before the account gets it. Everything else in the request is
    /// applied, the response shows the old address, and a token is sent to the new one, as by
    /// [`request_email_change`](crate::Operations::request_email_change). A taken address is still reported (400
    /// `UPDATE_USER_EMAIL_ALREADY_EXISTS`), unless answers are discreet; discreet answers always verify. Default:
    /// `false`: the address is applied at once and unverified, as in FastAPI Users, so a mistyped address gives the
    /// account to the owner of that address. The operation [`update`](crate::Operations::update) and the superusers'
    /// routes always apply it at once.
    pub fn prove_new_addresses(mut self, wanted: bool) -> Self {
        self.engine.options.prove_new_addresses = wanted;
        self
    }

    /// Allows [`Answers::Discreet`] without [`require_verified`](Self::require_verified). A login then reveals whether
    /// a registered address was free. Default: `false`; [`build`](Self::build) refuses the combination.
    pub fn dangerous_unverified_logins(mut self, wanted: bool) -> Self {
        self.engine.options.unverified_logins = wanted;
        self
    }

    /// Sets whether a superuser may choose another user's password (ASVS 5.0, 6.4.6, advises against it). Starting a
    /// reset and [`Admin::system`](crate::Admin::system) are not affected. Default: allowed with [`Answers::Explicit`],
    /// as in FastAPI Users, and forbidden with [`Answers::Discreet`].
    pub fn superusers_set_passwords(mut self, allowed: bool) -> Self {
        self.engine.options.superusers_set_passwords = Some(allowed);
        self
    }

    /// Allows the pages of another origin to send the session cookie with state-changing requests, and to open
    /// WebSockets with it. Write the origin as browsers do: a scheme, a host in lower case, and a port unless it is the
    /// default port of the scheme, as in `https://example.com`, `http://localhost:3000` or, for the pages of an app,
    /// `capacitor://localhost`. [`build`](Self::build) refuses a text that no browser would send. Default:
    /// none.
    ///
    /// It does not decide whether the pages may read the responses: see [front ends on another
    /// origin](crate::guide::front_ends) in the guide.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.engine.allowed_origins.push(origin.into());
        self
    }

    /// Sets the rules for a new address, at registration or change. For example, names that are reserved for private
    /// networks can be allowed. Default: [`EmailRules::new`]. The rules do not affect how stored users are found.
    pub fn email_rules(mut self, rules: EmailRules) -> Self {
        self.engine.email_rules = rules;
        self
    }

    /// Sets the limits for guessing and mail. Default: [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.engine.limiter.set_limits(limits);
        self
    }

    /// Sets the store of the limits' counters, such as the database or Redis, where all processes share them. Default:
    /// the memory of this engine. Two engines in one process over one store, such as one for each kind of client, must
    /// share an `Arc<MemoryCounters>`. Otherwise each of them allows the full number of guesses. Engines over stores of
    /// different [realms](crate::UserStore::realm) count apart in any case.
    ///
    /// ```no_run
    /// use usermgr::{Engine, SqliteStore};
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let store: SqliteStore = SqliteStore::open("shop.db").await?;
    /// let engine = Engine::builder(store.clone()).counters(store).build()?;
    /// # let _ = engine;
    /// # Ok(())
    /// # }
    /// ```
    pub fn counters(mut self, counters: impl CounterStore) -> Self {
        self.engine.limiter.set_counters(counters);
        self
    }

    /// Takes the client's address from the `X-Forwarded-For` header, written by this number of your own proxies. With
    /// one proxy it is the last entry, with or without a port. Earlier entries were sent by the client and are ignored.
    /// Default: 0, which uses the address of the connection.
    ///
    /// If the entry is missing or unreadable, the address of the connection is used. It is then the proxy's address,
    /// for all clients behind it. A warning is logged once.
    pub fn trusted_proxies(mut self, number: usize) -> Self {
        self.engine.options.trusted_proxies = number;
        self
    }

    /// Reads `Forwarded` (RFC 7239) instead of `X-Forwarded-For`, for proxies that write that header. Only one of the
    /// two is read, because a client could send the other. Needs [`trusted_proxies`](Self::trusted_proxies). Default:
    /// `false`.
    pub fn reads_forwarded(mut self, wanted: bool) -> Self {
        self.engine.options.reads_forwarded = wanted;
        self
    }

    /// Sets how many requests may leave work in the background at once. The next one is answered with 503. The same
    /// number of messages may wait for the messenger. Default: 1024.
    pub fn background_limit(mut self, limit: usize) -> Self {
        self.engine.background = Background::new(limit);
        self.engine.messages.slots = Background::new(limit);
        self
    }

    /// Sets the messenger for messages to users. The default hooks that mail call it, and a registration requests a
    /// verification of the address. Default: none, and the default hooks do nothing, as in FastAPI Users. See
    /// [`Messenger`].
    pub fn messenger(mut self, messenger: impl Messenger<S>) -> Self {
        self.set_messenger(Arc::new(messenger));
        self
    }

    /// Sets the messenger. Two are a fault, because only one would be called.
    pub(crate) fn set_messenger(&mut self, messenger: Arc<dyn Messenger<S>>) {
        if self.engine.messages.messenger.replace(messenger).is_some() {
            let why = "the engine has two messengers: remove one of them, such as `messenger` beside the part `mails`";
            self.add_fault(ConfigError::new(why));
        }
    }

    /// Sets whether the messenger gets a message when too many wrong passwords have locked the login to an account.
    /// Default: `false`, because strangers could cause such mails.
    pub fn lockout_messages(mut self, wanted: bool) -> Self {
        self.engine.messages.sends_lockouts = wanted;
        self
    }

    /// Builds the engine.
    ///
    /// # Errors
    /// Everything that is wrong with the options, the backends and the parts, each with what to do.
    ///
    /// ```
    /// use usermgr::{Backend, Engine, Jwt, MemoryStore};
    /// let bearer = || Backend::bearer("jwt", Jwt::new());
    /// let twice = Engine::builder(MemoryStore::<usermgr::NoProfile>::new()).backend(bearer()).backend(bearer());
    /// assert!(twice.build().unwrap_err().to_string().contains("two backends are named `jwt`"));
    /// ```
    pub fn build(self) -> Result<Engine<S>, ConfigError> {
        match self.faults() {
            faults if faults.is_empty() => Ok(self.engine),
            faults => Err(ConfigError::join(faults)),
        }
    }
}

#[cfg(feature = "cache")]
impl<S: UserStore> EngineBuilder<S> {
    /// Caches the principals of tokens for at most one second, so that read-only requests query the store less often
    /// (feature `cache`). Default: no cache. See [`PrincipalCache`](crate::http::PrincipalCache).
    pub fn cache(mut self, cache: PrincipalCache) -> Self {
        self.engine.cache = EngineCache::of(cache);
        self
    }
}
