//! The account: what it shows, and what a user changes there.

use crate::{engine::EngineBuilder, prelude::*, user::AdminUpdate};

use super::rig::{ADA, ANOTHER, PASSWORD, Rig, Seen, pages, sign_in, token, unlimited};

#[tokio::test]
async fn a_user_changes_their_profile_and_their_password() {
    let rig = Rig::new();
    let browser = rig.ada().await;
    browser.get("/account/profile").await.expect(200).says("value=\"Ada\"").says("(optional)");
    let fields = [("name", "Countess"), ("company", "Analytical \"Engines\"")];
    let saved = browser.post_form("/account/profile", &fields).await;
    assert_eq!((saved.to(), saved.done()), ("/account", "profile"));
    browser.get("/account").await.says("Countess").says("Analytical &quot;Engines&quot;");
    browser.post_form("/account/profile", &[("name", "Countess"), ("company", " ")]).await.expect(303);
    browser.get("/account").await.says_nothing_of("Analytical");

    let change = |current, new| [("current_password", current), ("password", new)];
    let shown = browser.post_form("/account/password", &change("wrong", ANOTHER)).await.expect(400);
    shown.says("The current password is not right.").says("id=\"current_password-error\"");
    let shown = browser.post_form("/account/password", &change(PASSWORD, "short")).await.expect(400);
    shown.says("id=\"password-error\"").says_nothing_of(PASSWORD);
    let saved = browser.post_form("/account/password", &change(PASSWORD, ANOTHER)).await;
    assert_eq!((saved.to(), saved.done()), ("/account", "password"));
}

#[tokio::test]
async fn what_is_grave_asks_for_a_fresh_login_before_anything_is_typed() {
    let rig = Rig::new();
    let browser = rig.ada().await;
    rig.later(11);
    for page in ["email", "delete"] {
        let path = format!("/account/{page}");
        for reply in [browser.get(&path).await, browser.post_form(&path, &[("email", "ada@new.example")]).await] {
            assert_eq!(reply.to(), format!("/account/sign-in?return_to=%2Faccount%2F{page}"));
            assert_eq!(reply.done(), "again");
        }
        let shown = browser.get("/account/sign-in").await.expect(200);
        shown.says("Please sign in once more").says("value=\"ada@example.com\"");
    }
    sign_in(&browser).await;
    let sent = browser.post_form("/account/email", &[("email", "ada@new.example")]).await;
    assert_eq!(sent.to(), "/account/check-mail");
    browser.get("/account/check-mail").await.says("We have sent a mail to ada@new.example");
    let link = rig.mailbox.next("ada@new.example").await.link.unwrap();
    let path = link.strip_prefix("https://shop.example").unwrap();
    browser.get(path).await.expect(200).says("ada@new.example becomes the address");
    let confirmed = browser.post_form("/account/confirm-email", &[("token", token(&link))]).await;
    assert_eq!(confirmed.done(), "email");
    browser.get(path).await.expect(410).says("used already").says("enter the new address once more");
    browser.post_form("/account/sign-in", &[("email", "ada@new.example"), ("password", PASSWORD)]).await.expect(303);
    browser.get("/account/delete").await.expect(200).says("class=\"grave\"").says("ada@new.example");
    let deleted = browser.post_form("/account/delete", &[]).await;
    assert_eq!((deleted.to(), deleted.done()), ("/account/sign-in", "deleted"));
    browser.post_form("/account/sign-in", &[("email", "ada@new.example"), ("password", PASSWORD)]).await.expect(400);
}

#[tokio::test]
async fn sessions_are_shown_by_known_names_and_ended() {
    let rig = Rig::with(pages(), unlimited);
    let browser = rig.ada().await;
    let agents = [
        "Mozilla/5.0 (Windows NT 10.0) Chrome/131.0 Safari/537.36 Edg/131.0",
        "<script>alert(1)</script> win a prize at evil.example",
    ];
    let mut others = Vec::new();
    for agent in agents {
        let other = rig.browser().header("user-agent", agent);
        sign_in(&other).await;
        others.push(other);
    }
    let shown = browser.get("/account").await.expect(200);
    shown.says("Edge on Windows").says("Unknown device").says_nothing_of("prize").says("End all other sessions");
    let id = shown.text().split("sessions/").nth(1).unwrap().split("/end").next().unwrap().to_owned();
    let ended = browser.post_form(&format!("/account/sessions/{id}/end"), &[]).await;
    assert_eq!((ended.to(), ended.done()), ("/account", "session"));
    let ended = browser.post_form("/account/sessions/end-others", &[]).await;
    assert_eq!((ended.to(), ended.done()), ("/account", "sessions"));
    for other in others {
        assert!(other.get("/account").await.to().starts_with("/account/sign-in?"));
    }
    browser.post_form("/account/sessions/nonsense/end", &[]).await.expect(404).says("does not exist");
    let out = browser.post_form("/account/sign-out", &[]).await;
    assert_eq!((out.to(), out.done()), ("/account/sign-in", "signed_out"));
    assert!(browser.get("/account").await.to().starts_with("/account/sign-in?"));
    // Once more does no harm.
    browser.post_form("/account/sign-out", &[]).await.expect(303);
}

#[tokio::test]
async fn a_cookie_that_the_browser_did_not_keep_is_reported() {
    let rig = Rig::new();
    rig.ada().await;
    // Another browser has no cookie.
    rig.browser().get("/account/signed-in").await.expect(200).says("Your browser has not kept the cookie");
}

#[tokio::test]
async fn who_must_confirm_their_address_first_is_shown_how() {
    let rig = Rig::with(pages(), |engine| unlimited(engine).require_verified(true));
    let browser = rig.browser();
    browser.post_form("/account/sign-up", &super::rig::sign_up(ADA)).await.expect(303);
    let shown = browser.post_form("/account/sign-in", &[("email", ADA), ("password", PASSWORD)]).await.expect(400);
    shown.says("Confirm your address first").says("Ask for a new link");

    // Nor is one left alone who is signed in when the demand begins.
    let rig = Rig::with(pages(), |engine| unlimited(engine).require_verified(true));
    let ada = rig.ada().await;
    let email = EmailAddress::parse(ADA).unwrap();
    let user = rig.accounts.get_by_email(&email).await.unwrap().unwrap();
    let update = AdminUpdate::default().verified(false);
    rig.accounts.update_user(&Admin::system("test"), &user.id, update, &Context::default()).await.unwrap();
    for page in ["/account", "/account/password"] {
        let shown = ada.get(page).await.expect(403);
        shown.says("Confirm your address first.").says("Ask for a new link").says("Sign out");
    }
}

#[tokio::test]
async fn of_two_users_at_once_the_one_who_signs_in_stays() {
    let other = |engine| {
        EngineBuilder::backend(
            unlimited(engine),
            Backend::cookie("other", CookieOptions::default().name("__Host-other"), Database::new()),
        )
    };
    let rig = Rig::with(pages(), other);
    let browser = rig.ada().await;
    rig.browser().post_form("/account/sign-up", &super::rig::sign_up("bob@example.com")).await.expect(303);
    browser.login("other", "bob@example.com", PASSWORD).await.expect(204);
    assert!(browser.get("/account").await.to().starts_with("/account/sign-in"), "it is not known who it is");
    sign_in(&browser).await;
    browser.get("/account").await.expect(200).says(ADA).says_nothing_of("End all other sessions");
}
