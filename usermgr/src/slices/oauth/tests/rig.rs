//! An application with a fake provider, and a browser.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::{
    engine::EngineBuilder,
    oauth::{OAuth, OAuthClaims, Provider},
    password::{Argon2Params, Argon2id},
    prelude::*,
    store::Identity,
    testing::{Client, FakeClock, FakeProvider, Reply},
};

pub(super) const PASSWORD: &str = "correct horse battery";

pub(super) struct Accounts {
    pub(super) engine: Engine<MemoryStore>,
    /// The hooks that were called.
    pub(super) heard: std::sync::Mutex<Vec<String>>,
    /// Whether the gate of links refuses.
    pub(super) refuses_links: bool,
    /// Whether an administrator locks the user out while the login goes on.
    pub(super) locks_out: std::sync::atomic::AtomicBool,
    /// What the provider said last.
    pub(super) claims: std::sync::Mutex<Option<OAuthClaims>>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_before_link(&self, _: &User, _: &OAuthClaims) -> Result<(), Rejection> {
        if self.refuses_links { Err(Rejection::new("NO_LINKS").status(409)) } else { Ok(()) }
    }

    async fn on_before_login(&self, user: &User) -> Result<(), Rejection> {
        if self.locks_out.load(std::sync::atomic::Ordering::SeqCst) {
            self.set_active(&Admin::system("test"), &user.id, false, &Context::default()).await.unwrap();
        }
        Ok(())
    }

    async fn on_after_register(&self, user: &User) {
        self.hear(format!("registered {}", user.email));
    }

    async fn on_after_oauth_register(&self, _: &User, claims: &OAuthClaims) {
        self.hear(format!("came from {}", claims.provider));
    }

    async fn on_after_login(&self, _: &User, login: &mut Login) {
        self.claims.lock().unwrap().clone_from(&login.oauth);
        let subject = login.oauth.as_ref().map(|claims| claims.subject.clone());
        self.hear(format!("logged in {}", subject.unwrap_or_default()));
    }

    async fn on_after_link(&self, _: &User, identity: &Identity) {
        self.hear(format!("linked {}", identity.subject));
    }

    async fn on_after_unlink(&self, _: &User, identity: &Identity) {
        self.hear(format!("unlinked {}", identity.subject));
    }

    async fn on_after_forgot_password(&self, _: &User, token: &ResetToken) {
        self.hear(token.expose().to_owned());
    }

    async fn on_after_invite(&self, _: &User, token: &InvitationToken) {
        self.hear(token.expose().to_owned());
    }

    async fn on_after_accept_invitation(&self, user: &User) {
        self.hear(format!("accepted {}", user.email));
    }

    async fn on_after_request_verify(&self, _: &User, token: &VerifyToken) {
        self.hear(token.expose().to_owned());
    }

    async fn on_after_request_email_change(&self, _: &User, _: &EmailAddress, token: &ChangeEmailToken) {
        self.hear(token.expose().to_owned());
    }

    #[helper]
    fn hear(&self, what: String) {
        self.heard.lock().unwrap().push(what);
    }
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

pub(super) struct Rig {
    pub(super) accounts: Arc<Accounts>,
    pub(super) corp: FakeProvider,
    pub(super) clock: FakeClock,
    pub(super) router: ::axum::Router,
}

impl Rig {
    pub(super) fn new() -> Self {
        Self::with(|provider| provider, |engine| engine)
    }

    /// An application whose provider and engine are changed.
    pub(super) fn with(
        change: impl FnOnce(Provider) -> Provider,
        engine: impl FnOnce(EngineBuilder<MemoryStore>) -> EngineBuilder<MemoryStore>,
    ) -> Self {
        Self::of(MemoryStore::new(), "https://shop.example", false, change, engine)
    }

    /// An application whose provider and part are changed.
    pub(super) fn with_oauth(provider: impl FnOnce(Provider) -> Provider, part: impl FnOnce(OAuth) -> OAuth) -> Self {
        Self::made(MemoryStore::new(), "https://shop.example", false, provider, part, |engine| engine)
    }

    pub(super) fn of(
        store: MemoryStore,
        origin: &str,
        refuses_links: bool,
        change: impl FnOnce(Provider) -> Provider,
        engine: impl FnOnce(EngineBuilder<MemoryStore>) -> EngineBuilder<MemoryStore>,
    ) -> Self {
        Self::made(store, origin, refuses_links, change, |oauth| oauth, engine)
    }

    fn made(
        store: MemoryStore,
        origin: &str,
        refuses_links: bool,
        change: impl FnOnce(Provider) -> Provider,
        oauth: impl FnOnce(OAuth) -> OAuth,
        engine: impl FnOnce(EngineBuilder<MemoryStore>) -> EngineBuilder<MemoryStore>,
    ) -> Self {
        let clock = FakeClock::start();
        let corp = FakeProvider::with_clock("https://id.corp.example", clock.clone());
        corp.person("ada", json!({ "email": "ada@example.com", "email_verified": true }));
        corp.person("eve", json!({ "email": "eve@example.com", "email_verified": true }));
        corp.person("addressless", json!({}));
        let part = OAuth::at(origin)
            .provider(change(corp.provider("corp")))
            .provider(corp.oauth2("forge"))
            .return_to("https://app.shop.example")
            .client(corp.clone());
        let hasher = Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap());
        let builder = Engine::builder(store)
            .backend(Backend::bearer("bearer", Database::new()))
            .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
            .hasher(hasher)
            .clock(clock.clone())
            .with(oauth(part));
        let engine = engine(builder).build().unwrap();
        let accounts = Arc::new(Accounts {
            engine,
            heard: std::sync::Mutex::default(),
            refuses_links,
            locks_out: false.into(),
            claims: std::sync::Mutex::default(),
        });
        let router = crate::axum::router(accounts.clone()).unwrap();
        Self { accounts, corp, clock, router }
    }

    /// A browser that is not logged in.
    pub(super) fn browser(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// The path of the callback after a sign-in was begun and a user has agreed.
    pub(super) async fn callback(&self, browser: &Client, provider: &str, subject: &str) -> String {
        let begun = browser.get(&format!("/auth/{provider}/authorize")).await.expect(200);
        self.corp.consent(begun.json["authorization_url"].as_str().unwrap(), subject)
    }

    /// A whole sign-in, over bearer tokens.
    pub(super) async fn sign_in(&self, browser: &Client, provider: &str, subject: &str) -> Reply {
        let callback = self.callback(browser, provider, subject).await;
        browser.callback(&callback).await
    }

    /// A user with a password, logged in.
    pub(super) async fn registered(&self, email: &str) -> Client {
        let browser = self.browser();
        browser.register(email, PASSWORD).await.expect(201);
        browser.login("bearer", email, PASSWORD).await.expect(200);
        browser
    }

    /// The path of the callback after a link was begun.
    pub(super) async fn link_callback(&self, browser: &Client, subject: &str) -> String {
        let begun = browser.get("/auth/associate/corp/authorize").await.expect(200);
        self.corp.consent(begun.json["authorization_url"].as_str().unwrap(), subject)
    }

    pub(super) async fn identities(&self, browser: &Client) -> Vec<Value> {
        browser.get("/users/me/identities").await.expect(200).json.as_array().unwrap().clone()
    }

    /// The user with this address.
    pub(super) async fn ada(&self) -> User {
        let email = EmailAddress::parse("ada@example.com").unwrap();
        self.accounts.get_by_email(&email).await.unwrap().unwrap()
    }

    /// What was heard since the last call.
    pub(super) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.accounts.heard.lock().unwrap())
    }

    pub(super) fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}
