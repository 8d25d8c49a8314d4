//! Sign-ins through a real provider, oidc-provider for Node, over both frameworks, with tokens and with cookies.

#[path = "providers/rig.rs"]
mod rig;

use reqwest::Method;
use rig::{Browser, Provider};
use usermgr_tests::{PASSWORD, Server, dump};

const WITHOUT: &str = "no one signs in through oidc-provider";

/// Registers, is known, links, unlinks, replays and says no.
async fn journey(server: &Server, provider: &Provider, framework: &str, backend: &str) {
    let name = |of: &str| format!("{of}-{framework}-{backend}");
    let entered = if backend == "jwt" { 200 } else { 204 };
    let authorize = format!("/auth/corp/authorize?backend={backend}");

    let mut browser = Browser::new(server);
    let callback = browser.callback(&authorize, provider, &name("ada")).await;
    let replayed = browser.clone();
    browser.get(&callback).await.expect(entered);
    let me = browser.get("/users/me").await.expect(200).json();
    assert_eq!((&me["email"], &me["is_verified"]), (&format!("{}@example.com", name("ada")).into(), &true.into()));
    // The same browser as it was before the first callback: the state is used up.
    replayed.clone().get(&callback).await.expect_detail(400, "OAUTH_INVALID_STATE");

    let mut again = Browser::new(server);
    let callback = again.callback(&authorize, provider, &name("ada")).await;
    again.get(&callback).await.expect(entered);
    assert_eq!(again.get("/users/me").await.expect(200).json()["id"], me["id"]);
    let only = again.identities().await.remove(0);
    again.request(Method::DELETE, &only).await.expect_detail(400, "OAUTH_LAST_LOGIN_METHOD");

    let email = format!("{}@example.com", name("alan"));
    server.client().register(&email, PASSWORD).await.expect(201);
    let mut alan = Browser::new(server);
    alan.log_in(backend, &email).await.expect(entered);
    let callback = alan.callback("/auth/associate/corp/authorize", provider, &name("eve")).await;
    assert_eq!(alan.get(&callback).await.expect(200).json()["email"], *email);
    let mut other = Browser::new(server);
    let callback = other.callback(&authorize, provider, &name("eve")).await;
    other.get(&callback).await.expect(entered);
    assert_eq!(other.get("/users/me").await.expect(200).json()["email"], *email, "the address does not follow");
    let linked = alan.identities().await;
    alan.request(Method::DELETE, &linked[0]).await.expect(204);
    assert!(alan.identities().await.is_empty());

    let mut stranger = Browser::new(server);
    let url = stranger.begin(&authorize).await;
    let denied = provider.denied(&url).await;
    stranger.get(&denied).await.expect_detail(400, "access_denied");
}

#[tokio::test]
async fn o12_a_person_signs_in_through_oidc_provider_and_no_token_of_it_is_kept() {
    let Some(provider) = Provider::start(WITHOUT) else { return };
    for framework in ["axum", "actix"] {
        let server = provider.server(&["--framework", framework, "--oidc-trust-email", "corp"]);
        for backend in ["jwt", "cookie"] {
            journey(&server, &provider, framework, backend).await;
        }
        // O12: what it gave out is nowhere.
        let (rows, log) = (dump(&server.folder()).await, server.log());
        let tokens = provider.tokens();
        assert!(tokens.len() >= 12, "{}", tokens.len());
        for token in tokens {
            assert!(!log.contains(&token), "the log holds a token of the provider");
            let held = rows.windows(token.len()).any(|window| window == token.as_bytes());
            assert!(!held, "the database holds a token of the provider");
        }
    }
}

#[tokio::test]
async fn a_provider_may_go_and_come_back_with_other_keys() {
    let Some(mut provider) = Provider::start(WITHOUT) else { return };
    let server = provider.server(&[]);
    let mut browser = Browser::new(&server);
    let callback = browser.callback("/auth/corp/authorize", &provider, "ada").await;
    browser.get(&callback).await.expect(204);
    assert_eq!(browser.get("/users/me").await.json()["is_verified"], false, "it is not trusted");

    let mut late = Browser::new(&server);
    let callback = late.callback("/auth/corp/authorize", &provider, "ada").await;
    provider.stop();
    let down = late.get(&callback).await.expect_detail(503, "OAUTH_PROVIDER_UNAVAILABLE");
    assert!(down.header("retry-after").is_some());
    server.client().joined("alan@example.com").await;

    provider.restart();
    let mut back = Browser::new(&server);
    let callback = back.callback("/auth/corp/authorize", &provider, "ada").await;
    back.get(&callback).await.expect(204);
}

#[tokio::test]
async fn a_server_starts_while_its_provider_is_down() {
    let Some(mut provider) = Provider::start(WITHOUT) else { return };
    provider.stop();
    let server = provider.server(&[]);
    let listed = server.client().get("/auth/providers").await.expect(200).json();
    assert_eq!(listed[0]["name"], "corp");
    server.client().get("/auth/corp/authorize").await.expect_detail(503, "OAUTH_PROVIDER_UNAVAILABLE");
    provider.restart();
    // One second after the first failure, it is asked again.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let mut browser = Browser::new(&server);
    let callback = browser.callback("/auth/corp/authorize", &provider, "ada").await;
    browser.get(&callback).await.expect(204);
}

#[tokio::test]
async fn o10_a_provider_at_a_private_address_is_not_called_unless_it_is_said() {
    let Some(provider) = Provider::start(WITHOUT) else { return };
    let issuer = provider.issuer().replace("http://", "https://");
    let server = Server::start(&["--base-url", rig::BASE, "--oidc", &format!("corp,{issuer},shop,{}", rig::SECRET)]);
    server.client().get("/auth/corp/authorize").await.expect_detail(400, "OAUTH_REFUSED");
    assert!(server.log().contains("the address may not be called"), "{}", server.log());
}
