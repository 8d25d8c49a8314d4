//! Registering, the links of mails, and signing in.

use super::rig::{ADA, ANOTHER, PASSWORD, Rig, Seen, pages, sign_in, sign_up, token, unlimited};
use crate::{engine::Answers, prelude::*, testing::Client};

#[tokio::test]
async fn a_person_registers_confirms_their_address_and_signs_in() {
    let rig = Rig::new();
    let browser = rig.browser();
    browser.get("/account/sign-up").await.expect(200).says("Your name").says("At least 15 characters");
    let sent = browser.post_form("/account/sign-up", &sign_up(ADA)).await;
    assert_eq!(sent.to(), "/account/check-mail");
    browser.get("/account/check-mail").await.expect(200).says("We have sent a mail to ada@example.com");
    let link = rig.link().await;
    let path = link.strip_prefix("https://shop.example").unwrap();
    for _ in 0..3 {
        browser.get(path).await.expect(200).says("Is ada@example.com your address?");
    }
    let verified = browser.post_form("/account/verify", &[("token", token(&link))]).await;
    assert_eq!((verified.to(), verified.done()), ("/account/sign-in", "verified"));
    // The notice is shown once.
    let shown = browser.get("/account/sign-in").await.expect(200);
    shown.says("Your address is confirmed.");
    browser.get("/account/sign-in").await.expect(200).says_nothing_of("confirmed");
    browser.get(path).await.expect(410).says("used already").says("Ask for a new link");
    assert_eq!(sign_in(&browser).await.to(), "/account/signed-in");
    assert_eq!(browser.get("/account/signed-in").await.to(), "/account");
    browser.get("/account").await.expect(200).says(ADA).says("Confirmed").says("This device").says("Ada");
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept_but_for_passwords() {
    let rig = Rig::with(pages(), unlimited);
    let browser = rig.browser();
    let sent = |fields: &[(&'static str, &'static str)]| {
        let usual = [("email", ADA), ("password", PASSWORD), ("name", "Ada")];
        let fields: Vec<_> = usual
            .into_iter()
            .map(|(name, value)| (name, fields.iter().find(|(known, _)| *known == name).map_or(value, |(_, own)| *own)))
            .collect();
        let browser = browser.clone();
        async move { browser.post_form("/account/sign-up", &fields).await }
    };
    for (field, value, status, text) in [
        ("email", "ada@example", 422, "a period is missing"),
        ("email", "ada", 422, "has an @ in it"),
        ("password", "short", 400, "Use at least 15 characters."),
        ("password", "no dragon, no way", 400, "at least one dragon"),
        ("password", "ada@example.com!", 400, "too much like your address"),
    ] {
        let shown = sent(&[(field, value)]).await.expect(status);
        shown.says(&format!("id=\"{field}-error\""));
        shown.says(text).says("aria-invalid").says("<title>Error: Create an account").says("value=\"Ada\"");
        shown.says_nothing_of(PASSWORD).says_nothing_of("correct horse");
    }
    sent(&[("name", " ")]).await.expect(422).says("id=\"name-error\"").says("Please fill in this field.");
    // The words of the application: a text for its code, or the reason of its hook.
    sent(&[("name", "young")]).await.expect(403).says("Come back later.").says_nothing_of("TOO_YOUNG");
    sent(&[("name", "tired")]).await.expect(403).says("Sleep &lt;b&gt;first&lt;&#x2f;b&gt;.");
    sent(&[]).await.expect(303);
    sent(&[]).await.expect(400).says("This address has an account already.");
}

#[tokio::test]
async fn a_login_says_what_is_wrong_and_leads_back_to_where_the_person_came_from() {
    let rig = Rig::with(pages(), unlimited);
    let browser = rig.browser();
    browser.post_form("/account/sign-up", &sign_up(ADA)).await.expect(303);
    for (email, password) in [(ADA, "wrong"), ("unknown@example.com", PASSWORD)] {
        let shown =
            browser.post_form("/account/sign-in", &[("email", email), ("password", password)]).await.expect(400);
        shown.says("The address or the password is not right.").says(email);
    }
    let shown = browser.post_form("/account/sign-in", &[("email", ""), ("password", "")]).await.expect(422);
    shown.says("Please fill in this field.");

    // A page that asks for a user sends a stranger to the sign-in, and back.
    let away = browser.get("/account/password").await;
    assert_eq!(away.to(), "/account/sign-in?return_to=%2Faccount%2Fpassword");
    let shown = browser.get(away.to()).await.expect(200);
    shown.says("Please sign in to go on.").says("name=\"return_to\" value=\"&#x2f;account&#x2f;password\"");
    let fields = [("email", ADA), ("password", PASSWORD), ("return_to", "/account/password")];
    let on = browser.post_form("/account/sign-in", &fields).await;
    assert_eq!(on.to(), "/account/signed-in?return_to=%2Faccount%2Fpassword");
    assert_eq!(browser.get(on.to()).await.to(), "/account/password");
    browser.get("/account/password").await.expect(200).says("value=\"ada@example.com\"").says("readonly");
    assert_eq!(browser.get("/.well-known/change-password").await.to(), "/account/password");

    // Signing in once more ends the session before.
    sign_in(&browser).await;
    browser.get("/account").await.expect(200).says_nothing_of("End all other sessions");
}

#[tokio::test]
async fn pg7_a_link_cannot_choose_where_a_login_ends() {
    let rig = Rig::with(pages().return_to(["https://app.example"]), |engine| engine);
    let browser = rig.ada().await;
    for hostile in ["https://evil.example", "//evil.example", "/\\evil.example", "/a/../b", "javascript:alert(1)"] {
        let fields = [("email", ADA), ("password", PASSWORD), ("return_to", hostile)];
        let on = browser.post_form("/account/sign-in", &fields).await;
        assert_eq!(on.to(), "/account/signed-in", "{hostile}");
        let query = percent_encoding::utf8_percent_encode(hostile, percent_encoding::NON_ALPHANUMERIC);
        assert_eq!(browser.get(&format!("/account/signed-in?return_to={query}")).await.to(), "/account");
    }
    for good in ["/orders?id=7", "https://app.example/welcome"] {
        let fields = [("email", ADA), ("password", PASSWORD), ("return_to", good)];
        let on = browser.post_form("/account/sign-in", &fields).await;
        let next = browser.get(on.to()).await;
        assert_eq!(next.to(), good);
        let policy = next.header("content-security-policy").unwrap();
        assert!(policy.contains("form-action 'self' https://app.example;"), "{policy}");
    }
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_and_a_dead_link_is_found_before_anything_is_typed() {
    let rig = Rig::new();
    let browser = rig.ada().await;
    let sent = browser.post_form("/account/forgot", &[("email", ADA)]).await;
    assert_eq!(sent.to(), "/account/check-mail");
    browser.get("/account/check-mail").await.expect(200).says("If ada@example.com has an account");
    let link = rig.link().await;
    let path = link.strip_prefix("https://shop.example").unwrap();
    let shown = browser.get(path).await.expect(200);
    shown.says("autocomplete=\"new-password\"").says("value=\"ada@example.com\" autocomplete=\"username\"");
    let fields = |password| [("token", token(&link)), ("username", ADA), ("password", password)];
    let shown = browser.post_form("/account/reset", &fields("short")).await.expect(400);
    shown.says("Use at least 15 characters.").says("value=\"ada@example.com\"");
    let saved = browser.post_form("/account/reset", &fields(ANOTHER)).await;
    assert_eq!((saved.to(), saved.done()), ("/account/sign-in", "reset"));
    for reply in [browser.get(path).await, browser.post_form("/account/reset", &fields(ANOTHER)).await] {
        reply.expect(410).says("used already").says("/account/forgot".replace('/', "&#x2f;").as_str());
    }
    browser.post_form("/account/forgot", &[("email", ADA)]).await.expect(303);
    let mail = rig.mailbox.next(ADA).await;
    let link = match mail.link {
        Some(link) => link,
        // The notice of the changed password comes first.
        None => rig.link().await,
    };
    rig.later(61);
    browser.get(link.strip_prefix("https://shop.example").unwrap()).await.expect(410).says("The link is too old.");
    browser.get("/account/reset?token=nonsense").await.expect(410).says("The link is not complete.");
    browser.get("/account/reset").await.expect(410).says("The link is not complete.");
}

#[tokio::test]
async fn a_mail_is_sent_again_and_another_address_can_be_used() {
    let rig = Rig::new();
    let browser = rig.browser();
    // Who has not asked for a mail may ask for one.
    browser.get("/account/check-mail").await.expect(200).says("We send you a new link");
    browser.post_form("/account/sign-up", &sign_up(ADA)).await.expect(303);
    let first = rig.link().await;
    let shown = browser.get("/account/check-mail").await.expect(200);
    shown.says("Send again").says("Use another address").says("name=\"sent\" value=\"verify\"");
    let again = [("email", ADA), ("sent", "verify")];
    let sent = browser.post_form("/account/check-mail", &again).await;
    assert_eq!((sent.to(), sent.done()), ("/account/check-mail", "sent"));
    assert_ne!(first, rig.link().await);
    // The limit of mails is shown with the time when it ends.
    let mut refused = browser.post_form("/account/check-mail", &again).await;
    for _ in 0..20 {
        if refused.status == 429 {
            break;
        }
        refused = browser.post_form("/account/check-mail", &again).await;
    }
    assert!(refused.header("retry-after").is_some());
    refused.expect(429).says("Please try again after ").says(" UTC.").says("Send again");
}

#[tokio::test]
async fn pg10_discreet_pages_are_equal_for_free_and_taken_known_and_unknown_addresses() {
    let rig = Rig::with(pages(), |engine| unlimited(engine).answers(Answers::Discreet).require_verified(true));
    rig.browser().post_form("/account/sign-up", &sign_up(ADA)).await.expect(303);
    for (path, mut fields) in [
        ("/account/sign-up", vec![("password", PASSWORD), ("name", "Ada")]),
        ("/account/forgot", vec![]),
        ("/account/check-mail", vec![("sent", "verify")]),
        ("/account/check-mail", vec![("sent", "reset")]),
        ("/account/sign-in", vec![("password", "wrong")]),
        // The password is right, and the address is not confirmed.
        ("/account/sign-in", vec![("password", PASSWORD)]),
    ] {
        let mut seen = Vec::new();
        for email in [ADA, "bob@example.com"] {
            fields.push(("email", email));
            let browser = rig.browser();
            // The suites of the routes compare the steps of the work behind the answer.
            let reply = browser.post_form(path, &fields).await;
            let next = match reply.header("location") {
                Some(next) => browser.get(next).await.text().to_owned(),
                None => String::new(),
            };
            let headers: Vec<_> = reply.headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
            let all = format!("{} {headers:?} {} {next}", reply.status, reply.text());
            // They differ in the address that was typed.
            let encoded = crate::presentation::encoded(email);
            seen.push(all.replace(email, "ADDRESS").replace(&encoded, "ADDRESS"));
            fields.pop();
            // Bob is as unknown for the next path.
            if path.ends_with("sign-up") && email != ADA {
                let accounts = &rig.accounts;
                // The answer does not wait for the account.
                rig.mailbox.next(email).await;
                let bob = accounts.get_by_email(&EmailAddress::parse(email).unwrap()).await.unwrap().unwrap();
                accounts.delete_user(&Admin::system("test"), &bob.id, &Context::default()).await.unwrap();
            }
        }
        assert_eq!(seen[0].split("content-length").next(), seen[1].split("content-length").next(), "{path}");
        let body = |all: &str| all.split_once("] ").map(|(_, body)| body.to_owned());
        assert_eq!(body(&seen[0]), body(&seen[1]), "{path}");
    }
}

#[tokio::test]
async fn without_a_messenger_a_registration_leads_to_the_sign_in() {
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
        .with(crate::pages::Pages::new("cookie"))
        .build()
        .unwrap();
    struct Plain {
        engine: Engine<MemoryStore>,
    }
    #[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
    impl Plain {}
    let browser = Client::new(crate::axum::router(Plain { engine }).unwrap());
    let fields = [("email", ADA), ("password", PASSWORD), ("return_to", "/orders")];
    let done = browser.post_form("/account/sign-up", &fields).await;
    assert_eq!((done.to(), done.done()), ("/account/sign-in?return_to=%2Forders", "registered"));
    // A hook may send the mail that is asked for again.
    let sent = browser.post_form("/account/check-mail", &[("email", ADA)]).await;
    assert_eq!((sent.to(), sent.done()), ("/account/check-mail", "sent"));
}

#[tokio::test]
async fn a_mail_to_an_address_that_only_the_engine_allows_can_be_sent_again() {
    let rules = crate::user::EmailRules::new().allow_domain("localhost");
    let rig = Rig::with(pages(), |engine| engine.email_rules(rules));
    for (path, sent) in [("/account/sign-up", "verify"), ("/account/forgot", "reset")] {
        let browser = rig.browser();
        browser.post_form(path, &sign_up("ada@localhost")).await.expect(303);
        let shown = browser.get("/account/check-mail").await.expect(200);
        shown.says("ada@localhost").says(&format!("name=\"sent\" value=\"{sent}\""));
    }
}

#[tokio::test]
async fn a_sign_in_by_a_provider_that_needs_a_confirmed_address_shows_how() {
    let rig = Rig::new();
    let shown = rig.browser().get("/account/sign-in?error=LOGIN_USER_NOT_VERIFIED").await.expect(200);
    shown.says("Ask for a new link").says("class=\"errors\"");
}
