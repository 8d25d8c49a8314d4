//! An application with passkeys, and users with phones.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    engine::EngineBuilder,
    passkeys::{PasskeyVerifier, Passkeys, WebauthnRs},
    password::{Argon2Params, Argon2id},
    prelude::*,
    store::FactorInfo,
    testing::{Calls, Client, Counted, FakeAuthenticator, FakeClock, Faults, Faulty, Probe, Reply},
};

pub(super) const ORIGIN: &str = "https://shop.example";
pub(super) const PASSWORD: &str = "correct horse battery";

/// A store whose calls are counted, and fail on request.
pub(super) type Store = Counted<Faulty<MemoryStore>>;

pub(super) struct Accounts {
    pub(super) engine: Engine<Store>,
    /// The labels of passkeys that may have been copied.
    pub(super) suspected: Mutex<Vec<Option<String>>>,
    /// Whether the application refuses factors.
    pub(super) refuses: AtomicBool,
    probe: Probe,
}

#[user_manager(store = Store, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_before_commit(&self, change: &UserChange<'_>, _: &mut Tx<Store>) -> Result<(), Rejection> {
        match change {
            UserChange::FactorAdded(user) if self.refuses.load(Ordering::SeqCst) => {
                Err(Rejection::new("NO_PASSKEYS").reason(user.email.to_string()).status(409))
            }
            _ => Ok(()),
        }
    }

    async fn on_after_invite(&self, user: &User, token: &InvitationToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_after_suspicious_passkey(&self, _: &User, passkey: &FactorInfo) {
        self.suspected.lock().unwrap().push(passkey.label.clone());
    }
}

pub(super) struct Rig {
    pub(super) accounts: Arc<Accounts>,
    pub(super) clock: FakeClock,
    pub(super) probe: Probe,
    pub(super) calls: Calls,
    pub(super) faults: Faults,
    router: ::axum::Router,
}

pub(super) fn verifier() -> WebauthnRs {
    WebauthnRs::new("shop.example", [ORIGIN]).unwrap()
}

impl Rig {
    pub(super) fn new() -> Self {
        Self::with(verifier(), |engine| engine)
    }

    /// An application with this verifier, whose engine is changed.
    pub(super) fn with(
        verifier: impl PasskeyVerifier,
        change: impl FnOnce(EngineBuilder<Store>) -> EngineBuilder<Store>,
    ) -> Self {
        let (clock, probe, calls, faults) = (FakeClock::start(), Probe::default(), Calls::default(), Faults::default());
        let store = Counted::new(Faulty::new(MemoryStore::new(), faults.clone()), calls.clone());
        let builder = Engine::builder(store)
            .backend(Backend::bearer("bearer", Database::new()))
            .backend(Backend::bearer("other", Database::new()))
            .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap()))
            .clock(clock.clone())
            .audit(probe.clone())
            .with(Passkeys::new(verifier));
        let accounts = Arc::new(Accounts {
            engine: change(builder).build().unwrap(),
            suspected: Mutex::default(),
            refuses: false.into(),
            probe: probe.clone(),
        });
        let router = crate::axum::router(accounts.clone()).unwrap();
        Self { accounts, clock, probe, calls, faults, router }
    }

    /// A browser that is not logged in.
    pub(super) fn browser(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// A user with a verified address, logged in.
    pub(super) async fn user(&self, email: &str) -> Client {
        let new = NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile).password(PASSWORD).verified(true);
        self.accounts.create(new, &Context::default()).await.unwrap();
        self.login(email).await
    }

    /// Another session of a user without a factor.
    pub(super) async fn login(&self, email: &str) -> Client {
        let browser = self.browser();
        browser.login("bearer", email, PASSWORD).await.expect(200);
        browser
    }

    /// Ada with a passkey on a phone.
    pub(super) async fn ada(&self) -> (Client, FakeAuthenticator) {
        let (ada, mut phone) = (self.user("ada@example.com").await, phone());
        add(&ada, &mut phone).await.expect(200);
        (ada, phone)
    }

    /// Begins a login with a passkey, and returns what the phone answers.
    pub(super) async fn answer(&self, phone: &mut FakeAuthenticator) -> Value {
        let begun = self.browser().post("/auth/bearer/login/passkey-options", ()).await.expect(200);
        answered(&begun, phone.get(&begun.json["options"]))
    }

    /// Logs in with a passkey.
    pub(super) async fn log_in(&self, phone: &mut FakeAuthenticator) -> Reply {
        let answer = self.answer(phone).await;
        self.browser().post("/auth/bearer/login/passkey", answer).await
    }

    /// The browser of a reply to a login.
    pub(super) fn logged_in(&self, reply: &Reply) -> Client {
        self.browser().with_token(reply.json["access_token"].as_str().unwrap())
    }

    pub(super) fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

pub(super) fn phone() -> FakeAuthenticator {
    FakeAuthenticator::new(ORIGIN)
}

/// The body of an answer to a challenge.
pub(super) fn answered(begun: &Reply, credential: Option<Value>) -> Value {
    json!({ "pending_token": begun.json["pending_token"], "credential": credential.expect("the phone has a passkey") })
}

/// Begins adding a passkey, and returns what the phone answers.
pub(super) async fn begin(browser: &Client, phone: &mut FakeAuthenticator) -> Value {
    let begun = browser.post("/users/me/factors/passkeys", ()).await.expect(200);
    answered(&begun, phone.create(&begun.json["options"]))
}

/// Adds a passkey.
pub(super) async fn add(browser: &Client, phone: &mut FakeAuthenticator) -> Reply {
    let answer = begin(browser, phone).await;
    browser.post("/users/me/factors/passkeys/confirm", answer).await
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
