//! The engine's messenger: a manager without hooks tells its users everything through it, and a hook that is written replaces its message.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use usermgr::{
    Limits, UserManager,
    audit::EventKind,
    engine::{DeliveryAttempt, EngineBuilder},
    error::HookFuture,
    mail::{Message, Messenger},
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{FakeClock, Probe},
};

use crate::world::{ADA, GOOD, NEW};

/// Records each message, keeps the tokens, and behaves as it is set to.
#[derive(Clone, Default)]
struct Notes {
    lines: Arc<Mutex<Vec<String>>>,
    tokens: Arc<Mutex<Vec<String>>>,
    behaviour: Arc<Mutex<Behaviour>>,
}

#[derive(Clone, Copy, Default)]
enum Behaviour {
    #[default]
    Send,
    Slowly(Duration),
    Fail,
    Refuse,
    Panic,
}

impl Notes {
    fn take(&self) -> Vec<String> {
        self.lines.lock().unwrap().drain(..).collect()
    }

    fn token(&self) -> String {
        self.tokens.lock().unwrap().pop().unwrap()
    }

    fn set(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    fn note(&self, line: String) {
        self.lines.lock().unwrap().push(line);
    }
}

impl<S: UserStore> Messenger<S> for Notes {
    fn send<'a>(&'a self, message: Message<'a, S>, cx: &'a Context) -> HookFuture<'a, HookError> {
        let token = match &message {
            Message::Verify { token, .. } => Some(token.expose()),
            Message::Reset { token, .. } => Some(token.expose()),
            Message::ChangeEmail { token, .. } => Some(token.expose()),
            _ => None,
        };
        self.tokens.lock().unwrap().extend(token.map(str::to_owned));
        let is_from_the_outbox = cx.extensions.get::<DeliveryAttempt>().is_some();
        let languages = cx.languages.as_deref().unwrap_or("no language");
        let line = format!("{} to {}, {languages}, {is_from_the_outbox}", message.name(), message.recipient());
        let behaviour = *self.behaviour.lock().unwrap();
        if let Behaviour::Panic = behaviour {
            panic!("as the test wants");
        }
        Box::pin(async move {
            match behaviour {
                Behaviour::Slowly(pause) => tokio::time::sleep(pause).await,
                Behaviour::Fail => return Err("the mail server is away".into()),
                Behaviour::Refuse => return Err(HookError::permanent("550 no such user")),
                Behaviour::Send | Behaviour::Panic => {}
            }
            self.note(line);
            Ok(())
        })
    }
}

/// A manager without a hook.
struct Plain {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Plain {}

/// A manager with its own hooks: one instead of a message, one that adds to it, one instead of the request for a verification.
struct Own {
    engine: Engine<MemoryStore>,
    notes: Notes,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Own {
    async fn on_after_register(&self, user: &User) {
        self.notes.note(format!("a hook for {}", user.email));
    }

    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) {
        self.notes.tokens.lock().unwrap().push(token.expose().to_owned());
        self.notes.note(format!("a hook's reset to {}", user.email));
    }

    async fn on_after_reset_password(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        self.notes.note(format!("before a message to {}", user.email));
        self.engine.send(Message::PasswordChanged { user }, cx).await
    }
}

fn builder(clock: &FakeClock, probe: &Probe) -> EngineBuilder<MemoryStore> {
    Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("jwt", Jwt::new()))
        .clock(clock.clone())
        .audit(probe.clone())
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
}

fn german() -> Context {
    Context::system("a test").languages("de, en;q=0.5")
}

/// Does everything that users are notified of. The notifications are recorded in order.
async fn tour<M: UserManager<Store = MemoryStore>>(accounts: &M, notes: &Notes, has_messages: bool) -> Vec<String> {
    let (cx, engine) = (german(), accounts.engine_ref());
    let deliver = async || {
        while accounts.deliver_due().await.unwrap() > 0 {}
        engine.settle().await;
    };
    let ada = accounts.register(Register::new(ADA, GOOD), &cx).await.unwrap();
    deliver().await;
    accounts.register(Register::new(ADA, GOOD), &cx).await.unwrap_err();
    deliver().await;
    accounts.forgot_password(&ada, &cx).await.unwrap();
    deliver().await;
    if has_messages {
        let ada = accounts.reset_password(&notes.token().into(), NEW.into(), &cx).await.unwrap();
        deliver().await;
        accounts.change_password(&ada, NEW.into(), GOOD.into(), &cx).await.unwrap();
        deliver().await;
        let new = EmailAddress::parse("countess@example.com").unwrap();
        accounts.request_email_change(&ada, &new, &cx).await.unwrap();
        deliver().await;
        accounts.confirm_email_change(&notes.token().into(), &cx).await.unwrap();
        deliver().await;
    }
    notes.take()
}

