//! The life of people who sign in through a provider: they register, come back, link and unlink.

use reqwest::header;
use serde_json::{Value, json};
use usermgr_tests::{PASSWORD, Reply, dump};

use crate::{
    browser::Browser,
    rig::{Software, World},
};

/// What holds through every provider.
macro_rules! through_both {
    ($($name:ident)*) => {
        through_both! { @ oidc_provider Node $($name)* }
        through_both! { @ django_allauth Django $($name)* }
    };
    (@ $module:ident $software:ident $($name:ident)*) => {
        mod $module {
            use super::Software;

            $(#[tokio::test]
            async fn $name() {
                super::$name(Software::$software).await;
            })*
        }
    };
}

through_both! {
    a_new_person_is_registered_and_known_the_next_time
    a_button_leads_to_the_provider_and_back_to_a_page_with_an_error_if_need_be
    an_account_is_linked_and_unlinked
    two_tabs_do_not_disturb_each_other_and_leave_no_cookie
}

/// Signs in, and returns the answer of the callback.
async fn sign_in(world: &World, browser: &mut Browser) -> Reply {
    let callback = browser.go(&world.url("/auth/op/authorize")).await;
    browser.get(&callback).await
}

async fn me(world: &World, browser: &mut Browser) -> Value {
    browser.get(&world.url("/users/me")).await.expect(200).json()
}

async fn identities(world: &World, browser: &mut Browser) -> Vec<Value> {
    let listed = browser.get(&world.url("/users/me/identities")).await.expect(200).json();
    listed.as_array().unwrap().clone()
}

async fn a_new_person_is_registered_and_known_the_next_time(software: Software) {
    let Some(world) = World::of(software) else { return };
    let (_provider, server) = (world.provider("key"), world.server(&["--oidc-trust-email", "op"]));
    let mut ada = Browser::of("ada");
    sign_in(&world, &mut ada).await.expect(204);
    let first = me(&world, &mut ada).await;
    assert_eq!((&first["email"], &first["is_verified"]), (&json!("ada@example.com"), &json!(true)));
    let linked = identities(&world, &mut ada).await;
    assert_eq!((linked.len(), &linked[0]["provider"]), (1, &json!("op")));
    // Another browser, and a token in place of a cookie.
    let mut elsewhere = Browser::of("ada");
    let callback = elsewhere.go(&world.url("/auth/op/authorize?backend=jwt")).await;
    let answer = elsewhere.get(&callback).await.expect(200);
    let again = server.client().with_token(answer.token()).get("/users/me").await.expect(200).json();
    assert_eq!(again, first);
    // It is the only way in.
    let id = linked[0]["id"].as_str().unwrap();
    let url = world.url(&format!("/users/me/identities/{id}"));
    let refused = ada.ask(reqwest::Method::DELETE, &url, |request| request.header(header::ORIGIN, &world.site)).await;
    refused.expect_detail(400, "OAUTH_LAST_LOGIN_METHOD");
}

#[tokio::test]
async fn o6_an_address_at_a_provider_opens_no_account_that_others_have_made() {
    let Some(world) = World::of(Software::Node) else { return };
    let (_provider, server) = (world.provider("key"), world.server(&[]));
    server.client().register("ada@example.com", PASSWORD).await.expect(201);
    sign_in(&world, &mut Browser::of("ada")).await.expect_detail(400, "OAUTH_USER_ALREADY_EXISTS");
    // Nor is an address believed that the provider itself has not verified.
    let mut mallory = Browser::of("mallory");
    sign_in(&world, &mut mallory).await.expect(204);
    assert_eq!(me(&world, &mut mallory).await["is_verified"], false);
}

