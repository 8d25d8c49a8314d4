//! Which account a user gets into.

use serde_json::json;

use super::rig::{Accounts, PASSWORD, Rig};
use crate::{engine::Answers, oauth::Provider, prelude::*, store::CredentialStore, user::NewUser};

async fn create(accounts: &Accounts, email: &str, verified: bool, superuser: bool) -> User {
    let mut new = NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile);
    (new.password, new.is_verified, new.is_superuser) = (Some(PASSWORD.into()), verified, superuser);
    accounts.create(new, &Context::default()).await.unwrap()
}

/// Local verified, verified there, trusted provider, `link_by_email`: what happens.
#[tokio::test]
async fn o6_an_address_links_only_if_everything_speaks_for_it() {
    for row in 0..16_u8 {
        let [local, there, trusted, by_email] = [1, 2, 4, 8].map(|bit| row & bit != 0);
        let rig = Rig::with(
            |provider| {
                let provider = if trusted { provider.trust_email() } else { provider };
                if by_email { provider.link_by_email() } else { provider }
            },
            |engine| engine,
        );
        create(&rig.accounts, "Ada@example.com", local, false).await;
        rig.corp.person("ada", json!({ "email": "ada@EXAMPLE.com", "email_verified": there }));
        rig.heard();
        let browser = rig.browser();
        let reply = rig.sign_in(&browser, "corp", "ada").await;
        let linked = there && trusted && by_email;
        assert_eq!(reply.status.as_u16(), if linked { 200 } else { 400 }, "{row:04b}");
        if !linked {
            assert_eq!(reply.json["detail"], "OAUTH_USER_ALREADY_EXISTS", "{row:04b}");
            assert_eq!(rig.heard(), [""; 0], "{row:04b}");
        } else {
            assert_eq!(rig.heard(), ["linked ada", "logged in ada"], "{row:04b}");
            assert_eq!(browser.get("/users/me").await.json["is_verified"], true, "{row:04b}");
        }
        // The password stays, unless the account has never verified its address.
        let login = rig.browser().login("bearer", "ada@example.com", PASSWORD).await;
        assert_eq!(login.status == 200, !linked || local, "{row:04b}");
    }
}

#[tokio::test]
async fn o6_a_flag_that_is_not_true_is_false() {
    for (flag, expected) in [
        (json!(true), 200),
        (json!("true"), 200),
        (json!("false"), 400),
        (json!(1), 400),
        (json!("True"), 400),
        (json!(null), 400),
        (json!([true]), 400),
    ] {
        let rig = Rig::with(|provider| provider.trust_email().link_by_email(), |engine| engine);
        create(&rig.accounts, "ada@example.com", true, false).await;
        rig.corp.person("ada", json!({ "email": "ada@example.com", "email_verified": flag }));
        assert_eq!(rig.sign_in(&rig.browser(), "corp", "ada").await.status.as_u16(), expected, "{flag}");
    }
}

#[tokio::test]
async fn t16_the_maker_of_an_account_loses_everything_to_the_owner_of_its_address() {
    let rig = Rig::with(|provider| provider.trust_email().link_by_email(), |engine| engine);
    // An attacker registers the address, links an identity, and stays logged in.
    let attacker = rig.registered("ada@example.com").await;
    attacker.get(&rig.link_callback(&attacker, "eve").await).await.expect(200);
    let reset = rig.link_callback(&attacker, "eve").await;
    let owner = rig.browser();
    rig.sign_in(&owner, "corp", "ada").await.expect(200);
    assert_eq!(owner.get("/users/me").await.expect(200).json["is_verified"], true);
    attacker.get("/users/me").await.expect(401);
    attacker.get(&reset).await.expect(401);
    rig.browser().login("bearer", "ada@example.com", PASSWORD).await.expect(400);
    let stranger = rig.browser();
    rig.sign_in(&stranger, "corp", "eve").await.expect(200);
    assert_eq!(stranger.get("/users/me").await.expect(200).json["email"], "eve@example.com", "another account");
    let identities = rig.identities(&owner).await;
    assert_eq!((identities.len(), &identities[0]["subject"]), (1, &json!("ada")));
}

