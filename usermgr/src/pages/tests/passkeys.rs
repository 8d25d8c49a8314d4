//! Passkeys on the pages, with an authenticator in the test in place of the script and the browser.

use serde_json::Value;

use super::rig::{ADA, PASSWORD, Rig, Seen, behind, hidden, pages, sign_in, sign_up, token, unlimited};
use crate::{
    engine::Demand,
    passkeys::{Passkeys, WebauthnRs},
    prelude::*,
    testing::{Client, FakeAuthenticator, Reply},
};

const ORIGIN: &str = "https://shop.example";
const ADD: &str = "/account/factors/passkey";
const CONFIRM: &str = "/account/factors/passkey/confirm";
const OFFER: &str = "/account/factors/passkey/offer";

fn passkeys() -> Passkeys {
    Passkeys::new(WebauthnRs::new("shop.example", [ORIGIN]).unwrap())
}

fn rig() -> Rig {
    Rig::with(pages(), |engine| unlimited(engine).with(passkeys()))
}

/// The options that the script would hand to the browser.
fn options(reply: &Reply) -> Value {
    let public: Value = serde_json::from_str(&behind(reply, "data-options=\"")).unwrap();
    serde_json::json!({ "publicKey": public })
}

/// Sends the answer of an authenticator as the script would.
async fn answer(browser: &Client, path: &str, shown: &Reply, credential: &Value, more: &[(&str, &str)]) -> Reply {
    let (token, credential) = (hidden(shown, "pending_token"), credential.to_string());
    let fields = [("pending_token", &*token), ("credential", &*credential)];
    browser.post_form(path, &[&fields, more].concat()).await
}

/// Adds a passkey of a signed-in user.
async fn add(browser: &Client, phone: &mut FakeAuthenticator) -> Reply {
    let shown = browser.post_form(ADD, &[]).await.expect(200);
    let credential = phone.create(&options(&shown)).unwrap();
    answer(browser, CONFIRM, &shown, &credential, &[("label", "Phone")]).await
}

#[tokio::test]
async fn pk1_a_passkey_is_added_on_the_account_page_and_signs_in_alone() {
    let (rig, mut phone) = (rig(), FakeAuthenticator::new(ORIGIN));
    let ada = rig.ada().await;
    ada.get("/account").await.expect(200).says("Add a passkey").says_nothing_of("data-passkeys");
    ada.get(ADD).await.expect(200).says("your fingerprint").says("Add an authenticator app instead");
    let shown = ada.post_form(ADD, &[]).await.expect(200);
    // Without a script the form is not shown, and the page says why.
    shown.says(" hidden data-passkey=\"create\"").says("This needs a browser with passkeys");
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    let added = add(&ada, &mut phone).await.expect(200);
    added.says("The passkey is added.").says("Your recovery codes");
    let account = ada.get("/account").await.expect(200);
    account.says("Phone").says("passkey").says("on all your devices");
    let signal: Value = serde_json::from_str(&behind(&account, "data-passkeys=\"")).unwrap();
    assert_eq!(
        (&signal["rpId"], signal["allAcceptedCredentialIds"].as_array().unwrap().len()),
        (&"shop.example".into(), 1)
    );

    let browser = rig.browser();
    let shown = browser.get("/account/sign-in?return_to=/account/password").await.expect(200);
    shown.says("autocomplete=\"username webauthn\"").says("data-waits").says("Sign in with a passkey");
    let credential = phone.get(&options(&shown)).unwrap();
    let path = "/account/sign-in/passkey";
    let back = [("return_to", "/account/password")];
    let signed_in = answer(&browser, path, &shown, &credential, &back).await;
    assert_eq!(signed_in.to(), "/account/signed-in?return_to=%2Faccount%2Fpassword");
    assert_eq!(browser.get(signed_in.to()).await.to(), "/account/password");
    // The same answer once more, as a browser sends it that goes back, has new options.
    let again = answer(&rig.browser(), path, &shown, &credential, &back).await.expect(400);
    again.says("That took too long. Please sign in again.");
    assert_ne!(hidden(&again, "pending_token"), hidden(&shown, "pending_token"));
    assert_eq!(hidden(&again, "return_to"), "/account/password");
}

