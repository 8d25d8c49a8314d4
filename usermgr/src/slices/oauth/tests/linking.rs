//! Linking and unlinking by the user.

use crate::{
    prelude::*,
    testing::{Client, Reply},
};

use super::rig::{PASSWORD, Rig};

async fn link(rig: &Rig, browser: &Client, subject: &str) -> Reply {
    let callback = rig.link_callback(browser, subject).await;
    browser.get(&callback).await
}

#[tokio::test]
async fn an_identity_is_linked_enters_and_is_unlinked() {
    let rig = Rig::new();
    let browser = rig.registered("alan@example.com").await;
    let user = link(&rig, &browser, "ada").await.expect(200);
    assert_eq!(user.json["email"], "alan@example.com", "the address does not follow");
    link(&rig, &browser, "ada").await.expect(200);
    assert_eq!(
        rig.heard().iter().filter(|heard| *heard == "linked ada").count(),
        1,
        "the second time nothing is written"
    );
    let other = rig.browser();
    rig.sign_in(&other, "corp", "ada").await.expect(200);
    assert_eq!(other.get("/users/me").await.json["email"], "alan@example.com");
    let id = rig.identities(&browser).await[0]["id"].as_str().unwrap().to_owned();
    browser.delete(&format!("/users/me/identities/{id}")).await.expect(204);
    browser.delete(&format!("/users/me/identities/{id}")).await.expect(404);
    assert!(rig.identities(&browser).await.is_empty());
    assert!(rig.heard().contains(&"unlinked ada".to_owned()));
}

#[tokio::test]
async fn o7_a_link_needs_a_fresh_login_and_the_session_that_began() {
    let rig = Rig::new();
    let browser = rig.registered("alan@example.com").await;
    rig.browser().get("/auth/associate/corp/authorize").await.expect(401);
    let forged = browser.get("/auth/associate/corp/authorize").header("sec-fetch-site", "cross-site").await;
    assert_eq!(forged.expect(403).json["detail"], "CROSS_ORIGIN_REQUEST");
    let forged = browser.post_form("/auth/associate/corp/start", &[]).header("origin", "https://evil.example").await;
    forged.expect(403);
    // Logged out and in again in between: another session.
    let callback = rig.link_callback(&browser, "ada").await;
    browser.logout("bearer").await.expect(204);
    browser.get(&callback).await.expect(401);
    browser.login("bearer", "alan@example.com", PASSWORD).await.expect(200);
    assert_eq!(browser.get(&callback).await.expect(400).json["detail"], "OAUTH_INVALID_STATE");
    // A stale login.
    rig.later(601);
    let stale = browser.get("/auth/associate/corp/authorize").await.expect(403);
    assert_eq!(stale.json["detail"], "REAUTHENTICATION_REQUIRED");
    assert!(rig.identities(&browser).await.is_empty());
}

#[tokio::test]
async fn o7_an_identity_of_two_users_is_that_of_the_first() {
    let rig = Rig::new();
    let (one, two) = (rig.registered("alan@example.com").await, rig.registered("grace@example.com").await);
    let (first, second) = (rig.link_callback(&one, "ada").await, rig.link_callback(&two, "ada").await);
    let (first, second) = tokio::join!(async { one.get(&first).await }, async { two.get(&second).await });
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    let refused = if first.status == 400 { first } else { second };
    assert_eq!(refused.json["detail"], "OAUTH_ALREADY_LINKED");
}

#[tokio::test]
async fn o8_the_last_way_in_stays() {
    let rig = Rig::new();
    let browser = rig.browser();
    rig.sign_in(&browser, "corp", "ada").await.expect(200);
    let path = |identity: &serde_json::Value| format!("/users/me/identities/{}", identity["id"].as_str().unwrap());
    let only = path(&rig.identities(&browser).await[0]);
    assert_eq!(browser.delete(&only).await.expect(400).json["detail"], "OAUTH_LAST_LOGIN_METHOD");
    link(&rig, &browser, "eve").await.expect(200);
    let paths: Vec<_> = rig.identities(&browser).await.iter().map(path).collect();
    let (one, two) = tokio::join!(async { browser.delete(&paths[0]).await }, async { browser.delete(&paths[1]).await });
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 400]);
    assert_eq!(rig.identities(&browser).await.len(), 1);
}

#[tokio::test]
async fn o8_with_a_password_both_identities_go() {
    let rig = Rig::new();
    let browser = rig.registered("alan@example.com").await;
    link(&rig, &browser, "ada").await.expect(200);
    link(&rig, &browser, "eve").await.expect(200);
    for identity in rig.identities(&browser).await {
        browser.delete(&format!("/users/me/identities/{}", identity["id"].as_str().unwrap())).await.expect(204);
    }
    assert!(rig.identities(&browser).await.is_empty());
}

#[tokio::test]
async fn t15_a_reset_touches_no_identity_of_a_verified_account() {
    for verified in [true, false] {
        let rig = Rig::with(|provider| if verified { provider.trust_email() } else { provider }, |engine| engine);
        rig.sign_in(&rig.browser(), "corp", "ada").await.expect(200);
        let (user, cx) = (rig.ada().await, Context::default());
        assert_eq!(user.is_verified, verified);
        rig.heard();
        rig.accounts.forgot_password(&user, &cx).await.unwrap();
        let token = rig.heard()[0].as_str().into();
        rig.accounts.reset_password(&token, PASSWORD.into(), &cx).await.unwrap();
        let kept = rig.accounts.identities(&user, &cx).await.unwrap().len();
        assert_eq!(kept, usize::from(verified), "T16: an unverified account is taken over");
    }
}

#[tokio::test]
async fn a_gate_refuses_a_link() {
    let rig = Rig::of(MemoryStore::new(), "https://shop.example", true, |provider| provider, |engine| engine);
    let browser = rig.registered("alan@example.com").await;
    assert_eq!(link(&rig, &browser, "ada").await.expect(409).json["detail"], "NO_LINKS");
    assert!(rig.identities(&browser).await.is_empty());
}

#[tokio::test]
async fn l14_a_sign_in_through_a_provider_makes_its_network_known() {
    let rig = Rig::with(|provider| provider.trust_email().link_by_email(), |engine| engine);
    let email = EmailAddress::parse("ada@example.com").unwrap();
    let new = NewUser::new(email, NoProfile).password(PASSWORD).verified(true);
    rig.accounts.create(new, &Context::default()).await.unwrap();
    let home = rig.browser().peer([192, 0, 2, 1]);
    rig.sign_in(&home, "corp", "ada").await.expect(200);
    for network in 0..50 {
        rig.browser().peer([10, 0, 0, network]).login("bearer", "ada@example.com", "wrong").await.expect(400);
    }
    rig.browser().peer([10, 0, 1, 0]).login("bearer", "ada@example.com", PASSWORD).await.expect(429);
    home.login("bearer", "ada@example.com", PASSWORD).await.expect(200);
}
