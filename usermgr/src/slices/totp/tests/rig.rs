//! An application with authenticator apps, a clock, and a user's app.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::super::code::{Secret, step_at};
use crate::{
    Limits,
    clock::Clock,
    engine::EngineBuilder,
    factors::Totp,
    password::{Argon2Params, Argon2id},
    prelude::*,
    session::Principal,
    testing::{Client, FakeClock, Probe, Reply},
};

pub(super) const PASSWORD: &str = "correct horse battery";
pub(super) const EMAIL: &str = "ada@example.com";

pub(super) struct Accounts {
    pub(super) engine: Engine<MemoryStore>,
    pub(super) data: SecretSet,
    pub(super) heard: std::sync::Mutex<Vec<String>>,
    /// Whether the gate of factors refuses.
    pub(super) refuses: std::sync::atomic::AtomicBool,
    /// The session that the next login ends at its gate.
    pub(super) logs_out: std::sync::Mutex<Option<Principal<MemoryStore>>>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x", data_secret = self.data.clone())]
impl Accounts {
    async fn on_before_login(&self, _: &User) -> Result<(), Rejection> {
        self.hear("gate".to_owned());
        let session = self.logs_out.lock().unwrap().take();
        if let Some(session) = session {
            self.logout(&session, &Context::default()).await.unwrap();
        }
        Ok(())
    }

    async fn on_before_add_factor(&self, _: &User, _: &FactorInfo) -> Result<(), Rejection> {
        match self.refuses.load(std::sync::atomic::Ordering::SeqCst) {
            true => Err(Rejection::new("NO_APPS").status(409)),
            false => Ok(()),
        }
    }

    async fn on_after_add_factor(&self, _: &User, factor: &FactorInfo) {
        self.hear(format!("added {}", factor.kind));
    }

    async fn on_after_remove_factor(&self, _: &User, factor: &FactorInfo) {
        self.hear(format!("removed {}", factor.kind));
    }

    async fn on_after_failed_second_factor(&self, _: &User) {
        self.hear("failed".to_owned());
    }

    async fn on_after_use_recovery_code(&self, _: &User, codes: &FactorInfo) {
        self.hear(format!("{} left", codes.codes_left.unwrap()));
    }

    async fn on_after_forgot_password(&self, _: &User, token: &ResetToken) {
        self.hear(token.expose().to_owned());
    }

    #[helper]
    fn hear(&self, what: String) {
        self.heard.lock().unwrap().push(what);
    }
}

pub(super) struct Rig {
    pub(super) accounts: Arc<Accounts>,
    pub(super) store: MemoryStore,
    pub(super) clock: FakeClock,
    pub(super) probe: Probe,
    router: ::axum::Router,
}

impl Rig {
    /// An application without limits.
    pub(super) fn new() -> Self {
        Self::with(|engine| engine.limits(Limits::dangerous_none()))
    }

    pub(super) fn with(engine: impl FnOnce(EngineBuilder<MemoryStore>) -> EngineBuilder<MemoryStore>) -> Self {
        Self::over(MemoryStore::new(), secrets("0123456789abcdef0123456789abcdef"), engine)
    }

