//! The rotation of secrets while requests are under way.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use usermgr::{
    Limits,
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::FakeClock,
};

const PASSWORD: &str = "correct horse battery";

struct Accounts {
    engine: Engine<MemoryStore>,
    secrets: Mutex<SecretSet>,
    mailed: Mutex<Option<ResetToken>>,
}

#[user_manager(store = MemoryStore, secret = self.secrets.lock().unwrap().clone())]
impl Accounts {
    async fn on_after_forgot_password(&self, _: &User, token: &ResetToken) {
        *self.mailed.lock().unwrap() = Some(token.expose().to_owned().into());
    }
}

impl Accounts {
    fn new() -> Self {
        let engine = Engine::builder(MemoryStore::new())
            .backend(Backend::bearer("jwt", Jwt::new()))
            .backend(Backend::bearer("pair", Jwt::new().with_refresh(Refresh::new())))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .clock(FakeClock::start())
            // One account logs in as fast as it can.
            .limits(Limits::dangerous_none())
            .build()
            .unwrap();
        Self { engine, secrets: Mutex::new(secret(0).into()), mailed: Mutex::default() }
    }

    fn rotate(&self, current: Secret, previous: Vec<Secret>) {
        *self.secrets.lock().unwrap() = SecretSet::new(current, previous);
        self.reload_settings().unwrap();
    }

    /// The access token of a login.
    async fn token(&self, backend: &str) -> String {
        let credentials = Credentials::new("ada@example.com", PASSWORD);
        self.login(credentials, backend, &Context::default()).await.unwrap().token.expose().to_owned()
    }

    async fn opens(&self, backend: &str, token: &str) -> bool {
        self.identify(backend, token).await.unwrap().is_some()
    }
}

fn secret(number: usize) -> Secret {
    Secret::new(format!("only-for-tests-0123456789abcdef-{number}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn j5_secrets_rotate_during_a_run_without_one_request_that_fails() {
    let accounts = Arc::new(Accounts::new());
    accounts.register(Register::new("ada@example.com", PASSWORD), &Context::default()).await.unwrap();
    let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (accounts, stop, asked) = (accounts.clone(), stop.clone(), asked.clone());
            tokio::spawn(async move {
                let mut token = accounts.token("jwt").await;
                while !stop.load(Ordering::Relaxed) {
                    assert!(accounts.opens("jwt", &token).await);
                    if asked.fetch_add(1, Ordering::Relaxed) % 64 == 0 {
                        token = accounts.token("jwt").await;
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for number in 1..=20 {
        let before = asked.load(Ordering::Relaxed);
        // A token that was signed with a secret is used at least until the next but one is there.
        let previous = (0..number).rev().map(secret).collect();
        accounts.rotate(secret(number), previous);
        while asked.load(Ordering::Relaxed) < before + 100 {
            tokio::task::yield_now().await;
        }
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
}

#[tokio::test]
async fn j5_what_a_secret_signed_ends_when_it_is_taken_out() {
    let accounts = Accounts::new();
    let cx = Context::default();
    let ada = accounts.register(Register::new("ada@example.com", PASSWORD), &cx).await.unwrap();
    let (bare, pair) = (accounts.token("jwt").await, accounts.token("pair").await);
    accounts.forgot_password(&ada, &cx).await.unwrap();
    let reset = accounts.mailed.lock().unwrap().take().unwrap();

    accounts.rotate(secret(1), vec![secret(0)]);
    assert!(accounts.opens("jwt", &bare).await && accounts.opens("pair", &pair).await);
    let new = accounts.token("jwt").await;
    accounts.rotate(secret(1), Vec::new());
    assert!(!accounts.opens("jwt", &bare).await && !accounts.opens("pair", &pair).await);
    assert!(accounts.reset_password(&reset, Password::new("another long enough one"), &cx).await.is_err());
    assert!(accounts.opens("jwt", &new).await);
}

#[tokio::test]
async fn j5_settings_that_are_wrong_replace_none() {
    let accounts = Accounts::new();
    accounts.register(Register::new("ada@example.com", PASSWORD), &Context::default()).await.unwrap();
    let token = accounts.token("jwt").await;
    *accounts.secrets.lock().unwrap() = Secret::new("short").into();
    let said = accounts.reload_settings().unwrap_err().to_string();
    assert!(said.contains("32"), "{said}");
    assert!(accounts.opens("jwt", &token).await);
    accounts.check().unwrap();
}