#[tokio::test]
async fn o6_a_superuser_is_never_taken_over() {
    let rig = Rig::with(|provider| provider.trust_email().link_by_email(), |engine| engine);
    create(&rig.accounts, "ada@example.com", false, true).await;
    let refused = rig.sign_in(&rig.browser(), "corp", "ada").await.expect(400);
    assert_eq!(refused.json["detail"], "OAUTH_USER_ALREADY_EXISTS");
    rig.browser().login("bearer", "ada@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn o5_an_identity_is_a_provider_and_a_subject() {
    let rig = Rig::new();
    let browser = rig.browser();
    rig.sign_in(&browser, "corp", "ada").await.expect(200);
    let id = browser.get("/users/me").await.json["id"].clone();
    // Another address and name at the provider: the same account, whose address stays.
    rig.corp.person("ada", json!({ "email": "countess@example.com", "email_verified": true, "name": "A" }));
    let again = rig.browser();
    rig.sign_in(&again, "corp", "ada").await.expect(200);
    let me = again.get("/users/me").await.json;
    assert_eq!((&me["id"], &me["email"]), (&id, &json!("ada@example.com")));
    assert_eq!(rig.identities(&again).await[0]["email"], "countess@example.com");
    // No address at all: still known.
    rig.corp.person("ada", json!({}));
    rig.sign_in(&rig.browser(), "corp", "ada").await.expect(200);
    // The same subject at another provider is another identity.
    rig.corp.person("ada", json!({ "email": "other@example.com" }));
    let other = rig.browser();
    rig.sign_in(&other, "forge", "ada").await.expect(200);
    assert_ne!(other.get("/users/me").await.json["id"], id);
}

#[tokio::test]
async fn o13_nobody_enters_who_may_not() {
    let rig = Rig::new();
    let browser = rig.browser();
    rig.sign_in(&browser, "corp", "ada").await.expect(200);
    let store = rig.accounts.engine.store();
    let user = rig.ada().await;
    assert_eq!(store.credentials(&user.id, rig.accounts.engine.now()).await.unwrap().len(), 1);
    rig.accounts.set_active(&Admin::system("test"), &user.id, false, &Context::default()).await.unwrap();
    let refused = rig.sign_in(&rig.browser(), "corp", "ada").await.expect(400);
    assert_eq!(refused.json["detail"], "LOGIN_BAD_CREDENTIALS");
}

#[tokio::test]
async fn a_verified_address_is_demanded_here_too() {
    let rig = Rig::with(|provider| provider, |engine| engine.require_verified(true));
    let refused = rig.sign_in(&rig.browser(), "corp", "ada").await.expect(400);
    assert_eq!(refused.json["detail"], "LOGIN_USER_NOT_VERIFIED");
    let rig = Rig::with(Provider::trust_email, |engine| engine.require_verified(true));
    rig.sign_in(&rig.browser(), "corp", "ada").await.expect(200);
    // The provider did not vouch for the address at first, and does now.
    let rig = Rig::with(Provider::trust_email, |engine| engine.require_verified(true));
    rig.corp.person("ada", json!({ "email": "ada@example.com" }));
    rig.sign_in(&rig.browser(), "corp", "ada").await.expect(400);
    rig.corp.person("ada", json!({ "email": "ada@example.com", "email_verified": true }));
    rig.sign_in(&rig.browser(), "corp", "ada").await.expect(200);
}

#[tokio::test]
async fn a_new_account_needs_an_address_and_an_open_door() {
    let rig = Rig::new();
    let refused = rig.sign_in(&rig.browser(), "corp", "addressless").await.expect(400);
    assert_eq!(refused.json["detail"], "OAUTH_NOT_AVAILABLE_EMAIL");
    rig.corp.person("odd", json!({ "email": "not an address", "email_verified": true }));
    rig.sign_in(&rig.browser(), "corp", "odd").await.expect(400);
    let closed = Rig::with(Provider::no_registration, |engine| engine);
    let refused = closed.sign_in(&closed.browser(), "corp", "ada").await.expect(400);
    assert_eq!(refused.json["detail"], "OAUTH_REGISTRATION_CLOSED");
}

#[tokio::test]
async fn e3_discreet_answers_reveal_nothing_before_an_address_is_proved() {
    let discreet =
        |engine: crate::engine::EngineBuilder<MemoryStore>| engine.answers(Answers::Discreet).require_verified(true);
    let rig = Rig::with(|provider| provider, discreet);
    create(&rig.accounts, "taken@example.com", true, false).await;
    let mut details = Vec::new();
    for email in ["taken@example.com", "free@example.com"] {
        rig.corp.person("ada", json!({ "email": email, "email_verified": false }));
        details.push(rig.sign_in(&rig.browser(), "corp", "ada").await.expect(400).json["detail"].clone());
    }
    assert_eq!(details, ["OAUTH_NOT_AVAILABLE_EMAIL"; 2]);
}

#[tokio::test]
async fn of_sixteen_first_sign_ins_one_registers_and_all_enter() {
    let rig = Rig::new();
    let mut callbacks = Vec::new();
    for _ in 0..16 {
        let browser = rig.browser();
        let callback = rig.callback(&browser, "corp", "ada").await;
        callbacks.push((browser, callback));
    }
    let signing_in = callbacks
        .into_iter()
        .map(|(browser, callback)| tokio::spawn(async move { browser.get(&callback).await.status.as_u16() }));
    for task in signing_in.collect::<Vec<_>>() {
        assert_eq!(task.await.unwrap(), 200);
    }
    let registered = rig.heard().iter().filter(|heard| heard.starts_with("registered")).count();
    assert_eq!(registered, 1);
}

#[tokio::test]
async fn u4_an_address_that_looks_alike_is_another_account() {
    let rig = Rig::with(|provider| provider.trust_email().link_by_email(), |engine| engine);
    create(&rig.accounts, "ada@example.com", true, false).await;
    // A Cyrillic letter: the default rules accept it in the local part, or it is no address.
    rig.corp.person("eve", json!({ "email": "\u{430}da@example.com", "email_verified": true }));
    let browser = rig.browser();
    let reply = rig.sign_in(&browser, "corp", "eve").await;
    if reply.status == 200 {
        assert_ne!(browser.get("/users/me").await.json["email"], "ada@example.com");
    }
    let user = rig.ada().await;
    assert_eq!(rig.accounts.identities(&user, &Context::default()).await.unwrap().len(), 0);
}

#[tokio::test]
async fn o12_no_token_of_a_provider_is_kept() {
    let rig = Rig::new();
    rig.sign_in(&rig.browser(), "corp", "ada").await.expect(200);
    let tokens = rig.corp.access_tokens();
    assert!(!tokens.is_empty());
    let rows = rig.accounts.engine.store().list_credentials(None, 100).await.unwrap();
    for row in rows {
        assert!(tokens.iter().all(|token| !row.data.contains(token)), "{row:?}");
    }
}

#[tokio::test]
async fn o13_who_is_locked_out_between_the_exchange_and_the_session_does_not_get_in() {
    let rig = Rig::new();
    rig.sign_in(&rig.browser(), "corp", "ada").await.expect(200);
    rig.accounts.locks_out.store(true, std::sync::atomic::Ordering::SeqCst);
    for backend in ["bearer", "cookie"] {
        let ada = rig.ada().await;
        rig.accounts.set_active(&Admin::system("test"), &ada.id, true, &Context::default()).await.unwrap();
        let browser = rig.browser();
        let begun = browser.get(&format!("/auth/corp/authorize?backend={backend}")).await.expect(200);
        let callback = rig.corp.consent(begun.json["authorization_url"].as_str().unwrap(), "ada");
        browser.callback(&callback).await;
        assert!(!rig.ada().await.is_active);
        browser.get("/users/me").await.expect(401);
    }
}
