//! The scene of a pair: an account with a session of its owner and a stolen one, the tokens that were mailed, and an account
//! that a superuser may do something to.

use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::json;
use usermgr::{
    prelude::*,
    store::Lookup,
    token::{ChangeEmail, Reset, Verify},
};

use super::Pair;
use crate::world::{Ask, GOOD, TestStore, World, system};

/// The password that the thief wants.
pub(super) const THIEF: &str = "a thief's own battery";

/// A session as its holder has it.
pub(super) struct Held {
    pub(super) backend: &'static str,
    pub(super) access: String,
    pub(super) refresh: Option<String>,
    /// Its public name.
    pub(super) id: String,
}

impl Held {
    async fn new<S: TestStore>(world: &World<S>, backend: &'static str, email: &str) -> Self {
        let login = world.accounts.login(Credentials::new(email, GOOD), backend, &Context::default()).await.unwrap();
        let refresh = login.refresh.map(|token| token.expose().to_owned());
        let id = login.login.session.id.to_string();
        Self { backend, access: login.token.expose().to_owned(), refresh, id }
    }

    /// The request with the credential.
    pub(super) fn sign(&self, ask: Ask) -> Ask {
        if self.backend == "cookie" { ask.cookie(&self.access) } else { ask.bearer(&self.access) }
    }

    /// Asks for the new address, and gives the token that goes there.
    async fn change_token<S: TestStore>(&self, world: &World<S>, email: &str, new: &str) -> String {
        let before = world.probe.token::<ChangeEmail>(email).map(|token| token.expose().to_owned());
        let reply = world.ask(self.sign(Ask::post("/auth/request-email-change", json!({ "email": new })))).await;
        assert_eq!(reply.status, 202, "{}", reply.text);
        mailed(world, email, before.as_deref(), Duration::from_secs(10)).await.expect("a token was sent")
    }
}

/// The token for a new address that is sent within this time and is not the one of before. Other scenes go on meanwhile, so it does not
/// wait for the whole background.
pub(super) async fn mailed<S: TestStore>(
    world: &World<S>,
    email: &str,
    before: Option<&str>,
    within: Duration,
) -> Option<String> {
    let end = Instant::now() + within;
    loop {
        let token = world.probe.token::<ChangeEmail>(email).map(|token| token.expose().to_owned());
        let token = token.filter(|token| Some(token.as_str()) != before);
        if token.is_some() || Instant::now() > end {
            return token;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

pub(super) fn refresh(backend: &str, token: &str) -> Ask {
    Ask::post(format!("/auth/{backend}/refresh"), json!({ "refresh_token": token }))
}

pub(super) fn confirm(token: &str) -> Ask {
    Ask::post("/auth/confirm-email-change", json!({ "token": token }))
}

/// What can be seen of a row without anybody's help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) email: String,
    /// The end of the hash, which tells two apart.
    hash: String,
    pub(super) is_active: bool,
    pub(super) is_superuser: bool,
    is_verified: bool,
}

pub(super) struct Scene {
    pub(super) email: String,
    pub(super) ada: User,
    pub(super) bob: User,
    /// The session of the superuser who helps.
    pub(super) root: Held,
    pub(super) own: Held,
    pub(super) stolen: Held,
    /// Tokens that went by mail, and are in the thief's hands.
    pub(super) reset: String,
    pub(super) verify: String,
    /// Asked for through the stolen session, where the pair needs it.
    pub(super) change: String,
    /// Tokens that went by mail, and are in the owner's hands.
    pub(super) own_reset: String,
    pub(super) own_change: String,
    number: usize,
}

impl Scene {
    pub(super) async fn new<S: TestStore>(world: &World<S>, pair: Pair, root: &str, number: usize) -> Self {
        let Pair { attack, recovery, carrier } = pair;
        let email = format!("ada{number}@example.com");
        let is_superuser = attack.of_superusers || recovery.of_superusers;
        let ada = world.add(&email, |ada| ada.is_superuser = is_superuser).await;
        let bob = world.add(&format!("bob{number}@example.com"), |_| {}).await;
        let own = Held::new(world, "session", &email).await;
        let stolen = Held::new(world, carrier, &email).await;
        world.accounts.request_verify(&ada, &system()).await.unwrap();
        let verify = world.token::<Verify>(&email);
        let (mut resets, mut changes) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            world.accounts.forgot_password(&ada, &system()).await.unwrap();
            resets.push(world.token::<Reset>(&email));
        }
        for (needed, held, new) in [
            (attack.name == "a change of address confirmed", &stolen, format!("thief{number}@example.com")),
            (recovery.name == "a change of address confirmed", &own, format!("new{number}@example.com")),
        ] {
            changes.push(if needed { held.change_token(world, &email, &new).await } else { String::new() });
        }
        let root = Held { backend: "session", access: root.to_string(), refresh: None, id: String::new() };
        let [reset, own_reset] = <[_; 2]>::try_from(resets).unwrap();
        let [change, own_change] = <[_; 2]>::try_from(changes).unwrap();
        Self { email, ada, bob, root, own, stolen, reset, verify, change, own_reset, own_change, number }
    }

    pub(super) fn thiefs_address(&self) -> String {
        format!("thief{}@example.com", self.number)
    }

    /// The account, the present holder of its address, and the other account.
    pub(super) async fn rows<S: TestStore>(&self, world: &World<S>) -> Vec<Option<Row>> {
        let email = EmailAddress::parse(&self.email).unwrap();
        let mut rows = Vec::new();
        for by in [Lookup::Id(&self.ada.id), Lookup::Email(&email), Lookup::Id(&self.bob.id)] {
            let record = world.store.find(by).await.unwrap();
            rows.push(record.map(|record| Row {
                email: record.user.email.to_string(),
                hash: record.password_hash.map_or_else(String::new, |hash| tail(hash.expose())),
                is_active: record.user.is_active,
                is_superuser: record.user.is_superuser,
                is_verified: record.user.is_verified,
            }));
        }
        rows
    }

    pub(super) fn me(&self, method: Method) -> Ask {
        Ask::new(method, "/users/me")
    }
}

fn tail(text: &str) -> String {
    text[text.len().saturating_sub(8)..].to_owned()
}
