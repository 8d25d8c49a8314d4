//! What goes wrong around a sign-in: a callback that comes many times, keys that change, and a provider that is down.

use std::time::Duration;

use tokio::{task::JoinSet, time::sleep};
use usermgr_tests::{PASSWORD, Server};

use crate::{
    browser::Browser,
    rig::{Software, World},
};

#[tokio::test]
async fn o1_of_sixteen_callbacks_at_once_one_signs_in() {
    let Some(world) = World::of(Software::Node) else { return };
    let (provider, _server) = (world.provider("key"), world.server(&[]));
    let mut ada = Browser::of("ada");
    let callback = ada.go(&world.url("/auth/op/authorize")).await;
    let mut all = JoinSet::new();
    for _ in 0..16 {
        let (mut tab, callback) = (ada.clone(), callback.clone());
        all.spawn(async move { tab.get(&callback).await.status });
    }
    let mut answers = all.join_all().await;
    answers.sort_unstable();
    assert_eq!(answers, [&[204][..], &[400; 15]].concat());
    assert_eq!(provider.tokens().len(), 1, "the code is exchanged once");
}

#[tokio::test]
async fn o3_keys_that_change_are_fetched_again() {
    let Some(world) = World::of(Software::Node) else { return };
    let (provider, _server) = (world.provider("key"), world.server(&[]));
    let sign_in = async || {
        let mut ada = Browser::of("ada");
        let callback = ada.go(&world.url("/auth/op/authorize")).await;
        ada.get(&callback).await
    };
    sign_in().await.expect(204);
    drop(provider);
    let _provider = world.provider("another key");
    sign_in().await.expect(204);
}

#[tokio::test]
async fn o11_a_person_may_say_no() {
    let Some(world) = World::of(Software::Node) else { return };
    let (_provider, _server) = (world.provider("key"), world.server(&[]));
    let mut nobody = Browser::of_a_person_who_refuses();
    let callback = nobody.go(&world.url("/auth/op/authorize")).await;
    nobody.get(&callback).await.expect_detail(400, "access_denied");
}

#[tokio::test]
async fn x8_a_provider_that_is_gone_is_no_refusal_and_others_log_in() {
    let Some(world) = World::of(Software::Node) else { return };
    let (provider, server) = (world.provider("key"), world.server(&[]));
    let mut ada = Browser::of("ada");
    let callback = ada.go(&world.url("/auth/op/authorize")).await;
    drop(provider);
    let gone = ada.get(&callback).await.expect_detail(503, "OAUTH_PROVIDER_UNAVAILABLE");
    assert!(gone.header("retry-after").is_some());
    server.client().joined("alan@example.com").await;
}

#[tokio::test]
async fn o10_a_provider_at_a_private_address_is_not_called() {
    let oidc = "op,https://127.0.0.1:1,shop,the secret of the shop";
    let server = Server::start(&["--base-url", "http://127.0.0.1:1", "--oidc", oidc]);
    server.client().get("/auth/op/authorize").await.expect_detail(400, "OAUTH_REFUSED");
    assert!(server.log().contains("the address may not be called"), "{}", server.log());
}

#[tokio::test]
async fn a_server_starts_without_its_provider_and_finds_it_later() {
    let Some(world) = World::of(Software::Node) else { return };
    let server = world.server(&[]);
    let mut ada = Browser::of("ada");
    let start = world.url("/auth/op/start");
    ada.submit(&start, &[]).await.expect_detail(503, "OAUTH_PROVIDER_UNAVAILABLE");
    server.client().register("ada@shop.example", PASSWORD).await.expect(201);
    let _provider = world.provider("key");
    let mut reply = ada.submit(&start, &[]).await;
    for _ in 0..200 {
        if reply.status == 303 {
            break;
        }
        sleep(Duration::from_millis(100)).await;
        reply = ada.submit(&start, &[]).await;
    }
    let reply = ada.follow(reply, "/callback").await;
    assert_eq!(reply.status, 303);
    let callback = ada.url.clone();
    ada.get(&callback).await.expect(303);
}
