//! The manager of the rig: every hook is recorded, and some addresses make a hook misbehave.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::sync::Semaphore;
use usermgr::{
    Limits,
    http::PrincipalCache,
    oauth::OAuth,
    password::{Argon2Params, Argon2id, PasswordHasher},
    prelude::*,
    session::SameSite,
    testing::{Calls, Counted, FakeProvider, Probe},
    token::{KeySet, SigningKey},
    user::{EmailRules, NewRecord, Stamp},
};
use usermgr_tests::{PASSWORD, SECRET};

use super::{Options, RigStore};

/// An account whose hash was made with other parameters.
pub(crate) const OUTDATED: &str = "outdated@example.com";

/// What hooks were called with, and what they share with rows. Clones share it.
#[derive(Clone)]
pub(crate) struct Journal {
    calls: Arc<Mutex<Vec<Call>>>,
    /// What the hasher was asked to do.
    pub(super) hasher: Calls,
    /// What `on_after_forgot_password` waits for when the address begins with `slow`.
    pub(crate) gate: Arc<Semaphore>,
}

impl Default for Journal {
    fn default() -> Self {
        Self { calls: Arc::default(), hasher: Calls::default(), gate: Arc::new(Semaphore::new(0)) }
    }
}

struct Call {
    hook: &'static str,
    email: String,
    token: Option<String>,
    /// Whether the hook was given the request.
    request: bool,
}

impl Journal {
    /// The hooks called for an address, in their order.
    pub(crate) fn hooks(&self, email: &str) -> Vec<&'static str> {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter(|call| call.email == email).map(|call| call.hook).collect()
    }

    /// How often a hook was called for an address. Each time it must have been given the request.
    pub(crate) fn count(&self, hook: &str, email: &str) -> usize {
        let calls = self.calls.lock().unwrap();
        let calls: Vec<_> = calls.iter().filter(|call| call.hook == hook && call.email == email).collect();
        assert!(calls.iter().all(|call| call.request), "{hook} was not given the request");
        calls.len()
    }

    /// The last token that a hook was given for an address.
    pub(crate) fn token(&self, hook: &str, email: &str) -> Option<String> {
        let calls = self.calls.lock().unwrap();
        let mut calls = calls.iter().rev().filter(|call| call.hook == hook && call.email == email);
        calls.find_map(|call| call.token.clone())
    }

    fn note(&self, hook: &'static str, email: &EmailAddress, token: Option<&str>, cx: &Context) {
        let request = cx.extensions.get::<axum::http::request::Parts>().is_some();
        let call = Call { hook, email: email.to_string(), token: token.map(str::to_owned), request };
        self.calls.lock().unwrap().push(call);
    }
}

/// A key of an algorithm that others could check with its public half.
macro_rules! key_pair {
    ($algorithm:ident: $pem:literal) => {
        pub(crate) fn $algorithm() -> KeySet {
            let pem = include_bytes!(concat!("../../../usermgr/src/token/key_set/test-keys/", $pem, ".pem"));
            KeySet::new(SigningKey::$algorithm(stringify!($algorithm), pem))
        }
    };
}

key_pair!(es256: "es256");
key_pair!(rs256: "rsa2048");

pub(super) struct Accounts<S> {
    engine: Engine<S>,
    journal: Journal,
}

impl<S: RigStore> Accounts<S> {
    pub(super) async fn new(
        store: S,
        journal: Journal,
        events: Probe,
        provider: FakeProvider,
        options: Options,
    ) -> Self {
        insert_outdated(&store).await;
        let cookie = |name: &'static str| CookieOptions::default().name(name);
        let engine = Engine::builder(store)
            .backend(Backend::bearer("jwt", Jwt::new()))
            .backend(Backend::bearer("database", Database::new()))
            .backend(Backend::bearer("es256", Jwt::new().keys(es256())))
            .backend(Backend::bearer("rs256", Jwt::new().keys(rs256())))
            .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
            .backend(Backend::cookie("path", cookie("path").path("/app"), Jwt::new()))
            .backend(Backend::cookie("domain", cookie("domain").domain("example.com"), Jwt::new()))
            .backend(Backend::cookie("insecure", cookie("__Host-insecure").dangerous_insecure(), Jwt::new()))
            .backend(Backend::cookie("script", cookie("script").dangerous_script_access(), Jwt::new()))
            .backend(Backend::cookie(
                "aged",
                CookieOptions::fastapi_users().max_age(Duration::from_secs(3600)).same_site(SameSite::Strict),
                Database::new(),
            ))
            .hasher(Counted::new(cheap(64), journal.hasher.clone()))
            .email_rules(EmailRules::new().international(true))
            .audit(events)
            .limits(Limits::dangerous_none())
            .require_verified(options.require_verified)
            .with(oauth(&provider));
        let engine = match options.clock {
            Some(clock) => engine.clock(clock),
            None => engine,
        };
        let engine = if options.cache { engine.cache(PrincipalCache::default()) } else { engine };
        let accounts = Self { engine: engine.build().unwrap(), journal };
        accounts.check().unwrap();
        accounts
    }

