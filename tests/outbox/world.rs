//! A manager with an outbox over any store, whose hooks keep what they receive, and fail on request.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use usermgr::{
    audit::{Event, EventKind},
    engine::DeliveryAttempt,
    password::{Argon2Params, Argon2id},
    prelude::*,
    store::OutboxStore,
    testing::{FakeClock, Probe},
    token::{Purpose, Token},
};
use uuid::Uuid;

pub(crate) const GOOD: &str = "correct horse battery";
pub(crate) const NEW: &str = "another long enough one";
pub(crate) const ADA: &str = "ada@example.com";
pub(crate) const HOOK_TIMEOUT: Duration = Duration::from_secs(7);
/// Twice the time limit of hooks.
pub(crate) const LEASE: Duration = Duration::from_secs(14);

pub(crate) trait Store: OutboxStore<Profile = NoProfile, Id = Uuid> {}
impl<S: OutboxStore<Profile = NoProfile, Id = Uuid>> Store for S {}

/// What a hook does when it is its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Pass,
    Fail,
    Panic,
    Hang,
}

/// What hooks received. Clones share it.
#[derive(Clone)]
pub(crate) struct Journal {
    lines: Arc<Mutex<Vec<String>>>,
    attempts: Arc<Mutex<Vec<DeliveryAttempt>>>,
    behaviour: Arc<Mutex<Behaviour>>,
    /// How long each hook takes.
    slowness: Duration,
    under_way: Arc<AtomicUsize>,
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            lines: Arc::default(),
            attempts: Arc::default(),
            behaviour: Arc::new(Mutex::new(Behaviour::Pass)),
            slowness: Duration::ZERO,
            under_way: Arc::default(),
        }
    }
}

impl Journal {
    /// Of hooks that take so long each.
    pub(crate) fn slow(slowness: Duration) -> Self {
        Self { slowness, ..Self::default() }
    }

    /// The lines so far, which are forgotten.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lines.lock().unwrap())
    }

    pub(crate) fn len(&self) -> usize {
        self.lines.lock().unwrap().len()
    }

    pub(crate) fn attempts(&self) -> Vec<DeliveryAttempt> {
        self.attempts.lock().unwrap().clone()
    }

    pub(crate) fn set(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    /// How many hooks have begun and not ended.
    pub(crate) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::SeqCst)
    }

    async fn note(&self, line: String, cx: &Context) -> Result<(), HookError> {
        self.lines.lock().unwrap().push(line);
        self.attempts.lock().unwrap().extend(cx.extensions.get::<DeliveryAttempt>().cloned());
        self.under_way.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(self.slowness).await;
        let behaviour = *self.behaviour.lock().unwrap();
        let outcome = match behaviour {
            Behaviour::Pass => Ok(()),
            Behaviour::Fail => Err(HookError::new("the mail server is away")),
            Behaviour::Panic => panic!("the hook panics"),
            Behaviour::Hang => std::future::pending().await,
        };
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        outcome
    }
}

/// Who asked, as the hook sees it.
fn asked(cx: &Context) -> String {
    let actor = cx.actor.as_ref().map_or("no actor".to_owned(), |actor| match actor {
        usermgr::context::Actor::User { session, .. } => format!("a user through {}", session.backend),
        other => other.to_string(),
    });
    let ip = cx.ip.map_or("nowhere".to_owned(), |ip| ip.to_string());
    format!("by {actor} from {ip}, {}", cx.user_agent.as_deref().unwrap_or("without an agent"))
}

pub(crate) struct Accounts<S> {
    pub(crate) engine: Engine<S>,
    pub(crate) journal: Journal,
    pub(crate) probe: Probe,
}

impl<S: Store> Accounts<S> {
    async fn note(&self, hook: &str, user: &User, more: &str, cx: &Context) -> Result<(), HookError> {
        self.journal.note(format!("{hook}({}{more}) {}", user.email, asked(cx)), cx).await
    }

    /// Keeps the token, as a mailer would send it.
    async fn mailed<P: Purpose>(
        &self,
        hook: &str,
        user: &User,
        to: &EmailAddress,
        token: &Token<P>,
        cx: &Context,
    ) -> Result<(), HookError> {
        self.probe.keep(to, token);
        self.note(hook, user, &format!(" a token to {to}"), cx).await
    }
}

#[user_manager(store = S, secret = "only-for-tests-0123456789abcdef-x")]
impl<S: Store> Accounts<S> {
    async fn on_after_register(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        self.note("register", user, "", cx).await
    }

    async fn on_after_duplicate_register(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        self.note("duplicate_register", user, "", cx).await
    }

    async fn on_after_request_verify(&self, user: &User, token: &VerifyToken, cx: &Context) -> Result<(), HookError> {
        self.mailed("request_verify", user, &user.email, token, cx).await
    }

    async fn on_after_verify(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        self.note("verify", user, "", cx).await
    }

    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken, cx: &Context) -> Result<(), HookError> {
        self.mailed("forgot_password", user, &user.email, token, cx).await
    }

    async fn on_after_reset_password(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        self.note("reset_password", user, "", cx).await
    }

    async fn on_after_change_password(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        self.note("change_password", user, "", cx).await
    }

    async fn on_after_request_email_change(
        &self,
        user: &User,
        new: &EmailAddress,
        token: &ChangeEmailToken,
        cx: &Context,
    ) -> Result<(), HookError> {
        self.mailed("request_email_change", user, new, token, cx).await
    }

    async fn on_after_change_email(&self, user: &User, old: &EmailAddress, cx: &Context) -> Result<(), HookError> {
        self.note("change_email", user, &format!(" from {old}"), cx).await
    }
}

impl<S: Store> Accounts<S> {
    /// A manager over a store, with hooks that write into the journal, and three attempts for each row.
    pub(crate) fn over(store: S, clock: &FakeClock, journal: &Journal) -> Arc<Self> {
        let probe = Probe::default();
        let engine = Engine::builder(store)
            .backend(Backend::bearer("jwt", Jwt::new()))
            .clock(clock.clone())
            .audit(probe.clone())
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .delivery_timeout(HOOK_TIMEOUT)
            .delivery_attempts(3)
            .outbox()
            .build()
            .unwrap();
        Arc::new(Self { engine, journal: journal.clone(), probe })
    }

    pub(crate) async fn registered(&self, email: &str) -> User {
        self.register(Register::new(email, GOOD), &Context::default()).await.unwrap()
    }

    pub(crate) async fn user(&self, email: &str) -> User {
        self.get_by_email(&EmailAddress::parse(email).unwrap()).await.unwrap().unwrap()
    }

    pub(crate) fn token<P: Purpose>(&self, email: &str) -> Token<P> {
        self.probe.token(email).unwrap_or_else(|| panic!("no token was mailed to {email}"))
    }

    pub(crate) fn events(&self, kind: EventKind) -> Vec<Event> {
        self.probe.events().into_iter().filter(|event| event.kind == kind).collect()
    }
}
