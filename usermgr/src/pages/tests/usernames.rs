//! User names on the pages: the field of the registration, the sign-in by either, the page that changes one, and the administration.

use super::rig::{ADA, PASSWORD, Rig, Seen, pages, sign_in, token, unlimited};
use crate::{engine::EngineBuilder, prelude::*, testing::Client};

fn with(names: Usernames) -> Rig {
    Rig::with(pages(), |engine: EngineBuilder<_>| unlimited(engine).with(names))
}

fn named<'a>(email: &'a str, name: &'a str) -> [(&'a str, &'a str); 4] {
    [("email", email), ("username", name), ("password", PASSWORD), ("name", "Ada")]
}

/// A browser in which Ada, who has a name, is signed in.
async fn ada(rig: &Rig) -> Client {
    let browser = rig.browser();
    browser.post_form("/account/sign-up", &named(ADA, "Ada.L")).await.expect(303);
    let link = rig.link().await;
    browser.post_form("/account/verify", &[("token", token(&link))]).await.expect(303);
    sign_in(&browser).await;
    browser
}

#[tokio::test]
async fn un3_a_user_chooses_a_name_signs_in_by_it_and_changes_it() {
    let rig = with(Usernames::new());
    let browser = rig.browser();
    let shown = browser.get("/account/sign-up").await.expect(200);
    shown
        .says("id=\"username\"")
        .says("User name <span class=\"optional\">(optional)</span>")
        .says("Others can see it.");
    let shown = browser.post_form("/account/sign-up", &named(ADA, "admin")).await.expect(400);
    shown.says("id=\"username-error\"").says("This user name is reserved.").says("value=\"admin\"");

    let browser = ada(&rig).await;
    browser.get("/account").await.expect(200).says("Ada.L").says("&#x2f;account/username\"");
    let other = rig.browser();
    let shown = other.get("/account/sign-in").await.expect(200);
    shown.says("Email address or user name").says("type=\"text\"").says("inputmode=\"email\"");
    let taken = other.post_form("/account/sign-up", &named("eve@example.com", "ada.l")).await.expect(400);
    taken.says("id=\"username-error\"").says("This user name is taken.");
    let wrong = other.post_form("/account/sign-in", &[("email", "unknown"), ("password", PASSWORD)]).await.expect(400);
    wrong.says("value=\"unknown\"");
    other.post_form("/account/sign-in", &[("email", "ADA.L"), ("password", PASSWORD)]).await.expect(303);

    browser.get("/account/username").await.expect(200).says("Choose a user name").says_nothing_of("(optional)");
    browser.post_form("/account/username", &[("username", "")]).await.expect(422).says("id=\"username-error\"");
    let short = browser.post_form("/account/username", &[("username", "a")]).await.expect(400);
    short.says("Use at least 3 characters.");
    let saved = browser.post_form("/account/username", &[("username", "Countess")]).await;
    assert_eq!((saved.to(), saved.done()), ("/account", "username"));
    browser.get("/account").await.says("Countess").says("Your user name is saved.");
    // It is as grave as a new address.
    rig.later(11);
    for reply in [
        browser.get("/account/username").await,
        browser.post_form("/account/username", &[("username", "duchess")]).await,
    ] {
        assert_eq!((reply.to(), reply.done()), ("/account/sign-in?return_to=%2Faccount%2Fusername", "again"));
    }
}

#[tokio::test]
async fn un1_a_registration_that_needs_a_name_says_so() {
    let rig = with(Usernames::new().required());
    let browser = rig.browser();
    browser.get("/account/sign-up").await.expect(200).says("id=\"username\"").says_nothing_of("User name <span");
    let shown = browser.post_form("/account/sign-up", &named(ADA, " ")).await.expect(422);
    shown.says("id=\"username-error\"");
}

#[tokio::test]
async fn un4_a_discreet_registration_has_no_field_for_a_name() {
    use crate::engine::Answers;
    let discreet =
        |engine: EngineBuilder<_>| engine.require_verified(true).answers(Answers::Discreet).with(Usernames::new());
    let rig = Rig::with(pages(), discreet);
    rig.browser().get("/account/sign-up").await.expect(200).says_nothing_of("id=\"username\"");
    // One that is sent all the same is not passed on, so that the registration is answered as any other.
    rig.browser().post_form("/account/sign-up", &named(ADA, "ada")).await.expect(303);
    assert!(rig.mailbox.next(ADA).await.link.is_some());
}

#[tokio::test]
async fn un6_the_administration_shows_names_and_finds_by_them() {
    let rig = with(Usernames::new());
    let browser = ada(&rig).await;
    let id = rig.promote(ADA).await;
    rig.browser().post_form("/account/sign-up", &named("bob@example.com", "bobby")).await.expect(303);
    sign_in(&browser).await;
    browser.get("/account/admin").await.expect(200).says("bobby").says("The beginning of the user name");
    let found = browser.get("/account/admin?username=BOB").await.expect(200);
    found.says("bob@example.com").says_nothing_of("Ada.L").says("value=\"BOB\"");
    browser.get(&format!("/account/admin/users/{id}")).await.expect(200).says("Ada.L");
}

#[tokio::test]
async fn un6_without_the_part_no_page_knows_names() {
    let rig = Rig::with(pages(), unlimited);
    let browser = rig.ada().await;
    browser.get("/account/username").await.expect(404);
    browser.post_form("/account/username", &[("username", "ada")]).await.expect(404);
    for page in ["/account", "/account/sign-up"] {
        browser.get(page).await.expect(200).says_nothing_of("User name").says_nothing_of("account/username");
    }
    rig.browser().get("/account/sign-in").await.says("type=\"email\"").says_nothing_of("user name");
}