    pub(super) async fn settle(&self) {
        self.engine.settle().await;
    }
}

fn oauth(provider: &FakeProvider) -> OAuth {
    let fixed = provider.provider("fixed").redirect_uri("https://app.example/back");
    OAuth::at("https://shop.example")
        .provider(provider.provider("corp"))
        .provider(fixed.associate_redirect_uri("https://app.example/linked"))
        .provider(provider.provider("linking").link_by_email().trust_email())
        .provider(provider.provider("verifying").dangerous_verified_by_default())
        .client(provider.clone())
}

fn cheap(memory: u32) -> Argon2id {
    Argon2id::new(Argon2Params::dangerous(memory, 1, 1).unwrap())
}

async fn insert_outdated<S: RigStore>(store: &S) {
    let (email, stamp) = (EmailAddress::parse(OUTDATED).unwrap(), Stamp::from_bytes([7; 16]));
    let mut record = NewRecord::new(email, jiff::Timestamp::UNIX_EPOCH, NoProfile, stamp);
    record.is_verified = true;
    record.password_hash = Some(cheap(128).hash(&Password::new(PASSWORD)).await.unwrap());
    let mut tx = store.begin().await.unwrap();
    store.insert(&mut tx, &record).await.unwrap();
    store.commit(tx).await.unwrap();
}

#[user_manager(store = S, secret = SECRET)]
impl<S: RigStore> Accounts<S> {
    /// The policy of FastAPI Users' own tests.
    async fn validate_password(&self, password: &Password, _: &PasswordSubject<'_>) -> Result<(), InvalidPassword> {
        if password.expose().chars().count() < 3 {
            return Err(InvalidPassword::new("Password should be at least 3 characters"));
        }
        Ok(())
    }

    async fn on_before_delete(&self, user: &User, cx: &Context) -> Result<(), Rejection> {
        self.journal.note("on_before_delete", &user.email, None, cx);
        Ok(())
    }

    async fn on_after_register(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        self.journal.note("on_after_register", &user.email, None, cx);
        if user.email.as_str().starts_with("fails") { Err(HookError::new("as the row wants")) } else { Ok(()) }
    }

    async fn on_after_login(&self, user: &User, login: &mut Login, cx: &Context) {
        self.journal.note("on_after_login", &user.email, None, cx);
        login.header("x-greeting", "hello");
    }

    async fn on_after_logout(&self, user: &User, _: &SessionInfo, cx: &Context) {
        self.journal.note("on_after_logout", &user.email, None, cx);
    }

    async fn on_after_request_verify(&self, user: &User, token: &VerifyToken, cx: &Context) {
        self.journal.note("on_after_request_verify", &user.email, Some(token.expose()), cx);
    }

    async fn on_after_verify(&self, user: &User, cx: &Context) {
        self.journal.note("on_after_verify", &user.email, None, cx);
    }

    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken, cx: &Context) {
        if user.email.as_str().starts_with("slow") {
            self.journal.gate.acquire().await.unwrap().forget();
        }
        self.journal.note("on_after_forgot_password", &user.email, Some(token.expose()), cx);
    }

    async fn on_after_reset_password(&self, user: &User, cx: &Context) {
        self.journal.note("on_after_reset_password", &user.email, None, cx);
    }

    async fn on_after_rehash_password(&self, user: &User, cx: &Context) {
        self.journal.note("on_after_rehash_password", &user.email, None, cx);
    }

    async fn on_after_update(&self, user: &User, _: &Changes, cx: &Context) {
        self.journal.note("on_after_update", &user.email, None, cx);
    }

    async fn on_after_delete(&self, user: &User, cx: &Context) {
        self.journal.note("on_after_delete", &user.email, None, cx);
    }
}