    pub(super) fn over(
        store: MemoryStore,
        data: SecretSet,
        engine: impl FnOnce(EngineBuilder<MemoryStore>) -> EngineBuilder<MemoryStore>,
    ) -> Self {
        let (clock, probe) = (FakeClock::start(), Probe::default());
        let builder = Engine::builder(store.clone())
            .backend(Backend::bearer("bearer", Database::new()))
            .backend(Backend::bearer("other", Database::new()))
            .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap()))
            .clock(clock.clone())
            .audit(probe.clone())
            .with(Totp::new("Shop"));
        let engine = engine(builder).build().unwrap();
        let accounts = Arc::new(Accounts {
            engine,
            data,
            heard: std::sync::Mutex::default(),
            refuses: false.into(),
            logs_out: std::sync::Mutex::default(),
        });
        let router = crate::axum::router(accounts.clone()).unwrap();
        Self { accounts, store, clock, probe, router }
    }

    pub(super) fn client(&self) -> Client {
        Client::new(self.router.clone())
    }

    pub(super) fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// What was heard since the last call.
    pub(super) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.accounts.heard.lock().unwrap())
    }

    /// A user with a verified address.
    pub(super) async fn user(&self, email: &str) -> User {
        let new = NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile).password(PASSWORD).verified(true);
        self.accounts.create(new, &Context::default()).await.unwrap()
    }

    /// A user with a verified address, logged in with the password.
    pub(super) async fn logged_in(&self, email: &str) -> Client {
        self.user(email).await;
        let client = self.client();
        client.login("bearer", email, PASSWORD).await.expect(200);
        client
    }

    /// Adds an app. Returns it with the answer.
    pub(super) async fn add_app(&self, client: &Client) -> (App, Value) {
        let begun = client.post("/users/me/factors/totp", ()).await.expect(200).json;
        let app = App::of(&begun, &self.clock);
        let body = json!({ "pending_token": begun["pending_token"], "code": app.code(), "label": "phone" });
        (app, client.post("/users/me/factors/totp/confirm", body).await.expect(200).json)
    }

    /// A user with an app, logged in, after the step of the enrolment.
    pub(super) async fn with_app(&self) -> (Client, App, Vec<String>) {
        let client = self.logged_in(EMAIL).await;
        let (app, added) = self.add_app(&client).await;
        let codes = added["recovery_codes"].as_array().unwrap();
        let codes = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        self.later(30);
        self.heard();
        (client, app, codes)
    }

    /// The pending token of a login with the right password.
    pub(super) async fn pending(&self, email: &str) -> String {
        let reply = self.client().login("bearer", email, PASSWORD).await.expect(400);
        assert_eq!(reply.json["detail"]["code"], "LOGIN_SECOND_FACTOR_REQUIRED");
        reply.json["detail"]["pending_token"].as_str().unwrap().to_owned()
    }

    /// The second step.
    pub(super) async fn answer(&self, pending: &str, field: &str, answer: &str) -> Reply {
        self.answer_at("bearer", pending, field, answer).await
    }

    pub(super) async fn answer_at(&self, backend: &str, pending: &str, field: &str, answer: &str) -> Reply {
        let path = format!("/auth/{backend}/login/second-factor");
        self.client().post(&path, json!({ "pending_token": pending, field: answer })).await
    }

    /// A whole login in two steps.
    pub(super) async fn log_in(&self, app: &App) -> Client {
        let pending = self.pending(EMAIL).await;
        self.bearing(&self.answer(&pending, "code", &app.code()).await)
    }

    /// A client with the token of an answer.
    pub(super) fn bearing(&self, reply: &Reply) -> Client {
        assert_eq!(reply.status, 200, "{}", reply.json);
        self.client().with_token(reply.json["access_token"].as_str().unwrap())
    }
}

/// The data secrets, the current one first.
pub(super) fn secrets(current: &str) -> SecretSet {
    SecretSet::from(crate::Secret::new(current))
}

/// The user's authenticator app.
pub(crate) struct App {
    secret: Secret,
    clock: FakeClock,
}

impl App {
    pub(crate) fn of(begun: &Value, clock: &FakeClock) -> Self {
        let base32 = begun["secret"].as_str().unwrap();
        // The address of the picture has the same secret.
        assert!(begun["uri"].as_str().unwrap().contains(&format!("secret={base32}&issuer=Shop")));
        Self { secret: Secret::from_base32(base32), clock: clock.clone() }
    }

    /// The code of the present step.
    pub(crate) fn code(&self) -> String {
        self.code_in(0)
    }

    /// The code of a step that is so many steps away.
    pub(crate) fn code_in(&self, steps: i64) -> String {
        format!("{:06}", self.secret.code(step_at(self.clock.now()) + steps))
    }

    /// A code that fits no step.
    pub(crate) fn wrong(&self) -> String {
        let right: Vec<_> = (-3..=3).map(|steps| self.code_in(steps)).collect();
        (0..).map(|number| format!("{number:06}")).find(|code| !right.contains(code)).unwrap()
    }

    /// The secret as no row may have it.
    pub(crate) fn in_clear(&self) -> [String; 2] {
        [STANDARD.encode(self.secret.bytes()), self.secret.base32().to_string()]
    }
}