/// All that a manager without a hook tells, sent while the outbox is delivered or not.
fn everything(durable: bool) -> Vec<String> {
    let lines = [
        "verify to ada@example.com",
        "already_registered to ada@example.com",
        "reset to ada@example.com",
        "password_changed to ada@example.com",
        "password_changed to ada@example.com",
        "change_email to countess@example.com",
        "email_changed to ada@example.com",
    ];
    lines.map(|line| format!("{line}, de, en;q=0.5, {durable}")).into()
}

#[tokio::test]
async fn a_manager_without_hooks_sends_everything_from_the_outbox_in_the_readers_language() {
    let (notes, clock, probe) = (Notes::default(), FakeClock::start(), Probe::default());
    let engine = builder(&clock, &probe).outbox().messenger(notes.clone()).build().unwrap();
    assert_eq!(tour(&Plain { engine }, &notes, true).await, everything(true));
    assert_eq!(probe.count(EventKind::HookFailed), 0);
    for requested in [EventKind::VerificationRequested, EventKind::ResetRequested, EventKind::EmailChangeRequested] {
        assert_eq!(probe.count(requested), 1, "{requested}");
    }
}

#[tokio::test]
async fn a_manager_without_hooks_sends_everything_without_an_outbox_too() {
    let (notes, clock, probe) = (Notes::default(), FakeClock::start(), Probe::default());
    let engine = builder(&clock, &probe).messenger(notes.clone()).build().unwrap();
    assert_eq!(tour(&Plain { engine }, &notes, true).await, everything(false));
}

#[tokio::test]
async fn without_a_messenger_nothing_is_sent_and_no_verification_is_asked_for() {
    for durable in [true, false] {
        let (notes, clock, probe) = (Notes::default(), FakeClock::start(), Probe::default());
        let engine = builder(&clock, &probe);
        let engine = if durable { engine.outbox().build().unwrap() } else { engine.build().unwrap() };
        assert_eq!(tour(&Plain { engine }, &notes, false).await, Vec::<String>::new());
        assert_eq!(probe.count(EventKind::VerificationRequested), 0);
        assert_eq!(probe.count(EventKind::HookFailed), 0);
    }
}

#[tokio::test]
async fn a_hook_that_is_written_replaces_its_message_or_adds_to_it() {
    for durable in [true, false] {
        let (notes, clock, probe) = (Notes::default(), FakeClock::start(), Probe::default());
        let engine = builder(&clock, &probe).messenger(notes.clone());
        let engine = if durable { engine.outbox().build().unwrap() } else { engine.build().unwrap() };
        let accounts = Own { engine, notes: notes.clone() };
        let mut expected = everything(durable);
        expected[0] = "a hook for ada@example.com".to_owned();
        expected[2] = "a hook's reset to ada@example.com".to_owned();
        expected.insert(3, "before a message to ada@example.com".to_owned());
        assert_eq!(tour(&accounts, &notes, true).await, expected);
        assert_eq!(probe.count(EventKind::VerificationRequested), 0, "the hook asked for none");
    }
}

#[tokio::test]
async fn who_is_verified_or_not_active_is_not_asked_to_verify() {
    let (notes, clock, probe) = (Notes::default(), FakeClock::start(), Probe::default());
    let accounts = Plain { engine: builder(&clock, &probe).outbox().messenger(notes.clone()).build().unwrap() };
    for (name, is_active, is_verified) in [("verified", true, true), ("inactive", false, false)] {
        let email = EmailAddress::parse(&format!("{name}@example.com")).unwrap();
        let new = NewUser::new(email, NoProfile).active(is_active).verified(is_verified);
        accounts.create(new, &Context::system("test")).await.unwrap();
    }
    accounts.deliver_due().await.unwrap();
    assert_eq!(notes.take(), Vec::<String>::new());
    assert_eq!(probe.count(EventKind::HookFailed), 0);
}

