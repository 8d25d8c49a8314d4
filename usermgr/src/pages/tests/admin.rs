//! The administration by pages.

use super::rig::{ADA, PASSWORD, Rig, Seen, pages, sign_in, sign_up, unlimited};
use crate::{
    mail::{Mail, MailError, Mails},
    prelude::*,
    testing::Client,
};

async fn id_of(rig: &Rig, email: &str) -> String {
    let email = EmailAddress::parse(email).unwrap();
    rig.accounts.get_by_email(&email).await.unwrap().unwrap().id.to_string()
}

/// Ada is a superuser. There are other users too.
async fn administrator(rig: &Rig) -> Client {
    let ada = rig.ada().await;
    rig.promote(ADA).await;
    for email in ["bob@example.com", "bobby@example.com", "carol@example.com"] {
        rig.browser().post_form("/account/sign-up", &sign_up(email)).await.expect(303);
        rig.mailbox.next(email).await;
    }
    sign_in(&ada).await;
    ada
}

#[tokio::test]
async fn a_superuser_searches_users_and_does_what_they_need() {
    let rig = Rig::with(pages(), unlimited);
    let ada = administrator(&rig).await;
    ada.get("/account").await.says("href=\"&#x2f;account&#x2f;admin\"").says_nothing_of("undelivered");
    ada.get("/account/admin")
        .await
        .expect(200)
        .says("carol@example.com")
        .says("Superuser")
        .says("Created")
        .says("Not confirmed");
    let found = ada.get("/account/admin?email=Bob").await.expect(200);
    found.says("bob@example.com").says("bobby@example.com").says_nothing_of("carol").says("value=\"Bob\"");
    ada.get("/account/admin?email=zoe").await.expect(200).says("No user fits.");
    ada.get("/account/admin?state=superuser").await.says(ADA).says_nothing_of("bob@");

    let bob = id_of(&rig, "bob@example.com").await;
    let at = |action: &str| format!("/account/admin/users/{bob}{action}");
    let browser = rig.browser();
    browser.post_form("/account/sign-in", &[("email", "bob@example.com"), ("password", PASSWORD)]).await.expect(303);
    let shown = ada.get(&at("")).await.expect(200);
    shown.says("bob@example.com").says("Block user").says("Mark address as confirmed").says("End all sessions");
    shown.says_nothing_of("Unblock").says_nothing_of("Take superuser rights away");

    for (action, asked, done, then) in [
        ("/mark-verified", "You know that bob@example.com belongs", "user_changed", "Confirmed"),
        ("/promote", "can then do everything", "user_changed", "Take superuser rights away"),
        ("/demote", "becomes a user like others", "user_changed", "Make superuser"),
        ("/send-reset", "gets a mail with a link", "sent", "The mail is on its way."),
        ("/end-sessions", "is signed out everywhere", "sessions_ended", "There is no session."),
        ("/block", "can no longer sign in", "user_changed", "Blocked"),
        ("/unblock", "can sign in again", "user_changed", "Active"),
    ] {
        ada.get(&at(action)).await.expect(200).says(asked);
        let reply = ada.post_form(&at(action), &[]).await;
        assert_eq!((reply.to(), reply.done()), (&*at(""), done), "{action}");
        ada.get(&at("")).await.expect(200).says(then);
    }
    let reset = rig.mailbox.next("bob@example.com").await;
    assert!(reset.link.unwrap().contains("/account/reset?token="));
    assert!(browser.get("/account").await.to().starts_with("/account/sign-in"));
    let reply = ada.post_form(&at("/delete"), &[]).await;
    assert_eq!((reply.to(), reply.done()), ("/account/admin", "user_deleted"));
    ada.get(&at("")).await.expect(404);

    // Their own account is not shown what would lock them out, and the last superuser stays one.
    let own = format!("/account/admin/users/{}", id_of(&rig, ADA).await);
    ada.get(&own).await.expect(200).says_nothing_of("Block user").says_nothing_of("Delete user");
    ada.post_form(&format!("{own}/demote"), &[]).await.expect(400).says("One active superuser must remain.");
}

#[tokio::test]
async fn nothing_of_the_administration_is_for_others_or_for_an_old_login() {
    let rig = Rig::with(pages(), |engine| unlimited(engine).with(Invitations::new()).with(Impersonation::new()));
    let ada = administrator(&rig).await;
    let bob = rig.browser();
    bob.post_form("/account/sign-in", &[("email", "bob@example.com"), ("password", PASSWORD)]).await.expect(303);
    bob.get("/account").await.says_nothing_of("account&#x2f;admin");
    let id = id_of(&rig, ADA).await;
    rig.later(11);
    for page in crate::pages::table::PAGES.iter().filter(|page| page.path.starts_with("/account/admin")) {
        let path = page.path.replace("{id}", &id);
        for (person, status) in [(&bob, 403), (&rig.browser(), 303)] {
            if page.is_shown() {
                person.get(&path).await.expect(status);
            }
            if page.takes_forms() {
                person.post_form(&path, &[]).await.expect(status);
            }
        }
        if page.takes_forms() {
            assert_eq!(ada.post_form(&path, &[]).await.done(), "again", "{path}");
        }
    }
    bob.get("/account/admin").await.expect(403).says("You may not open this page.");
}