async fn a_button_leads_to_the_provider_and_back_to_a_page_with_an_error_if_need_be(software: Software) {
    let Some(world) = World::of(software) else { return };
    let (_provider, server) = (world.provider("key"), world.server(&["--return-to", "https://shop.example"]));
    let start = world.url("/auth/op/start");
    let mut ada = Browser::of("ada");
    let callback = ada.press(&start, &[("return_to", "https://shop.example/basket?step=2")]).await;
    let reply = ada.get(&callback).await.expect(303);
    assert_eq!(reply.header("location"), Some("https://shop.example/basket?step=2"));
    assert_eq!(me(&world, &mut ada).await["email"], "ada@example.com");
    ada.submit(&start, &[("return_to", "https://evil.example/")])
        .await
        .expect_faults(json!([["value_error", ["body", "return_to"]]]));

    server.client().register("bob@example.com", PASSWORD).await.expect(201);
    let mut bob = Browser::of("bob");
    let callback = bob.press(&start, &[("return_to", "/basket#top")]).await;
    let reply = bob.get(&callback).await.expect(303);
    assert_eq!(reply.header("location"), Some("/basket?error=OAUTH_USER_ALREADY_EXISTS#top"));
}

async fn an_account_is_linked_and_unlinked(software: Software) {
    let Some(world) = World::of(software) else { return };
    let (_provider, server) = (world.provider("key"), world.server(&[]));
    server.client().register("bob@shop.example", PASSWORD).await.expect(201);
    let mut bob = Browser::of("bob");
    let form = [("username", "bob@shop.example"), ("password", PASSWORD)];
    bob.submit(&world.url("/auth/cookie/login"), &form).await.expect(204);
    let own = me(&world, &mut bob).await;
    let callback = bob.go(&world.url("/auth/associate/op/authorize")).await;
    assert_eq!(bob.get(&callback).await.expect(200).json()["id"], own["id"]);

    let mut elsewhere = Browser::of("bob");
    sign_in(&world, &mut elsewhere).await.expect(204);
    assert_eq!(me(&world, &mut elsewhere).await["id"], own["id"]);

    let linked = identities(&world, &mut bob).await;
    let url = world.url(&format!("/users/me/identities/{}", linked[0]["id"].as_str().unwrap()));
    bob.ask(reqwest::Method::DELETE, &url, |request| request.header(header::ORIGIN, &world.site)).await.expect(204);
    assert!(identities(&world, &mut bob).await.is_empty());
    // The address at the provider is another one, so that this is a new account.
    let mut stranger = Browser::of("bob");
    sign_in(&world, &mut stranger).await.expect(204);
    assert_ne!(me(&world, &mut stranger).await["id"], own["id"]);
}

async fn two_tabs_do_not_disturb_each_other_and_leave_no_cookie(software: Software) {
    let Some(world) = World::of(software) else { return };
    let (_provider, _server) = (world.provider("key"), world.server(&[]));
    let mut ada = Browser::of("ada");
    let first = ada.go(&world.url("/auth/op/authorize")).await;
    let second = ada.go(&world.url("/auth/op/authorize")).await;
    assert_eq!(ada.cookies(&world.site).len(), 2);
    ada.get(&first).await.expect(204);
    ada.get(&second).await.expect(204);
    assert_eq!(ada.cookies(&world.site), ["usermgr"], "of the flows nothing is left");
    // The back button.
    assert_eq!(ada.get(&second).await.status, 400);
}

#[tokio::test]
async fn o1_a_sign_in_ends_only_in_the_browser_that_has_begun_it() {
    let Some(world) = World::of(Software::Node) else { return };
    let (_provider, _server) = (world.provider("key"), world.server(&[]));
    let mut mallory = Browser::of("mallory");
    let callback = mallory.go(&world.url("/auth/op/authorize")).await;
    let mut victim = Browser::of("ada");
    victim.get(&callback).await.expect_detail(400, "OAUTH_INVALID_STATE");
    assert!(victim.cookies(&world.site).is_empty());
    mallory.get(&callback).await.expect(204);
}

#[tokio::test]
async fn o12_no_token_of_a_provider_is_kept_or_logged() {
    let Some(world) = World::of(Software::Node) else { return };
    let (provider, server) = (world.provider("key"), world.server(&[]));
    sign_in(&world, &mut Browser::of("ada")).await.expect(204);
    sign_in(&world, &mut Browser::of("ada")).await.expect(204);
    let tokens = provider.tokens();
    assert_eq!(tokens.len(), 2, "one for each sign-in");
    let (kept, log) = (dump(&world.folder).await, server.log());
    for token in tokens {
        let is_kept = kept.windows(token.len()).any(|window| window == token.as_bytes());
        assert!(!is_kept && !log.contains(&token), "a token of the provider is kept");
    }
}
