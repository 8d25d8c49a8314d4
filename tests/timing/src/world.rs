//! The managers that are measured: over SQLite, with Argon2id of a quarter of the default cost, a mailer that takes a millisecond, and
//! accounts of every kind. Beside each defended one stands the control, in which the defence is taken out.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use async_trait::async_trait;
use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde_json::Value;
use usermgr::{
    Limits, Password,
    engine::Answers,
    limits::Limit,
    password::{Argon2Params, Argon2id, HashError, HashPool, PasswordHasher, Verdict},
    prelude::*,
    user::PasswordHash,
};

pub(crate) const PASSWORD: &str = "correct horse battery";
/// KiB of memory, for one pass over it.
pub(crate) const MEMORY: u32 = 8 * 1024;
/// What an account had before.
pub(crate) const OLD_MEMORY: u32 = 4 * 1024;

/// The kinds of accounts, as the local parts of their addresses.
pub(crate) const KINDS: [&str; 6] = ["verified", "unverified", "inactive", "no-password", "outdated", "locked"];

pub(crate) struct Accounts {
    pub(crate) engine: Engine<SqliteStore>,
}

/// What a mail costs.
async fn mailed() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

#[user_manager(store = SqliteStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_register(&self, _user: &User) {
        mailed().await;
    }

    async fn on_after_duplicate_register(&self, _user: &User) {
        mailed().await;
    }

    async fn on_after_forgot_password(&self, _user: &User, _token: &ResetToken) {
        mailed().await;
    }

    async fn on_after_request_verify(&self, _user: &User, _token: &VerifyToken) {
        mailed().await;
    }
}

/// The hasher of every manager, on one separate thread.
pub(crate) fn argon2(memory: u32) -> Argon2id {
    static POOL: LazyLock<Arc<HashPool>> = LazyLock::new(|| Arc::new(HashPool::new(1, 64)));
    Argon2id::new(Argon2Params::dangerous(memory, 1, 1).unwrap()).on(POOL.clone())
}

/// The control of E2: where there is no hash to prove against, none is made.
struct Hasty(Argon2id);

#[async_trait]
impl PasswordHasher for Hasty {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        self.0.hash(password).await
    }

    async fn verify(&self, password: &Password, stored: Option<&PasswordHash>) -> Result<Verdict, HashError> {
        match stored {
            Some(_) => self.0.verify(password, stored).await,
            None => Ok(Verdict::Mismatch),
        }
    }
}

/// A manager and its routes.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) router: Router,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    /// As the library is.
    Defended,
    /// Without what makes times equal.
    Control,
}

impl World {
    /// Discreet, with verification required; with limits if accounts must be locked.
    pub(crate) async fn new(build: Build, limits: Limits) -> Self {
        let store: SqliteStore = SqliteStore::in_memory().await.unwrap();
        populate(&store).await;
        let engine = Engine::builder(store)
            .backend(Backend::bearer("bearer", Database::new()))
            .answers(Answers::Discreet)
            .require_verified(true)
            .limits(limits);
        let engine = match build {
            Build::Defended => engine.hasher(argon2(MEMORY)),
            Build::Control => engine.hasher(Hasty(argon2(MEMORY))),
        };
        let accounts = Arc::new(Accounts { engine: engine.build().unwrap() });
        accounts.check().unwrap();
        let router = match build {
            Build::Defended => usermgr::axum::routes::<Accounts, Arc<Accounts>>(),
            // Login is the library's own; what a mail tells of waits for it.
            Build::Control => Router::new()
                .route("/auth/register", post(register_in_line))
                .route("/auth/forgot-password", post(forgot_in_line))
                .route("/auth/request-verify-token", post(request_verify_in_line))
                .fallback_service(usermgr::axum::routes::<Accounts, Arc<Accounts>>().with_state(accounts.clone())),
        };
        let router = router.with_state(accounts.clone());
        Self { accounts, router }
    }

    /// Waits until nothing is left in the background.
    pub(crate) async fn settle(&self) {
        self.accounts.engine.settle().await;
    }
}

/// One wrong password locks an account for long.
pub(crate) fn strict() -> Limits {
    Limits::default()
        .wrong_passwords_per_account(Limit::new(1).first_delay(Duration::from_secs(3600)))
        .wrong_secrets_per_network(Limit::new(u32::MAX))
}

async fn populate(store: &SqliteStore) {
    for kind in KINDS {
        let memory = if kind == "outdated" { OLD_MEMORY } else { MEMORY };
        let engine = Engine::builder(store.clone()).backend(Backend::bearer("bearer", Database::new()));
        let accounts = Accounts { engine: engine.hasher(argon2(memory)).build().unwrap() };
        let mut new = NewUser::new(EmailAddress::parse(&format!("{kind}@example.com")).unwrap(), NoProfile);
        new.password = (kind != "no-password").then(|| PASSWORD.into());
        new.is_active = kind != "inactive";
        new.is_verified = kind != "unverified";
        accounts.create(new, &Context::system("timing")).await.unwrap();
    }
}

fn address(body: &Value) -> EmailAddress {
    EmailAddress::parse(body["email"].as_str().unwrap()).unwrap()
}

/// The control of E3, as other libraries do it: looked up first, and hashed only where the address is free.
async fn register_in_line(State(accounts): State<Arc<Accounts>>, Json(body): Json<Value>) -> StatusCode {
    if accounts.get_by_email(&address(&body)).await.unwrap().is_none() {
        let register = Register::new(body["email"].as_str().unwrap(), PASSWORD);
        accounts.register(register, &Context::default()).await.unwrap();
    }
    StatusCode::ACCEPTED
}

/// The controls of E4: the mail is waited for, if one is sent.
async fn forgot_in_line(State(accounts): State<Arc<Accounts>>, Json(body): Json<Value>) -> StatusCode {
    if let Some(user) = accounts.get_by_email(&address(&body)).await.unwrap() {
        let _ = accounts.forgot_password(&user, &Context::default()).await;
    }
    StatusCode::ACCEPTED
}

async fn request_verify_in_line(State(accounts): State<Arc<Accounts>>, Json(body): Json<Value>) -> StatusCode {
    if let Some(user) = accounts.get_by_email(&address(&body)).await.unwrap() {
        let _ = accounts.request_verify(&user, &Context::default()).await;
    }
    StatusCode::ACCEPTED
}