#[tokio::test]
async fn im8_a_superuser_logs_in_as_a_user_sees_the_banner_on_every_page_and_stops() {
    let rig = Rig::with(pages(), |engine| unlimited(engine).with(Impersonation::new()));
    let ada = administrator(&rig).await;
    let (system, cx) = (Admin::system("test"), Context::default());
    let bob = id_of(&rig, "bob@example.com").await;
    rig.accounts
        .update_user(&system, &bob.parse().unwrap(), crate::user::AdminUpdate::default().verified(true), &cx)
        .await
        .unwrap();
    let at = |action: &str| format!("/account/admin/users/{bob}{action}");
    let own = format!("/account/admin/users/{}", id_of(&rig, ADA).await);
    ada.get(&at("")).await.expect(200).says("Log in as this user");
    ada.get(&own).await.expect(200).says_nothing_of("Log in as this user");
    ada.get(&at("/log-in-as")).await.expect(200).says("You see the account of bob@example.com");
    ada.get("/account").await.expect(200).says(ADA).says_nothing_of("You act as");

    let reply = ada.post_form(&at("/log-in-as"), &[]).await;
    assert_eq!(reply.to(), "/account");
    assert_eq!(rig.mailbox.next("bob@example.com").await.subject, "An administrator acts in your account at Shop");
    ada.get("/account").await.expect(200).says("bob@example.com").says("An administrator");
    // Every page of an account has the banner with its button, also one that is refused.
    let mut shown = 0;
    for page in crate::pages::table::PAGES.iter().filter(|page| page.guard.is_some() && page.is_shown()) {
        let path = page.path.replace("{id}", &bob);
        let reply = ada.get(&path).await;
        match reply.status.as_u16() {
            // The engine does not have the part, or no such thing is there.
            404 => continue,
            200 => shown += 1,
            status => assert_eq!(status, 403, "{path}"),
        }
        let text = reply.text().replace("&#x2f;", "/");
        assert!(text.contains("You act as bob@example.com."), "{path}");
        assert!(text.contains("action=\"/account/sign-out\"><button class=\"small\">Stop and sign out"), "{path}");
    }
    assert!(shown > 2, "{shown}");
    ada.get("/account/email").await.expect(403).says("This is not possible while you act as another user.");
    let fields = [("current_password", PASSWORD), ("password", "a better horse battery")];
    ada.post_form("/account/password", &fields).await.expect(403).says("not possible while you act as another user");
    ada.get(&at("")).await.expect(403).says("You may not open this page.");
    // The user sees it.
    let browser = rig.browser();
    browser.post_form("/account/sign-in", &[("email", "bob@example.com"), ("password", PASSWORD)]).await.expect(303);
    browser.get("/account").await.expect(200).says("An administrator").says_nothing_of("You act as");

    let reply = ada.post_form("/account/sign-out", &[]).await;
    assert_eq!((reply.to(), reply.done()), ("/account/sign-in", "signed_out"));
    // The cookie of the administrator was replaced, so they sign in once more.
    assert!(ada.get("/account").await.to().starts_with("/account/sign-in"));
    browser.get("/account").await.expect(200).says_nothing_of("An administrator");
    sign_in(&ada).await;
    ada.get("/account").await.expect(200).says(ADA).says_nothing_of("You act as");
}

#[tokio::test]
async fn im8_without_the_part_no_page_offers_it() {
    let rig = Rig::with(pages(), unlimited);
    let ada = administrator(&rig).await;
    let at = format!("/account/admin/users/{}", id_of(&rig, "bob@example.com").await);
    ada.get(&at).await.expect(200).says_nothing_of("Log in as this user");
    ada.get(&format!("{at}/log-in-as")).await.expect(404);
    ada.post_form(&format!("{at}/log-in-as"), &[]).await.expect(404);
}

/// A mail server that refuses everything for good.
struct Refusing;

#[async_trait::async_trait]
impl Mailer for Refusing {
    async fn send(&self, _: Mail) -> Result<(), MailError> {
        Err(MailError::permanent("550 gone & away"))
    }
}

#[tokio::test]
async fn a_mail_that_was_given_up_is_sent_again_or_dropped() {
    struct Post {
        engine: Engine<MemoryStore>,
    }
    #[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
    impl Post {}
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
        .outbox()
        .with(Mails::new("https://shop.example", Refusing))
        .with(crate::pages::Pages::new("cookie"))
        .build()
        .unwrap();
    let post = std::sync::Arc::new(Post { engine });
    let browser = Client::new(crate::axum::router(post.clone()).unwrap());
    browser.post_form("/account/sign-up", &[("email", ADA), ("password", PASSWORD)]).await.expect(303);
    let ada = post.get_by_email(&EmailAddress::parse(ADA).unwrap()).await.unwrap().unwrap();
    post.set_superuser(&Admin::system("test"), &ada.id, true, &Context::default()).await.unwrap();
    browser.post_form("/account/sign-in", &[("email", ADA), ("password", PASSWORD)]).await.expect(303);
    for (action, done) in [("retry", "retried"), ("drop", "dropped")] {
        post.deliver_due().await.unwrap();
        let shown = browser.get("/account/admin/undelivered").await.expect(200);
        shown.says("550 gone &amp; away").says("Try again").says(&ada.id.to_string());
        let text = shown.text().replace("&#x2f;", "/");
        let id = text.split("undelivered/").nth(1).unwrap().split('/').next().unwrap().to_owned();
        let reply = browser.post_form(&format!("/account/admin/undelivered/{id}/{action}"), &[]).await;
        assert_eq!((reply.to(), reply.done()), ("/account/admin/undelivered", done));
    }
    browser.get("/account/admin/undelivered").await.says("Every mail was delivered.").says("The mail is dropped.");
    browser.post_form("/account/admin/undelivered/nonsense/retry", &[]).await.expect(404);
}
