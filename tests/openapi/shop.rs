//! A manager with a profile, a gate before everything and a memory for the tokens it should mail; and its document.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use usermgr::{
    EmailAddress, Limits,
    http::Routes,
    limits::Limit,
    openapi,
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::FakeClock,
};
use usermgr_tests::Folder;
use utoipa::ToSchema;

/// Whose address begins so is refused by every gate.
pub(crate) const FROZEN: &str = "frozen";
/// How often something may fail or be asked for from one address.
pub(crate) const FREE: u32 = 60;
/// The gates' own code.
pub(crate) const GATE: &str = "NOT_YOU";

#[derive(Clone, Debug, Serialize, Deserialize, Profile, ToSchema)]
pub(crate) struct Customer {
    pub(crate) name: String,
    pub(crate) nickname: Option<String>,
    pub(crate) level: Level,
    #[profile(server)]
    pub(crate) credits: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Plain,
    Gold,
}

pub(crate) struct Shop {
    pub(crate) engine: Engine<SqliteStore<Customer>>,
    tokens: Mutex<HashMap<&'static str, String>>,
}

impl Shop {
    pub(crate) async fn open(folder: &Folder, clock: &FakeClock) -> Self {
        let delay = Duration::from_secs(3600);
        let limit = Limit::new(FREE).first_delay(delay).longest_delay(delay);
        let engine = Engine::builder(SqliteStore::open(folder.file("shop.db")).await.unwrap())
            .backend(Backend::bearer("jwt", Jwt::new().with_refresh(Refresh::new())))
            .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .clock(clock.clone())
            .require_verified(true)
            .superusers_set_passwords(false)
            .background_limit(1)
            .trusted_proxies(1)
            .limits(
                Limits::default()
                    .wrong_passwords_per_account(limit)
                    .wrong_secrets_per_network(limit)
                    .registrations_per_network(limit)
                    .mails_per_address(limit)
                    .mails_per_network(limit),
            )
            .build()
            .unwrap();
        Self { engine, tokens: Mutex::default() }
    }

    fn keep(&self, kind: &'static str, token: &str) {
        self.tokens.lock().unwrap().insert(kind, token.to_owned());
    }

    /// The newest token of a kind, after the background work is done.
    pub(crate) async fn token(&self, kind: &str) -> String {
        self.engine.settle().await;
        self.tokens.lock().unwrap()[kind].clone()
    }

    pub(crate) fn document(&self, routes: &Routes<Self>) -> Value {
        serde_json::to_value(openapi::document(self, routes)).unwrap()
    }
}

fn gate(email: &EmailAddress) -> Result<(), Rejection> {
    if email.as_str().starts_with(FROZEN) { Err(Rejection::new(GATE)) } else { Ok(()) }
}

#[user_manager(store = SqliteStore<Customer>, secret = "only-for-tests-0123456789abcdef-x")]
impl Shop {
    async fn on_before_register(&self, draft: &mut Draft<Customer>) -> Result<(), Rejection> {
        if draft.profile.level == Level::Gold { Ok(()) } else { gate(draft.email()) }
    }

    async fn on_before_login(&self, user: &User<Customer>) -> Result<(), Rejection> {
        // This user must log in to be refused later.
        if user.profile.level == Level::Gold { Ok(()) } else { gate(&user.email) }
    }

    async fn on_before_update(&self, user: &User<Customer>, _: &Changes<Customer>) -> Result<(), Rejection> {
        gate(&user.email)
    }

    async fn on_before_delete(&self, user: &User<Customer>) -> Result<(), Rejection> {
        gate(&user.email)
    }

    async fn on_before_commit(
        &self,
        change: &UserChange<'_, Customer>,
        _: &mut Tx<SqliteStore<Customer>>,
    ) -> Result<(), Rejection> {
        match change {
            UserChange::Verified(user) | UserChange::PasswordChanged(user) | UserChange::EmailChanged { user, .. } => {
                gate(&user.email)
            }
            _ => Ok(()),
        }
    }

    async fn on_after_request_verify(&self, _: &User<Customer>, token: &VerifyToken) {
        self.keep("verify", token.expose());
    }

    async fn on_after_forgot_password(&self, user: &User<Customer>, token: &ResetToken) {
        self.keep("reset", token.expose());
        if user.email.as_str().starts_with("slow") {
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }

    async fn on_after_request_email_change(&self, _: &User<Customer>, _: &EmailAddress, token: &ChangeEmailToken) {
        self.keep("change_email", token.expose());
    }
}
