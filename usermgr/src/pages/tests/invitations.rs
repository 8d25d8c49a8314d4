//! Invitations by pages: what a superuser does, and what the invited see.

use super::rig::{ADA, ANOTHER, PASSWORD, Rig, Seen, Store, pages, sign_in, token, unlimited};
use crate::{engine::EngineBuilder, prelude::*, testing::Client};

fn with_invitations(engine: EngineBuilder<Store>) -> EngineBuilder<Store> {
    unlimited(engine).with(Invitations::new())
}

/// A superuser, signed in.
async fn administrator(rig: &Rig) -> Client {
    let ada = rig.ada().await;
    rig.promote(ADA).await;
    sign_in(&ada).await;
    ada
}

const BOB: &str = "bob@example.com";

#[tokio::test]
async fn a_superuser_invites_and_the_invited_choose_a_password() {
    let rig = Rig::with(pages(), with_invitations);
    let ada = administrator(&rig).await;
    ada.get("/account").await.says("href=\"&#x2f;account&#x2f;admin&#x2f;invitations\"");
    ada.get("/account/admin/invitations").await.expect(200).says("No invitation is open.").says("Invite a user");
    let form = ada.get("/account/admin/invitations/new").await.expect(200);
    form.says("name=\"email\"").says("Your name").says("Send invitation").says_nothing_of(&format!("value=\"{ADA}\""));
    ada.post_form("/account/admin/invitations/new", &[("email", BOB), ("name", "")]).await.expect(422);
    let reply = ada.post_form("/account/admin/invitations/new", &[("email", BOB), ("name", "Bob")]).await;
    assert_eq!((reply.to(), reply.done()), ("/account/admin/invitations", "invited"));
    ada.get("/account/admin/invitations").await.says(BOB).says("Works until").says("The invitation is on its way.");
    let again = ada.post_form("/account/admin/invitations/new", &[("email", BOB), ("name", "Bob")]).await.expect(400);
    again.says("This address has an account already.").says(&format!("value=\"{BOB}\""));

    let mail = rig.mailbox.next(BOB).await;
    assert_eq!(mail.subject, "You are invited to Shop");
    let link = mail.link.unwrap();
    let path = link.strip_prefix("https://shop.example").unwrap();
    let bob = rig.browser();
    let shown = bob.get(path).await.expect(200);
    shown.says("Accept the invitation").says(BOB).says("Company").says("At least");
    let typed = |password| [("token", token(&link)), ("password", password), ("company", "Acme")];
    let weak = bob.post_form("/account/accept-invitation", &typed("short")).await.expect(400);
    weak.says("Use at least").says("value=\"Acme\"");
    let reply = bob.post_form("/account/accept-invitation", &typed(PASSWORD)).await;
    assert_eq!((reply.to(), reply.done()), ("/account/sign-in", "accepted"));
    bob.get("/account/sign-in").await.says("Your account is ready.");
    bob.post_form("/account/sign-in", &[("email", BOB), ("password", PASSWORD)]).await.expect(303);
    bob.get("/account").await.expect(200).says("Acme").says(">Bob<");
    bob.get(path).await.expect(410).says("was used already").says("Ask the person who invited you");
    bob.post_form("/account/accept-invitation", &typed(ANOTHER)).await.expect(410);
}

#[tokio::test]
async fn a_superuser_sends_again_and_withdraws() {
    let rig = Rig::with(pages(), with_invitations);
    let ada = administrator(&rig).await;
    ada.post_form("/account/admin/invitations/new", &[("email", BOB), ("name", "Bob")]).await.expect(303);
    let first = rig.mailbox.next(BOB).await.link.unwrap();
    let id = rig.accounts.get_by_email(&EmailAddress::parse(BOB).unwrap()).await.unwrap().unwrap().id;
    rig.later(8 * 24 * 60);
    sign_in(&ada).await;
    ada.get("/account/admin/invitations").await.says("Expired");
    let reply = ada.post_form(&format!("/account/admin/invitations/{id}/resend"), &[]).await;
    assert_eq!((reply.to(), reply.done()), ("/account/admin/invitations", "invited"));
    ada.get("/account/admin/invitations").await.says_nothing_of("Expired");
    assert_ne!(rig.mailbox.next(BOB).await.link.unwrap(), first);
    let path = format!("/account/admin/invitations/{id}/withdraw");
    ada.get(&path).await.expect(200).says(&format!("The link that {BOB} has stops working"));
    let reply = ada.post_form(&path, &[]).await;
    assert_eq!((reply.to(), reply.done()), ("/account/admin/invitations", "withdrawn"));
    assert!(rig.accounts.get_by_email(&EmailAddress::parse(BOB).unwrap()).await.unwrap().is_none());
    ada.post_form(&path, &[]).await.expect(404);
}

/// The form has no field for a name, whatever a registration needs.
#[tokio::test]
async fn a_superuser_invites_where_a_registration_needs_a_user_name() {
    let rig = Rig::with(pages(), |engine| with_invitations(engine).with(Usernames::new().required()));
    let profile = serde_json::from_value(serde_json::json!({ "name": "Ada" })).unwrap();
    let new =
        NewUser::new(EmailAddress::parse(ADA).unwrap(), profile).password(PASSWORD).verified(true).superuser(true);
    rig.accounts.create(new, &Context::system("test")).await.unwrap();
    let ada = rig.browser();
    sign_in(&ada).await;
    ada.get("/account/admin/invitations/new").await.expect(200).says_nothing_of("name=\"username\"");
    ada.post_form("/account/admin/invitations/new", &[("email", BOB), ("name", "Bob")]).await.expect(303);
    rig.mailbox.next(BOB).await;
}

#[tokio::test]
async fn the_list_has_pages() {
    let rig = Rig::with(pages(), with_invitations);
    let ada = administrator(&rig).await;
    for number in 0..51 {
        let email = EmailAddress::parse(&format!("user{number}@example.com")).unwrap();
        let profile = serde_json::from_value(serde_json::json!({ "name": "Bob" })).unwrap();
        rig.accounts.invite(&Admin::system("test"), email, profile, &Context::default()).await.unwrap();
        rig.clock.advance(std::time::Duration::from_millis(1));
    }
    let first = ada.get("/account/admin/invitations").await.expect(200);
    let text = first.text().replace("&#x2f;", "/").replace("&#x3d;", "=");
    let next = text.split("href=\"").find(|rest| rest.contains("cursor=")).unwrap().split('"').next().unwrap();
    let second = ada.get(next).await.expect(200);
    second.says("user50@example.com").says_nothing_of("user0@").says_nothing_of("Next page");
}

#[tokio::test]
async fn in5_with_a_closed_registration_no_page_registers() {
    let rig = Rig::with(pages(), |engine| with_invitations(engine).closed_registration(true));
    let browser = rig.browser();
    browser.get("/account/sign-in").await.expect(200).says_nothing_of("sign-up").says_nothing_of("Create an account");
    browser.get("/account/sign-up").await.expect(403).says("Accounts are made by invitation only.");
    browser.post_form("/account/sign-up", &super::rig::sign_up(ADA)).await.expect(403);
    assert!(rig.accounts.get_by_email(&EmailAddress::parse(ADA).unwrap()).await.unwrap().is_none());
}

#[tokio::test]
async fn without_the_part_there_are_no_pages() {
    let rig = Rig::with(pages(), unlimited);
    let ada = administrator(&rig).await;
    ada.get("/account").await.says_nothing_of("invitations");
    for path in ["/account/admin/invitations", "/account/admin/invitations/new", "/account/accept-invitation"] {
        ada.get(path).await.expect(404);
    }
}
