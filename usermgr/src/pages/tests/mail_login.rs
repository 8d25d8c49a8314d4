//! Signing in by mail: a link or a code in place of a password.

use super::rig::{ADA, PASSWORD, Rig, Seen, pages, sign_up, token, unlimited};
use crate::prelude::*;

fn rig(part: MailLogin) -> Rig {
    Rig::with(pages(), |engine| unlimited(engine).with(part))
}

/// A rig with Ada, whose address is verified.
async fn with_ada(part: MailLogin) -> Rig {
    let rig = rig(part);
    rig.ada().await;
    rig
}

/// The code of the next mail to Ada.
fn code(text: &str) -> &str {
    text.lines().find(|line| line.len() == 8 && line.bytes().all(|byte| byte.is_ascii_digit())).unwrap()
}

#[tokio::test]
async fn ml2_a_person_signs_in_with_the_code_of_a_mail_in_the_browser_that_asked() {
    let rig = with_ada(MailLogin::new()).await;
    let (browser, other) = (rig.browser(), rig.browser());
    browser.get("/account/sign-in?return_to=%2Forders").await.expect(200).says("Sign in by mail instead");
    let fields = [("email", ADA), ("return_to", "/orders")];
    let asked = browser.post_form("/account/mail-sign-in", &fields).await;
    assert_eq!(asked.to(), "/account/mail-code?return_to=%2Forders");
    let shown = browser.get(asked.to()).await.expect(200);
    shown.says("autocomplete=\"one-time-code\"").says("inputmode=\"numeric\"").says("value=\"&#x2f;orders\"");
    let mail = rig.mailbox.next(ADA).await;
    let code = code(&mail.text);
    other.post_form("/account/mail-code", &[("code", code)]).await.expect(400).says("The code is not right");
    let wrong = browser.post_form("/account/mail-code", &[("code", "0")]).await.expect(400);
    wrong.says("id=\"code-error\"").says_nothing_of("value=\"0\"");
    browser.post_form("/account/mail-code", &[("code", "")]).await.expect(422);
    let entered = browser.post_form("/account/mail-code", &[("code", code), ("return_to", "/orders")]).await;
    assert_eq!(entered.to(), "/account/signed-in?return_to=%2Forders");
    assert_eq!(browser.get(entered.to()).await.to(), "/orders");
    browser.get("/account").await.expect(200).says(ADA);
    let again = browser.post_form("/account/mail-code", &[("code", code)]).await.expect(400);
    again.says("The code is not right");
}

#[tokio::test]
async fn ml1_a_person_signs_in_with_the_link_by_a_button_and_opening_it_changes_nothing() {
    let rig = with_ada(MailLogin::new().links_only()).await;
    let browser = rig.browser();
    let asked = browser.post_form("/account/mail-sign-in", &[("email", ADA)]).await;
    assert_eq!(asked.to(), "/account/check-mail");
    let shown = browser.get("/account/check-mail").await.expect(200);
    shown.says("Open the link to sign in.").says("name=\"sent\" value=\"login\"");
    let link = rig.link().await;
    let path = link.strip_prefix("https://shop.example").unwrap();
    let elsewhere = rig.browser();
    for _ in 0..2 {
        elsewhere.request(::http::Method::HEAD, path).await.expect(200);
        elsewhere.get(path).await.expect(200).says("Sign in as ada@example.com?");
    }
    elsewhere.get("/account").await.expect(303);
    let entered = elsewhere.post_form("/account/mail-login", &[("token", token(&link))]).await;
    assert_eq!(entered.to(), "/account/signed-in");
    elsewhere.get("/account").await.expect(200).says(ADA);
    let spent = rig.browser().get(path).await.expect(410);
    spent.says("The link was used already").says("Sign in by mail instead");
    // The mail can be sent again, and is too old after its time.
    let again = browser.post_form("/account/check-mail", &[("email", ADA), ("sent", "login")]).await;
    assert_eq!((again.to(), again.done()), ("/account/check-mail", "sent"));
    let link = rig.link().await;
    rig.later(15);
    browser.get(link.strip_prefix("https://shop.example").unwrap()).await.expect(410).says("The link is too old.");
    let late = browser.post_form("/account/mail-login", &[("token", token(&link))]).await.expect(410);
    late.says("The link is too old.");
}

#[tokio::test]
async fn ml3_pages_are_equal_for_known_and_unknown_addresses() {
    let rig = with_ada(MailLogin::new()).await;
    let mut seen = Vec::new();
    for email in [ADA, "bob@example.com"] {
        let browser = rig.browser();
        let asked = browser.post_form("/account/mail-sign-in", &[("email", email)]).await.expect(303);
        let request = asked.cookie("__Host-usermgr-request").unwrap().to_owned();
        let next = browser.get(asked.to()).await.expect(200);
        let tried = browser.post_form("/account/mail-code", &[("code", "0")]).await.expect(400);
        let headers: Vec<_> = asked.headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
        let encoded = crate::presentation::encoded(email);
        let all = format!("{headers:?} {} {}", next.text(), tried.text());
        seen.push(all.replace(&request, "REQUEST").replace(&encoded, "ADDRESS").replace(email, "ADDRESS"));
        assert_eq!(request.len(), 43);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn t16_the_link_of_a_mail_takes_over_an_account_that_a_stranger_registered() {
    let rig = rig(MailLogin::new().links_only());
    let (eve, ada) = (rig.browser(), rig.browser());
    eve.post_form("/account/sign-up", &sign_up(ADA)).await.expect(303);
    rig.link().await;
    super::rig::sign_in(&eve).await;
    eve.get("/account").await.expect(200);
    ada.post_form("/account/mail-sign-in", &[("email", ADA)]).await.expect(303);
    let link = rig.link().await;
    ada.post_form("/account/mail-login", &[("token", token(&link))]).await.expect(303);
    ada.get("/account").await.expect(200);
    eve.get("/account").await.expect(303);
    eve.post_form("/account/sign-in", &[("email", ADA), ("password", PASSWORD)]).await.expect(400);
}

#[tokio::test]
async fn without_the_part_there_are_no_such_pages_and_nothing_leads_to_them() {
    let rig = Rig::with(pages(), unlimited);
    let browser = rig.browser();
    browser.get("/account/sign-in").await.expect(200).says_nothing_of("mail-sign-in").says_nothing_of("by mail");
    for path in ["/account/mail-sign-in", "/account/mail-code", "/account/mail-login"] {
        browser.get(path).await.expect(404).says_nothing_of("<form method=\"post\" action=\"&#x2f;account&#x2f;mail");
        let fields = [("email", ADA), ("code", "0"), ("token", "x")];
        browser.post_form(path, &fields).await.expect(404);
    }
}
