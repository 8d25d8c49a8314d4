//! An application that keeps the tokens of a provider: they open its API, are refreshed, and end with the identity.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::net::TcpListener;
use usermgr::{
    oauth::{ClientSecret, OAuth, Provider},
    prelude::*,
    testing::FakeClock,
};
use usermgr_tests::Client;

use crate::{
    browser::Browser,
    rig::{Software, World},
};

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

/// Whether the API of the provider accepts a token.
async fn opens(world: &World, token: &str) -> bool {
    let api = Client::new(world.provider_url()).with_token(token);
    api.get("/me").await.status == 200
}

#[tokio::test]
async fn o12_a_kept_token_opens_the_api_is_refreshed_and_ends_with_the_account() {
    let Some(world) = World::of(Software::Node) else { return };
    let _provider = world.provider("key");
    let clock = FakeClock::at(Timestamp::now());
    let provider = Provider::oidc("op", world.provider_url(), "shop", ClientSecret::new("the secret of the shop"))
        .scopes(["openid", "email", "profile", "offline_access"])
        .parameter("prompt", "consent")
        .keep_tokens();
    let oauth = OAuth::at(&world.site).provider(provider).dangerous_plain_http().dangerous_private_addresses();
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("bearer", Database::new()))
        .clock(clock.clone())
        .with(oauth)
        .build()
        .unwrap();
    let accounts = Arc::new(Accounts { engine });
    let listener = TcpListener::bind(world.site.strip_prefix("http://").unwrap()).await.unwrap();
    let router = usermgr::axum::router(accounts.clone()).unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });

    let mut ada = Browser::of("ada");
    let callback = ada.go(&world.url("/auth/op/authorize")).await;
    ada.get(&callback).await.expect(200);
    let (email, cx) = (EmailAddress::parse("ada@example.com").unwrap(), Context::default());
    let user = accounts.get_by_email(&email).await.unwrap().unwrap();
    let id = accounts.identities(&user, &cx).await.unwrap()[0].id.clone();
    let token = async || accounts.provider_token(&user, &id, &cx).await.unwrap();

    let first = token().await;
    assert_eq!(first.scope.as_deref(), Some("openid email profile offline_access"));
    assert!(opens(&world, first.expose()).await);
    assert_eq!(token().await.expose(), first.expose());

    let mut seen = vec![first.expose().to_owned()];
    // Each refresh token works once.
    for _ in 0..2 {
        clock.advance(Duration::from_secs(3595));
        let next = token().await;
        assert!(!seen.contains(&next.expose().to_owned()) && opens(&world, next.expose()).await);
        seen.push(next.expose().to_owned());
    }

    accounts.delete(&user, &cx).await.unwrap();
    accounts.engine.settle().await;
    for token in seen {
        assert!(!opens(&world, &token).await);
    }
}