#[tokio::test]
async fn pk2_a_refused_answer_is_reported_in_the_words_of_passkeys() {
    let (rig, mut phone) = (rig(), FakeAuthenticator::new(ORIGIN));
    let ada = rig.ada().await;
    let shown = ada.post_form(ADD, &[]).await.expect(200);
    phone.open("https://evil.example");
    let forged = phone.create(&options(&shown)).unwrap();
    let refused = answer(&ada, CONFIRM, &shown, &forged, &[]).await.expect(400);
    refused.says("This passkey was not accepted.").says("action=\"&#x2f;account&#x2f;factors&#x2f;passkey\"");
    // The challenge is used up.
    let again = answer(&ada, CONFIRM, &shown, &forged, &[]).await;
    assert_eq!((again.to(), again.done()), (ADD, "begin_again"));
    for credential in ["", "[]", "nonsense"] {
        let shown = ada.post_form(ADD, &[]).await.expect(200);
        let token = hidden(&shown, "pending_token");
        let fields = [("pending_token", &*token), ("credential", credential)];
        ada.post_form(CONFIRM, &fields).await.expect(422).says("Please");
    }

    let browser = rig.browser();
    let shown = browser.get("/account/sign-in").await.expect(200);
    let stranger = phone.clone();
    let unknown = stranger.clone().get(&options(&shown));
    assert!(unknown.is_some());
    let refused = answer(&browser, "/account/sign-in/passkey", &shown, &unknown.unwrap(), &[]).await.expect(400);
    refused.says("This passkey was not accepted.").says("Sign in without a passkey");
}

#[tokio::test]
async fn mf2_a_passkey_is_the_second_step_after_a_password_and_the_page_can_be_loaded_again() {
    let (rig, mut phone) = (rig(), FakeAuthenticator::new(ORIGIN));
    add(&rig.ada().await, &mut phone).await.expect(200);
    let browser = rig.browser();
    let led = sign_in(&browser).await;
    assert_eq!(led.to(), "/account/second-step");
    // Of the three pages, the one for the factor that the user has.
    let led = browser.get(led.to()).await;
    assert_eq!(led.to(), "/account/second-step/passkey");
    let first = browser.get(led.to()).await.expect(200);
    let second = browser.get(led.to()).await.expect(200);
    assert_eq!(options(&first), options(&second));
    second.says("Use a recovery code").says("data-passkey=\"get\"").says_nothing_of("data-waits");
    let credential = phone.get(&options(&second)).unwrap().to_string();
    let wrong = credential.replace("\"signature\":\"", "\"signature\":\"AA");
    let refused = browser.post_form(led.to(), &[("credential", &*wrong)]).await.expect(400);
    refused.says("This passkey was not accepted.");
    let signed_in = browser.post_form(led.to(), &[("credential", &*credential)]).await;
    assert_eq!(signed_in.to(), "/account/signed-in");
    // One that ends meanwhile leads back, before its answer and with it.
    let late = rig.browser();
    sign_in(&late).await;
    let shown = late.get(led.to()).await.expect(200);
    let credential = phone.get(&options(&shown)).unwrap().to_string();
    let id = rig.accounts.get_by_email(&EmailAddress::from_stored(ADA)).await.unwrap().unwrap().id;
    rig.accounts.set_active(&Admin::system("test"), &id, false, &Context::default()).await.unwrap();
    let back = late.post_form(led.to(), &[("credential", &*credential)]).await;
    assert_eq!((back.to(), back.done()), ("/account/sign-in", "not_pending"));
    rig.accounts.set_active(&Admin::system("test"), &id, true, &Context::default()).await.unwrap();
    let late = rig.browser();
    sign_in(&late).await;
    late.get(led.to()).await.expect(200);
    rig.later(6);
    let back = late.get(led.to()).await;
    assert_eq!((back.to(), back.done()), ("/account/sign-in", "not_pending"));
    // A sign-in that is over has no options.
    let over = rig.browser();
    assert_eq!(over.get("/account/second-step/passkey").await.to(), "/account/sign-in");
}

