//! Invited users who come through a provider.

use serde_json::json;

use super::rig::{Refused, Rig};
use crate::{oauth::Provider, prelude::*};

/// An application whose registration is closed, and whose provider is changed.
fn closed(change: impl FnOnce(Provider) -> Provider) -> Rig {
    Rig::with(change, |engine| engine.closed_registration(true).with(Invitations::new()))
}

async fn invite(rig: &Rig, email: &str) -> User<NoProfile> {
    let (admin, email) = (Admin::system("test"), EmailAddress::parse(email).unwrap());
    rig.accounts.invite(&admin, email, NoProfile, &Context::default()).await.unwrap().user
}

#[tokio::test]
async fn in1_a_trusted_provider_that_proves_the_invited_address_accepts() {
    let rig = closed(Provider::trust_email);
    let user = invite(&rig, "Ada@example.com").await;
    let token = rig.heard().pop().unwrap();
    let browser = rig.browser();
    rig.sign_in(&browser, "corp", "ada").await.expect(200);
    assert_eq!(rig.heard(), ["accepted Ada@example.com", "linked ada", "logged in ada"]);
    let me = browser.get("/users/me").await.expect(200);
    assert_eq!((&me.json["id"], &me.json["is_verified"]), (&json!(user.id), &json!(true)));
    // The token of the mail has ended with it, and the identity is the way in from now on.
    let (token, cx) = (token.as_str().into(), Context::default());
    let late = rig.accounts.accept_invitation(&token, "correct horse battery".into(), NoProfile, &cx).await;
    assert!(late.is_err());
    rig.sign_in(&rig.browser(), "corp", "ada").await.expect(200);
    assert_eq!(rig.heard(), ["logged in ada"]);
}

#[tokio::test]
async fn in1_of_two_who_come_at_once_one_accepts() {
    let rig = closed(Provider::trust_email);
    invite(&rig, "ada@example.com").await;
    rig.heard();
    let browsers = [rig.browser(), rig.browser()];
    let callbacks = [rig.callback(&browsers[0], "corp", "ada").await, rig.callback(&browsers[1], "corp", "ada").await];
    let [one, two] = [0, 1].map(|at| browsers[at].callback(&callbacks[at]));
    let (one, two) = tokio::join!(async { one.await }, async { two.await });
    assert_eq!([one.status.as_u16(), two.status.as_u16()], [200, 200]);
    assert_eq!(rig.heard().iter().filter(|heard| heard.starts_with("accepted")).count(), 1);
}

#[tokio::test]
async fn in3_a_provider_accepts_only_what_it_proves_and_in_time() {
    // Not trusted for addresses.
    let rig = closed(|provider| provider);
    invite(&rig, "ada@example.com").await;
    rig.sign_in(&rig.browser(), "corp", "ada").await.expect_detail(400, "OAUTH_USER_ALREADY_EXISTS");
    // Not verified there.
    let rig = closed(Provider::trust_email);
    invite(&rig, "ada@example.com").await;
    rig.corp.person("ada", json!({ "email": "ada@example.com", "email_verified": false }));
    rig.sign_in(&rig.browser(), "corp", "ada").await.expect_detail(400, "OAUTH_USER_ALREADY_EXISTS");
    // Too late, or a superuser.
    let rig = closed(Provider::trust_email);
    let user = invite(&rig, "ada@example.com").await;
    rig.later(7 * 86_400);
    rig.sign_in(&rig.browser(), "corp", "ada").await.expect_detail(400, "OAUTH_USER_ALREADY_EXISTS");
    let (admin, cx) = (Admin::system("test"), Context::default());
    rig.accounts.resend_invitation(&admin, &user.id, &cx).await.unwrap();
    rig.accounts.set_superuser(&admin, &user.id, true, &cx).await.unwrap();
    rig.sign_in(&rig.browser(), "corp", "ada").await.expect_detail(400, "OAUTH_USER_ALREADY_EXISTS");
    rig.accounts.set_superuser(&admin, &user.id, false, &cx).await.ok();
}

#[tokio::test]
async fn in5_no_provider_makes_an_account_when_the_registration_is_closed() {
    let rig = closed(Provider::trust_email);
    rig.sign_in(&rig.browser(), "corp", "ada").await.expect_detail(400, "OAUTH_REGISTRATION_CLOSED");
    let email = EmailAddress::parse("ada@example.com").unwrap();
    assert!(rig.accounts.get_by_email(&email).await.unwrap().is_none());
}

/// An invited account whose address was verified otherwise, with the token of the invitation.
async fn verified(rig: &Rig) -> InvitationToken {
    let user = invite(rig, "ada@example.com").await;
    let token = rig.heard().pop().unwrap();
    rig.accounts.request_verify(&user, &Context::default()).await.unwrap();
    let verify = rig.heard().pop().unwrap();
    rig.accounts.verify(&verify.as_str().into(), &Context::default()).await.unwrap();
    token.as_str().into()
}

#[tokio::test]
async fn in3_an_invited_account_that_was_verified_is_entered_as_any_other() {
    let rig = closed(Provider::trust_email);
    verified(&rig).await;
    rig.sign_in(&rig.browser(), "corp", "ada").await.expect_detail(400, "OAUTH_USER_ALREADY_EXISTS");
    // Where it links, the account is in use, and the mail of the invitation is no key to it.
    let rig = closed(|provider| provider.trust_email().link_by_email());
    let token = verified(&rig).await;
    let browser = rig.browser();
    rig.sign_in(&browser, "corp", "ada").await.expect(200);
    assert_eq!(rig.heard(), ["linked ada", "logged in ada"]);
    let cx = Context::default();
    let late = rig.accounts.accept_invitation(&token, "correct horse battery".into(), NoProfile, &cx).await;
    assert!(late.is_err());
    browser.get("/users/me").await.expect(200);
}