#[tokio::test(start_paused = true)]
async fn no_answer_waits_for_a_messenger_and_settle_does() {
    let (notes, clock, probe) = (Notes::default(), FakeClock::start(), Probe::default());
    let accounts = Plain { engine: builder(&clock, &probe).messenger(notes.clone()).build().unwrap() };
    notes.set(Behaviour::Slowly(Duration::from_secs(5)));
    let begun = tokio::time::Instant::now();
    accounts.register(Register::new(ADA, GOOD), &german()).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(notes.take().len(), 0);
    accounts.engine.settle().await;
    assert_eq!(notes.take().len(), 1);
    // A messenger that hangs is stopped, and one that fails or panics is reported.
    for behaviour in [Behaviour::Slowly(Duration::from_secs(3600)), Behaviour::Fail, Behaviour::Panic] {
        notes.set(behaviour);
        accounts.register(Register::new(ADA, GOOD), &german()).await.unwrap_err();
        accounts.engine.settle().await;
    }
    let reported: Vec<_> = probe.events().into_iter().filter(|event| event.kind == EventKind::HookFailed).collect();
    let reported: Vec<_> = reported.iter().map(|event| event.detail.as_deref().unwrap()).collect();
    assert_eq!(
        reported,
        [
            "messenger, already_registered, took too long",
            "messenger, already_registered: the mail server is away",
            "messenger, already_registered, panicked"
        ]
    );
}

#[tokio::test]
async fn more_messages_than_may_wait_are_refused_and_reported() {
    let (notes, clock, probe) = (Notes::default(), FakeClock::start(), Probe::default());
    let engine = builder(&clock, &probe).background_limit(2).messenger(notes.clone()).build().unwrap();
    let accounts = Plain { engine };
    notes.set(Behaviour::Slowly(Duration::from_millis(100)));
    for number in 0..3 {
        let email = format!("user{number}@example.com");
        accounts.register(Register::new(email, GOOD), &german()).await.unwrap();
    }
    accounts.engine.settle().await;
    assert_eq!(notes.take().len(), 2);
    assert_eq!(probe.count(EventKind::HookFailed), 1);
}

#[tokio::test]
async fn a_messenger_that_fails_is_asked_again_and_one_that_refuses_is_not() {
    let (notes, clock, probe) = (Notes::default(), FakeClock::start(), Probe::default());
    let accounts = Plain { engine: builder(&clock, &probe).outbox().messenger(notes.clone()).build().unwrap() };
    let cx = german();
    let ada = accounts.register(Register::new(ADA, GOOD), &cx).await.unwrap();
    accounts.deliver_due().await.unwrap();
    notes.take();
    for behaviour in [Behaviour::Fail, Behaviour::Panic] {
        notes.set(behaviour);
        accounts.forgot_password(&ada, &cx).await.unwrap();
        assert_eq!(accounts.deliver_due().await.unwrap(), 0);
        notes.set(Behaviour::Send);
        clock.advance(Duration::from_secs(10));
        assert_eq!(accounts.deliver_due().await.unwrap(), 1);
        assert_eq!(notes.take(), ["reset to ada@example.com, de, en;q=0.5, true"]);
    }
    assert_eq!(probe.count(EventKind::ResetRequested), 2, "once for each request, and not for each attempt");
    notes.set(Behaviour::Refuse);
    accounts.forgot_password(&ada, &cx).await.unwrap();
    accounts.deliver_due().await.unwrap();
    let failed: Vec<_> = probe.events().into_iter().filter(|event| event.kind == EventKind::DeliveryFailed).collect();
    let detail = "forgot_password: on_after_forgot_password: 550 no such user";
    assert_eq!(failed.iter().map(|event| event.detail.as_deref()).collect::<Vec<_>>(), [Some(detail)]);
    notes.set(Behaviour::Send);
    clock.advance(Duration::from_secs(3600));
    assert_eq!(accounts.deliver_due().await.unwrap(), 0, "it is given up");
}

#[tokio::test]
async fn a_lock_of_the_login_is_notified_if_enabled_and_only_to_accounts() {
    for wanted in [false, true] {
        let (notes, clock, probe) = (Notes::default(), FakeClock::start(), Probe::default());
        let engine =
            builder(&clock, &probe).messenger(notes.clone()).lockout_messages(wanted).limits(Limits::default());
        let accounts = Plain { engine: engine.build().unwrap() };
        accounts.register(Register::new(ADA, GOOD), &german()).await.unwrap();
        accounts.engine.settle().await;
        notes.take();
        for email in [ADA, "nobody@example.com"] {
            for _ in 0..40 {
                let _ = accounts.login(Credentials::new(email, NEW), "jwt", &Context::default()).await;
            }
        }
        accounts.engine.settle().await;
        assert!(probe.count(EventKind::LockedOut) >= 2);
        let reported = notes.take();
        assert_eq!(reported.is_empty(), !wanted, "{reported:?}");
        assert!(reported.iter().all(|line| line.starts_with("locked_out to ada@example.com")), "{reported:?}");
    }
}