#[tokio::test]
async fn a_passkey_is_offered_once_after_another_way_in() {
    let (rig, mut phone) = (rig(), FakeAuthenticator::new(ORIGIN));
    let browser = rig.browser();
    browser.post_form("/account/sign-up", &sign_up(ADA)).await.expect(303);
    let link = rig.link().await;
    // A user whose address is not confirmed could not add one.
    sign_in(&browser).await;
    assert_eq!(browser.get("/account/signed-in").await.to(), "/account");
    browser.post_form("/account/verify", &[("token", token(&link))]).await.expect(303);
    sign_in(&browser).await;
    let led = browser.get("/account/signed-in?return_to=/account/profile").await;
    assert_eq!(led.to(), &format!("{OFFER}?return_to=%2Faccount%2Fprofile"));
    let offered = browser.get(led.to()).await.expect(200);
    offered.says("Sign in faster next time?").says("href=\"&#x2f;account&#x2f;profile\">Not now");
    offered.says("<noscript><meta http-equiv=\"refresh\" content=\"0; url=&#x2f;account&#x2f;profile\"></noscript>");
    // Not once more in this browser, and not to one who has a passkey.
    sign_in(&browser).await;
    assert_eq!(browser.get("/account/signed-in").await.to(), "/account");
    let shown = browser.post_form(OFFER, &[("return_to", "/account/profile")]).await.expect(200);
    let credential = phone.create(&options(&shown)).unwrap();
    let back = [("return_to", "/account/profile")];
    let added = answer(&browser, CONFIRM, &shown, &credential, &back).await.expect(200);
    added.says("Your recovery codes").says("href=\"&#x2f;account&#x2f;profile\"");
    let other = rig.browser();
    let shown = other.get("/account/sign-in").await.expect(200);
    let credential = phone.get(&options(&shown)).unwrap();
    answer(&other, "/account/sign-in/passkey", &shown, &credential, &[]).await.expect(303);
    assert_eq!(other.get("/account/signed-in").await.to(), "/account");
    // An application that wants no offer leaves the page out.
    let rig = Rig::with(pages().without("offer-passkey"), |engine| unlimited(engine).with(passkeys()));
    assert_eq!(rig.ada().await.get("/account/signed-in").await.to(), "/account");
}

#[tokio::test]
async fn mf15_a_user_who_must_have_a_factor_adds_a_passkey() {
    let demands =
        |engine: crate::engine::EngineBuilder<_>| unlimited(engine).with(passkeys()).with(Demand::everybody());
    let rig = Rig::with(pages().without("add-app"), demands);
    let ada = rig.ada().await;
    let led = ada.get("/account/signed-in?return_to=/account/profile").await;
    assert_eq!((led.to(), led.done()), (&*format!("{ADD}?return_to=%2Faccount%2Fprofile"), "set_up"));
    add(&ada, &mut FakeAuthenticator::new(ORIGIN)).await.expect(200);
    ada.get("/account").await.expect(200);
}

#[tokio::test]
async fn pages_without_passkeys_have_none_of_it() {
    let rig = Rig::with(pages(), unlimited);
    let browser = rig.browser();
    let shown = browser.get("/account/sign-in").await.expect(200);
    shown.says_nothing_of("passkey").says("autocomplete=\"username\"");
    browser.get("/account/sign-in/passkey").await.expect(404);
    rig.ada().await.get(ADD).await.expect(404);
    let fields = [("email", ADA), ("password", PASSWORD)];
    assert_eq!(browser.post_form("/account/sign-in", &fields).await.to(), "/account/signed-in");
}
