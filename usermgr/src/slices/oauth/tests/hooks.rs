//! What an application decides about new accounts, where failures lead, and which mails are sent.

use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::rig::{PASSWORD, Rig};
use crate::{
    error::HookFuture,
    mailer::{Message, Messenger},
    oauth::{OAuth, OAuthClaims, Provider},
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{Client, FakeProvider},
};

/// No claim is named for the name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
}

struct Shop {
    engine: Engine<MemoryStore<Customer>>,
}

#[user_manager(store = MemoryStore<Customer>, secret = "only-for-tests-0123456789abcdef-x")]
impl Shop {
    async fn oauth_profile(&self, claims: &OAuthClaims) -> Result<Customer, Rejection> {
        match claims.raw.get("nickname").and_then(|name| name.as_str()) {
            Some(name) => Ok(Customer { name: name.to_owned() }),
            None => Err(Rejection::new("NICKNAME_REQUIRED").status(403)),
        }
    }
}

struct Hookless {
    engine: Engine<MemoryStore<Customer>>,
}

#[user_manager(store = MemoryStore<Customer>, secret = "only-for-tests-0123456789abcdef-x")]
impl Hookless {}

struct Plain {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Plain {}

fn corp() -> FakeProvider {
    let corp = FakeProvider::new("https://id.corp.example");
    corp.person("ada", json!({ "email": "ada@example.com", "email_verified": true, "nickname": "Countess" }));
    corp.person("eve", json!({ "email": "eve@example.com", "email_verified": true }));
    corp
}

fn oauth(corp: &FakeProvider) -> OAuth {
    OAuth::at("https://shop.example").provider(corp.provider("corp")).client(corp.clone())
}

async fn sign_in(corp: &FakeProvider, browser: &Client, subject: &str) -> crate::testing::Reply {
    let begun = browser.get("/auth/corp/authorize").await.expect(200);
    let callback = corp.consent(begun.json["authorization_url"].as_str().unwrap(), subject);
    browser.callback(&callback).await
}

#[tokio::test]
async fn a_hook_makes_the_profile_of_a_new_user() {
    let corp = corp();
    let engine = Engine::new(MemoryStore::<Customer>::default()).with(oauth(&corp).profile_by_hook()).unwrap();
    let browser = Client::new(crate::axum::router(Shop { engine }).unwrap());
    sign_in(&corp, &browser, "ada").await.expect(200);
    assert_eq!(browser.get("/users/me").await.json["name"], "Countess");
    let refused = sign_in(&corp, &browser, "eve").await.expect(403);
    assert_eq!(refused.json["detail"], "NICKNAME_REQUIRED", "nothing was written");
    // A known user needs no profile.
    corp.person("ada", json!({ "email": "ada@example.com" }));
    sign_in(&corp, &browser, "ada").await.expect(200);
}

#[test]
fn check_demands_the_hook_and_an_existing_backend() {
    let corp = corp();
    let engine = Engine::new(MemoryStore::<Customer>::default())
        .with(oauth(&corp).backend("unknown").profile_by_hook())
        .unwrap();
    let faults = Hookless { engine }.check().unwrap_err().to_string();
    assert!(faults.contains("`profile_by_hook` needs the hook `oauth_profile`"), "{faults}");
    assert!(faults.contains("no backend is named `unknown`"), "{faults}");
}

/// Keeps what is sent.
#[derive(Clone, Default)]
struct Sent(Arc<Mutex<Vec<String>>>);

impl<S: UserStore> Messenger<S> for Sent {
    fn send<'a>(&'a self, message: Message<'a, S>, _: &'a Context) -> HookFuture<'a, HookError> {
        let about = match &message {
            Message::IdentityLinked { identity, .. } | Message::IdentityUnlinked { identity, .. } => &identity.subject,
            _ => "",
        };
        self.0.lock().unwrap().push(format!("{} {about} to {}", message.name(), message.recipient()));
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
async fn the_owner_is_notified_of_a_link_and_of_its_end() {
    let (corp, sent) = (corp(), Sent::default());
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("bearer", Database::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap()))
        .messenger(sent.clone())
        .with(oauth(&corp))
        .build()
        .unwrap();
    let accounts = Arc::new(Plain { engine });
    let browser = Client::new(crate::axum::router(accounts.clone()).unwrap());
    browser.register("alan@example.com", PASSWORD).await.expect(201);
    browser.login("bearer", "alan@example.com", PASSWORD).await.expect(200);
    let begun = browser.get("/auth/associate/corp/authorize").await.expect(200);
    browser.get(&corp.consent(begun.json["authorization_url"].as_str().unwrap(), "ada")).await.expect(200);
    let id = browser.get("/users/me/identities").await.json[0]["id"].as_str().unwrap().to_owned();
    browser.delete(&format!("/users/me/identities/{id}")).await.expect(204);
    accounts.engine.settle().await;
    let mut sent = sent.0.lock().unwrap().clone();
    sent.retain(|line| line.starts_with("identity"));
    sent.sort_unstable();
    assert_eq!(sent, ["identity_linked ada to alan@example.com", "identity_unlinked ada to alan@example.com"]);
}

#[tokio::test]
async fn a_new_account_is_verified_by_default_only_where_it_was_asked_for() {
    for (change, verified) in
        [((|provider| provider) as fn(Provider) -> Provider, false), (Provider::dangerous_verified_by_default, true)]
    {
        let rig = Rig::with(change, |engine| engine);
        rig.corp.person("ada", json!({ "email": "ada@example.com", "email_verified": false }));
        rig.sign_in(&rig.browser(), "corp", "ada").await.expect(200);
        assert_eq!(rig.ada().await.is_verified, verified);
    }
}

#[tokio::test]
async fn a_failed_redirect_ends_at_the_page_for_errors() {
    let corp = corp();
    let oauth = oauth(&corp).return_to("https://app.shop.example").error_to("https://app.shop.example/login?from=corp");
    let engine = Engine::new(MemoryStore::new()).with(oauth).unwrap();
    let browser = Client::new(crate::axum::router(Plain { engine }).unwrap());
    let fields = [("return_to", "/welcome"), ("backend", "cookie")];
    let begun = browser.post_form("/auth/corp/start", &fields).await.expect(303);
    let denied = corp.deny(begun.header("location").unwrap());
    let page = "https://app.shop.example/login?from=corp&error=";
    let back = browser.get(&denied).header("sec-fetch-mode", "navigate").await.expect(303);
    assert_eq!(back.header("location"), Some(format!("{page}access_denied").as_str()));
    // The same callback again belongs to no flow: a page for a browser, JSON for a program.
    let back = browser.get(&denied).header("sec-fetch-mode", "navigate").await.expect(303);
    assert_eq!(back.header("location"), Some(format!("{page}OAUTH_INVALID_STATE").as_str()));
    browser.get(&denied).header("sec-fetch-mode", "cors").await.expect(400);
    browser.get(&denied).await.expect(400);
}

#[test]
fn a_page_for_errors_must_be_listed() {
    let corp = corp();
    for page in ["https://evil.example/", "//evil.example", "javascript:x"] {
        let engine: Result<Engine<MemoryStore>, _> = Engine::new(MemoryStore::new()).with(oauth(&corp).error_to(page));
        let error = engine.err().unwrap();
        assert!(error.to_string().contains("`error_to` is neither"), "{error}");
    }
}
