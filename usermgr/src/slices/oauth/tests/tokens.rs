//! Tokens of providers that are kept, over any store.

mod keeping;
mod refreshing;
mod revoking;

use std::sync::{Arc, Mutex};

use ::http::{Request, Response};
use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::{
    federation::Kept,
    oauth::{HttpClient, HttpError, OAuth, OAuthError, Provider, ProviderToken},
    password::{Argon2Params, Argon2id},
    prelude::*,
    secret::SecretSet,
    store::{Credential, CredentialId, CredentialStore, Directory, SessionStore},
    testing::{Client, FakeClock, FakeProvider, Probe, Reply},
};

const ROOT: &str = "only-for-tests-0123456789abcdef-x";

/// What the tests need of a store.
trait Everything: SessionStore<Profile = NoProfile> + Directory + CredentialStore {}

impl<S: SessionStore<Profile = NoProfile> + Directory + CredentialStore> Everything for S {}

struct Shop<S> {
    engine: Engine<S>,
    data: Mutex<SecretSet>,
    probe: Probe,
}

#[user_manager(store = S, secret = ROOT, data_secret = self.data.lock().unwrap().clone())]
impl<S: Everything> Shop<S> {
    async fn on_after_forgot_password(&self, user: &UserOf<S>, token: &ResetToken) {
        self.probe.keep(&user.email, token);
    }
}

/// A process of the application, with the provider `corp`.
struct World<S: Everything> {
    shop: Arc<Shop<S>>,
    store: S,
    corp: FakeProvider,
    clock: FakeClock,
    probe: Probe,
    router: ::axum::Router,
}

impl<S: Everything + Clone> World<S> {
    /// The tokens of the provider are kept, and a sign-in gives a refresh token.
    fn over(store: S) -> Self {
        let clock = FakeClock::start();
        let corp = FakeProvider::with_clock("https://id.corp.example", clock.clone());
        corp.person("ada", json!({ "email": "ada@example.com", "email_verified": true }));
        corp.give_refresh_tokens(true);
        Self::process(store, corp.clone(), clock, corp, Provider::keep_tokens)
    }

    /// Another process over the same store.
    fn beside(&self) -> Self {
        let (corp, clock) = (self.corp.clone(), self.clock.clone());
        Self::process(self.store.clone(), corp.clone(), clock, corp, Provider::keep_tokens)
    }

    /// A process with another client, or with a provider that is changed.
    fn process(
        store: S,
        corp: FakeProvider,
        clock: FakeClock,
        client: impl HttpClient,
        change: impl FnOnce(Provider) -> Provider,
    ) -> Self {
        let probe = Probe::default();
        let oauth = OAuth::at("https://shop.example").provider(change(corp.provider("corp"))).client(client);
        let engine = Engine::builder(store.clone())
            .backend(Backend::bearer("bearer", Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap()))
            .clock(clock.clone())
            .audit(probe.clone())
            .with(oauth)
            .build()
            .unwrap();
        let data = Mutex::new(Secret::new(ROOT).into());
        let shop = Arc::new(Shop { engine, data, probe: probe.clone() });
        let router = crate::axum::router(shop.clone()).unwrap();
        Self { shop, store, corp, clock, probe, router }
    }

    async fn sign_in(&self) -> Reply {
        let browser = Client::new(self.router.clone());
        let begun = browser.get("/auth/corp/authorize").await.expect(200);
        let callback = self.corp.consent(begun.json["authorization_url"].as_str().unwrap(), "ada");
        browser.callback(&callback).await
    }

    async fn ada(&self) -> UserOf<S> {
        let email = EmailAddress::parse("ada@example.com").unwrap();
        self.shop.get_by_email(&email).await.unwrap().unwrap()
    }

    /// The identity of the user.
    async fn identity(&self) -> CredentialId {
        let identities = self.shop.identities(&self.ada().await, &Context::default()).await.unwrap();
        identities[0].id.clone()
    }

    async fn token(&self) -> Result<ProviderToken, OAuthError> {
        self.shop.provider_token(&self.ada().await, &self.identity().await, &Context::default()).await
    }

    /// The token, which must be one that the provider accepts.
    async fn good_token(&self) -> String {
        let token = self.token().await.unwrap();
        assert!(self.corp.is_live(token.expose()), "{token:?}");
        token.expose().to_owned()
    }

    /// The rows of tokens.
    async fn rows(&self) -> Vec<Credential<S::Id>> {
        let mut rows = self.store.list_credentials(None, 1000).await.unwrap();
        rows.retain(|row| row.kind == Kept::KIND);
        rows
    }

    /// Writes a row as it is here.
    async fn write(&self, row: Credential<S::Id>) {
        assert!(self.store.swap_credential(&row).await.unwrap());
    }

    fn later(&self, seconds: u64) {
        self.clock.advance(std::time::Duration::from_secs(seconds));
    }

    async fn settle(&self) {
        self.shop.engine.settle().await;
    }

    /// Whether some token of the provider is in a text.
    fn is_shown_in(&self, text: &[u8]) -> bool {
        let tokens = [self.corp.access_tokens(), self.corp.refresh_tokens()].concat();
        assert!(!tokens.is_empty());
        tokens.iter().any(|token| text.windows(token.len()).any(|window| window == token.as_bytes()))
    }
}

/// A provider whose answers of the token endpoint are changed.
struct Altered(FakeProvider, fn(&mut Value));

#[async_trait]
impl HttpClient for Altered {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let is_tokens = request.uri().path() == "/token";
        let mut response = self.0.send(request).await?;
        if is_tokens {
            let mut answer = serde_json::from_slice(response.body()).unwrap();
            (self.1)(&mut answer);
            *response.body_mut() = answer.to_string().into();
        }
        Ok(response)
    }
}
