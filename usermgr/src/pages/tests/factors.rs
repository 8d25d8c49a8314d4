//! The second factors of a person: the second step of their sign-in, their account, and what an administrator does for them.

use serde_json::json;

use super::{
    providers::onward,
    rig::{ADA, PASSWORD, Rig, Seen, hidden, pages, plain, sign_in, sign_up, unlimited},
};
use crate::{
    engine::Demand,
    oauth::OAuth,
    prelude::*,
    slices::totp::tests::rig::App,
    testing::{Client, FakeProvider, Reply},
};

/// What a page says in `code` elements.
fn codes(reply: &Reply) -> Vec<String> {
    let text = plain(reply);
    let codes =
        text.split("<code").skip(1).map(|rest| rest.split_once('>').unwrap().1.split("</code>").next().unwrap());
    codes.map(str::to_owned).collect()
}

/// The app that has scanned the picture of a page.
fn app(rig: &Rig, reply: &Reply) -> App {
    let secret = codes(reply)[0].replace(' ', "");
    App::of(&json!({ "secret": secret, "uri": hidden(reply, "uri") }), &rig.clock)
}

fn confirmation(reply: &Reply, code: &str, label: &str) -> [(&'static str, String); 5] {
    let hidden = |name| hidden(reply, name);
    [
        ("pending_token", hidden("pending_token")),
        ("uri", hidden("uri")),
        ("return_to", hidden("return_to")),
        ("code", code.to_owned()),
        ("label", label.to_owned()),
    ]
}

async fn send(browser: &Client, path: &str, fields: &[(&'static str, String)]) -> Reply {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post_form(path, &fields).await
}

/// Adds an app. Its code is used up afterwards, so the next step begins.
async fn add_app(rig: &Rig, browser: &Client) -> (App, Vec<String>) {
    let begun = browser.post_form("/account/factors/app", &[]).await.expect(200);
    let app = app(rig, &begun);
    let shown = send(browser, "/account/factors/app/confirm", &confirmation(&begun, &app.code(), "phone")).await;
    rig.later(1);
    (app, codes(&shown.expect(200)))
}

/// The first step of a sign-in.
async fn first_step(browser: &Client, return_to: &str) -> Reply {
    let fields = [("email", ADA), ("password", PASSWORD), ("return_to", return_to)];
    browser.post_form("/account/sign-in", &fields).await
}

#[tokio::test]
async fn mf8_pg4_an_app_is_added_and_the_codes_are_shown_once_and_nothing_of_it_is_in_an_address() {
    let rig = Rig::with(pages(), unlimited);
    let ada = rig.ada().await;
    ada.get("/account").await.expect(200).says("Second factors").says("a stolen password is not enough");
    ada.get("/account/factors/app").await.expect(200).says("An app on your phone");
    let begun = ada.post_form("/account/factors/app", &[]).await.expect(200);
    begun.says("<svg class=\"picture\"").says("role=\"img\" aria-label=\"QR code").says("<path fill=\"#000\" d=\"M");
    begun.says("href=\"otpauth:").says("autocomplete=\"one-time-code\" inputmode=\"numeric\"");
    assert_eq!(begun.header("cache-control"), Some("no-store"));
    let app = app(&rig, &begun);
    let secret = app.in_clear()[1].clone();
    assert!(codes(&begun)[0].split(' ').all(|group| group.len() == 4), "{:?}", codes(&begun));

    // What was typed wrongly comes back with the picture, and the label.
    let path = "/account/factors/app/confirm";
    for (code, label, status, said, field) in [
        (app.wrong(), "phone", 400, "This code is not valid.", "code"),
        (String::new(), "phone", 422, "Please fill in this field.", "code"),
        (app.code(), &*"x".repeat(65), 400, "at most 64 characters", "label"),
    ] {
        let shown = send(&ada, path, &confirmation(&begun, &code, label)).await.expect(status);
        shown.says(said).says("<svg").says(&format!("value=\"{label}\"")).says(&format!("id=\"{field}-error\""));
        assert_eq!(codes(&shown), codes(&begun));
    }
    let shown = send(&ada, path, &confirmation(&begun, &app.code(), "phone")).await.expect(200);
    shown.says("The second factor is added.").says("Print this page").says_nothing_of(&secret);
    assert_eq!((codes(&shown).len(), shown.header("cache-control")), (10, Some("no-store")));
    for reply in [&begun, &shown] {
        let cookies: Vec<_> = reply.headers.get_all("set-cookie").iter().map(|it| format!("{it:?}")).collect();
        assert_eq!(cookies, Vec::<String>::new());
    }
    let account = ada.get("/account").await.expect(200);
    account.says("phone").says("authenticator app").says("recovery codes").says("Codes left: 10");
    account.says_nothing_of(&codes(&shown)[0]).says_nothing_of(&secret);

    // The same form once more, as a browser sends it that goes back.
    let again = send(&ada, path, &confirmation(&begun, &app.code(), "phone")).await;
    assert_eq!((again.to(), again.done()), ("/account/factors/app", "begin_again"));
    // Nothing else than the address of an app is made a picture and a link of.
    for uri in ["javascript:alert(1)", "https://evil.example/?secret=AAAA", ""] {
        let hostile = [("pending_token", "x".to_owned()), ("uri", uri.to_owned()), ("code", String::new())];
        let led = send(&ada, path, &hostile).await;
        assert_eq!((led.to(), led.done()), ("/account/factors/app", "begin_again"));
    }
    // A second app brings no codes.
    rig.later(1);
    let begun = ada.post_form("/account/factors/app", &[]).await.expect(200);
    let other = self::app(&rig, &begun);
    let added = send(&ada, path, &confirmation(&begun, &other.code(), "")).await;
    assert_eq!((added.to(), added.done()), ("/account", "factor_added"));
}

#[tokio::test]
async fn mf1_pg4_a_sign_in_asks_for_the_code_and_leads_to_where_the_person_came_from() {
    let rig = Rig::with(pages(), unlimited);
    let (app, _) = add_app(&rig, &rig.ada().await).await;
    let browser = rig.browser();
    let on = first_step(&browser, "/account/profile").await;
    assert_eq!(on.to(), "/account/second-step?return_to=%2Faccount%2Fprofile");
    let cookie = on.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap()).collect::<Vec<_>>().join("\n");
    assert!(cookie.starts_with("__Host-usermgr-pending=") && !cookie.contains('\n'), "{cookie}");
    for attribute in ["HttpOnly", "Secure", "SameSite=lax", "Max-Age=300"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let token = on.cookie("__Host-usermgr-pending").unwrap().split('.').next().unwrap().to_owned();
    assert_eq!(token.len(), 43);
    // It can be reloaded, and read in another language.
    for _ in 0..2 {
        let shown = browser.get(on.to()).await.expect(200);
        shown.says("autocomplete=\"one-time-code\" inputmode=\"numeric\"").says("Use a recovery code");
        shown.says_nothing_of(&token).says("value=\"&#x2f;account&#x2f;profile\"");
    }
    browser.get("/account/second-step?lang=de").await.expect(200).says("Zweiter Schritt");
    browser.get("/account/second-step?lang=en").await.expect(200);
    browser.get("/account").await.expect(303);
    let answer = |code: String| [("code", code), ("return_to", "/account/profile".to_owned())];
    let wrong = send(&browser, "/account/second-step", &answer(app.wrong())).await.expect(400);
    wrong.says("The code is not right.").says("id=\"code-error\"").says_nothing_of(&app.wrong());
    send(&browser, "/account/second-step", &answer(String::new())).await.expect(422).says("Please fill in");
    let done = send(&browser, "/account/second-step", &answer(app.code())).await;
    assert_eq!(done.to(), "/account/signed-in?return_to=%2Faccount%2Fprofile");
    assert_eq!(browser.get(done.to()).await.to(), "/account/profile");
    // Back from there.
    assert_eq!(browser.get(on.to()).await.to(), "/account/signed-in?return_to=%2Faccount%2Fprofile");
    browser.get("/account").await.expect(200).says("Last used");
}

#[tokio::test]
async fn mf2_mf6_a_sign_in_that_took_too_long_or_was_tried_too_often_begins_again() {
    let rig = Rig::with(pages(), unlimited);
    let (app, _) = add_app(&rig, &rig.ada().await).await;
    let late = rig.browser();
    let on = first_step(&late, "/account/profile").await;
    rig.later(6);
    let fields = [("code", app.code()), ("return_to", "/account/profile".to_owned())];
    let back = send(&late, "/account/second-step", &fields).await;
    let sign_in = "/account/sign-in?return_to=%2Faccount%2Fprofile";
    assert_eq!((back.to(), back.done()), (sign_in, "not_pending"));
    late.get(back.to()).await.says("The sign-in was not finished in time.");
    // The cookie is gone with it.
    let gone = late.get(on.to()).await;
    assert_eq!((gone.to(), gone.done()), (sign_in, "not_pending"));

    let guessing = rig.browser();
    first_step(&guessing, "").await;
    for _ in 0..5 {
        send(&guessing, "/account/second-step", &[("code", app.wrong())]).await.expect(400);
    }
    let back = send(&guessing, "/account/second-step", &[("code", app.code())]).await;
    assert_eq!((back.to(), back.done()), ("/account/sign-in", "not_pending"));
    // A stranger has nothing that waits.
    for page in ["/account/second-step", "/account/second-step/recovery"] {
        let browser = rig.browser();
        assert_eq!(browser.get(page).await.to(), "/account/sign-in");
        assert_eq!(browser.post_form(page, &[("code", "123456")]).await.to(), "/account/sign-in");
    }
}

#[tokio::test]
async fn a_sign_in_is_led_to_the_page_of_a_factor_that_it_has() {
    let rig = Rig::with(pages(), unlimited);
    let waits = |kinds: &str| rig.browser().header("cookie", &format!("__Host-usermgr-pending=abc.{kinds}"));
    let [step, recovery] = ["/account/second-step", "/account/second-step/recovery"];
    waits("totp").get(step).await.expect(200).says("autocomplete=\"one-time-code\"").says_nothing_of("recovery");
    assert_eq!(waits("totp").get(recovery).await.to(), step);
    waits("recovery").get(recovery).await.expect(200).says_nothing_of("Use the authenticator app");
    assert_eq!(waits("badge%20recovery").get(step).await.to(), recovery);
    // The application asks for a factor of its own on a page of its own.
    let shown = waits("badge").get(step).await.expect(200);
    shown.says("Your second factor cannot be used on this page.").says("Sign in as another user");
    shown.says_nothing_of("<input").says_nothing_of("badge");
    for nonsense in ["%ff", "%3Cb%3E", ""] {
        waits(nonsense).get(step).await.says_nothing_of("<b>").says_nothing_of("<input id");
    }
    // A token that no one has given out opens nothing.
    let refused = waits("totp").post_form(step, &[("code", "123456")]).await;
    assert_eq!((refused.to(), refused.done()), ("/account/sign-in", "not_pending"));
}

#[tokio::test]
async fn mf7_a_recovery_code_signs_in_once_and_new_ones_replace_all() {
    let rig = Rig::with(pages(), unlimited);
    let (app, codes) = add_app(&rig, &rig.ada().await).await;
    let browser = rig.browser();
    let path = "/account/second-step/recovery";
    let on = first_step(&browser, "/account/profile").await;
    let shown = browser.get(on.to()).await;
    assert!(plain(&shown).contains("href=\"/account/second-step/recovery?return_to=%2Faccount%2Fprofile\""));
    let shown = browser.get(path).await.expect(200);
    shown.says("Enter one of your recovery codes.").says("Use the authenticator app").says_nothing_of("numeric");
    send(&browser, path, &[("code", "00000-00000".to_owned())]).await.expect(400).says("The code is not right.");
    let done = send(&browser, path, &[("code", codes[0].to_lowercase())]).await;
    assert_eq!(done.to(), "/account/signed-in");
    browser.get("/account").await.expect(200).says("Codes left: 9").says("Make new recovery codes");
    first_step(&rig.browser(), "").await.expect(303);
    let other = rig.browser();
    first_step(&other, "").await;
    send(&other, path, &[("code", codes[0].clone())]).await.expect(400);
    send(&other, "/account/second-step", &[("code", app.code())]).await.expect(303);

    browser.get("/account/factors/recovery-codes").await.expect(200).says("The codes that you have stop working.");
    let new = browser.post_form("/account/factors/recovery-codes", &[]).await.expect(200);
    let new = self::codes(&new);
    assert_eq!((new.len(), new.iter().any(|code| codes.contains(code))), (10, false));
    let last = rig.browser();
    first_step(&last, "").await;
    send(&last, path, &[("code", codes[1].clone())]).await.expect(400);
    send(&last, path, &[("code", new[1].clone())]).await.expect(303);
}

#[tokio::test]
async fn mf8_a_factor_is_renamed_and_removed_only_after_both_steps_just_now() {
    let rig = Rig::with(pages(), unlimited);
    let ada = rig.ada().await;
    let (app, _) = add_app(&rig, &ada).await;
    let account = plain(&ada.get("/account").await);
    let id = account.split("factors/").find_map(|rest| rest.split_once("/rename")).unwrap().0.to_owned();
    let at = |action: &str| format!("/account/factors/{id}/{action}");
    ada.get(&at("rename")).await.expect(200).says("value=\"phone\"");
    ada.post_form(&at("rename"), &[("label", "")]).await.expect(422).says("Please fill in this field.");
    ada.post_form(&at("rename"), &[("label", &"x".repeat(65))]).await.expect(400).says("id=\"label-error\"");
    let renamed = ada.post_form(&at("rename"), &[("label", "<b>tablet")]).await;
    assert_eq!((renamed.to(), renamed.done()), ("/account", "factor_renamed"));
    ada.get("/account").await.says("&lt;b&gt;tablet").says_nothing_of("phone");
    ada.get(&at("remove")).await.expect(200).says("class=\"grave\"").says("&lt;b&gt;tablet").says("removed too");

    rig.later(11);
    for action in ["rename", "remove"] {
        for reply in [ada.get(&at(action)).await, ada.post_form(&at(action), &[("label", "x")]).await] {
            assert!(reply.to().starts_with("/account/sign-in?return_to=") && reply.to().ends_with(action));
            assert_eq!(reply.done(), "again");
        }
    }
    // The person comes back after both steps.
    let on = first_step(&ada, &at("remove")).await;
    let fields = [("code", app.code()), ("return_to", at("remove"))];
    assert!(on.to().starts_with("/account/second-step?return_to="));
    let done = send(&ada, "/account/second-step", &fields).await;
    assert_eq!(ada.get(done.to()).await.to(), at("remove"));
    let removed = ada.post_form(&at("remove"), &[]).await;
    assert_eq!((removed.to(), removed.done()), ("/account", "factor_removed"));
    ada.get("/account").await.says("a stolen password is not enough").says_nothing_of("Codes left");
    for action in ["rename", "remove"] {
        ada.get(&at(action)).await.expect(404);
    }
    ada.get("/account/factors/recovery-codes").await.expect(400).says("You have no second factor.");
    sign_in(&rig.browser()).await;
}

#[tokio::test]
async fn mf1_a_sign_in_by_a_provider_goes_on_at_the_second_step() {
    let corp = FakeProvider::new("https://corp.example");
    corp.person("ada", json!({ "email": "ada@corp.example", "email_verified": true, "name": "Ada" }));
    let oauth = OAuth::at("https://shop.example").provider(corp.provider("corp").label("Corp")).client(corp.clone());
    let rig = Rig::with(pages(), |engine| unlimited(engine).with(oauth));
    let ada = rig.ada().await;
    let leave = ada.post_form("/account/providers/corp/link", &[("return_to", "/account")]).await.expect(200);
    ada.callback(&corp.consent(&onward(leave.text()), "ada")).await.expect(303);
    let (app, _) = add_app(&rig, &ada).await;

    let browser = rig.browser();
    let fields = [("return_to", "/account/signed-in?return_to=%2Faccount%2Fprofile")];
    let leave = browser.post_form("/account/providers/corp/sign-in", &fields).await.expect(200);
    let back = browser.callback(&corp.consent(&onward(leave.text()), "ada")).await;
    assert_eq!(back.to(), "/account/signed-in?return_to=%2Faccount%2Fprofile&error=LOGIN_SECOND_FACTOR_REQUIRED");
    let step = browser.get(back.to()).await;
    assert_eq!(step.to(), "/account/second-step?return_to=%2Faccount%2Fprofile");
    browser.get(step.to()).await.expect(200).says("Second step");
    let done = browser.post_form("/account/second-step", &[("code", &*app.code())]).await;
    assert_eq!(done.to(), "/account/signed-in");
    browser.get("/account").await.expect(200).says(ADA);
    // Without the cookie the sign-in says what to do.
    let shown = rig.browser().get("/account/sign-in?error=LOGIN_SECOND_FACTOR_REQUIRED").await.expect(200);
    shown.says("Sign in with your password to use your second factor.");
}

#[tokio::test]
async fn mf12_who_has_not_confirmed_their_address_is_shown_how() {
    let rig = Rig::with(pages(), unlimited);
    let browser = rig.browser();
    browser.post_form("/account/sign-up", &sign_up(ADA)).await.expect(303);
    sign_in(&browser).await;
    let shown = browser.post_form("/account/factors/app", &[]).await.expect(400);
    shown.says("Confirm your address first.").says("Ask for a new link").says_nothing_of("<svg");

    // The address has become unconfirmed since the app was begun.
    let (rig, address) = (Rig::with(pages(), unlimited), EmailAddress::parse(ADA).unwrap());
    let browser = rig.ada().await;
    let begun = browser.post_form("/account/factors/app", &[]).await.expect(200);
    let user = rig.accounts.get_by_email(&address).await.unwrap().unwrap();
    let unverified = crate::user::AdminUpdate::default().verified(false);
    rig.accounts.update_user(&Admin::system("test"), &user.id, unverified, &Context::default()).await.unwrap();
    let code = app(&rig, &begun).code();
    let shown = send(&browser, "/account/factors/app/confirm", &confirmation(&begun, &code, "")).await.expect(400);
    shown.says("Confirm your address first.").says("Ask for a new link");
}

#[tokio::test]
async fn mf15_who_must_have_a_factor_is_led_to_it_from_everywhere_and_back() {
    let rig = Rig::with(pages(), |engine| unlimited(engine).with(Demand::everybody()));
    let ada = rig.ada().await;
    assert_eq!(
        ada.get("/account/signed-in?return_to=%2Forders").await.to(),
        "/account/factors/app?return_to=%2Forders",
        "the application would refuse them"
    );
    for page in ["/account", "/account/password"] {
        let led = ada.get(page).await;
        assert_eq!(led.to(), format!("/account/factors/app?return_to={}", page.replace('/', "%2F")));
        assert_eq!(led.done(), "set_up");
        assert_eq!(ada.post_form(page, &[("password", "x")]).await.status, if page == "/account" { 405 } else { 303 });
    }
    let led = ada.post_form("/account/sessions/end-others", &[]).await;
    assert_eq!((led.to(), led.done()), ("/account/factors/app?return_to=%2Faccount", "set_up"));
    let shown = ada.get("/account/factors/app?return_to=%2Forders").await.expect(200);
    shown.says("Your account needs a second factor.").says("Sign out").says("value=\"&#x2f;orders\"");
    let begun = ada.post_form("/account/factors/app", &[("return_to", "/orders")]).await.expect(200);
    let code = app(&rig, &begun).code();
    let shown = send(&ada, "/account/factors/app/confirm", &confirmation(&begun, &code, "")).await.expect(200);
    assert!(plain(&shown).contains("<a href=\"/orders\">I have kept the codes"), "{}", shown.text());
    ada.get("/account").await.expect(200).says("Codes left: 10");

    // Without the page there is no way on but out.
    let rig = Rig::with(pages().without("add-app"), |engine| unlimited(engine).with(Demand::everybody()));
    let ada = rig.ada().await;
    ada.get("/account").await.expect(403).says("Your account needs a second factor.").says("Sign out");
}

#[tokio::test]
async fn mf15_a_fresh_login_on_the_way_to_the_factor_loses_nothing() {
    let rig = Rig::with(pages(), |engine| unlimited(engine).with(Demand::everybody()));
    let ada = rig.ada().await;
    rig.later(11);
    let add = ada.get("/account/password").await;
    assert_eq!(add.to(), "/account/factors/app?return_to=%2Faccount%2Fpassword");
    let again = ada.get(add.to()).await;
    assert_eq!(again.done(), "again");
    let wanted = hidden(&ada.get(again.to()).await.expect(200), "return_to");
    assert_eq!(wanted, add.to());
    let signed_in = first_step(&ada, &wanted).await;
    let led = ada.get(signed_in.to()).await;
    assert_eq!((led.to(), led.done()), (add.to(), "set_up"));
    let shown = ada.get(led.to()).await.expect(200);
    let begun = ada.post_form("/account/factors/app", &[("return_to", &*hidden(&shown, "return_to"))]).await;
    // The form of the code is late too, and leads to where the user wanted to be.
    rig.later(11);
    let late = send(&ada, "/account/factors/app/confirm", &confirmation(&begun, "123456", "")).await;
    assert_eq!((late.to(), late.done()), ("/account/sign-in?return_to=%2Faccount%2Fpassword", "again"));
    first_step(&ada, "").await;
    let begun = ada.post_form("/account/factors/app", &[("return_to", "/account/password")]).await.expect(200);
    let code = app(&rig, &begun).code();
    let shown = send(&ada, "/account/factors/app/confirm", &confirmation(&begun, &code, "")).await.expect(200);
    assert!(plain(&shown).contains("<a href=\"/account/password\">I have kept the codes"), "{}", shown.text());
    ada.get("/account/password").await.expect(200);

    // What would be too long to come back to is left out, and the page itself is not.
    rig.later(11);
    let long = format!("/account/email?return_to=%2F{}", "x".repeat(500));
    assert_eq!(ada.get(&long).await.to(), "/account/sign-in?return_to=%2Faccount%2Femail");
}

#[tokio::test]
async fn mf9_an_administrator_removes_all_factors_of_a_user() {
    let rig = Rig::with(pages(), unlimited);
    let ada = rig.ada().await;
    add_app(&rig, &ada).await;
    let id = rig.accounts.get_by_email(&EmailAddress::parse(ADA).unwrap()).await.unwrap().unwrap().id;
    let root = rig.browser();
    root.post_form("/account/sign-up", &sign_up("root@example.com")).await.expect(303);
    rig.promote("root@example.com").await;
    root.post_form("/account/sign-in", &[("email", "root@example.com"), ("password", PASSWORD)]).await.expect(303);
    let path = format!("/account/admin/users/{id}");
    root.get(&path).await.expect(200).says("Remove second factors");
    let asked = root.get(&format!("{path}/remove-factors")).await.expect(200);
    asked.says("ada@example.com signs in without a second factor").says("class=\"grave\"");
    let removed = root.post_form(&format!("{path}/remove-factors"), &[]).await;
    assert_eq!((removed.to(), removed.done()), (&*path, "factors_removed"));
    assert!(ada.get("/account").await.to().starts_with("/account/sign-in"));
    sign_in(&ada).await;
    ada.get("/account").await.expect(200).says("a stolen password is not enough");
}

#[tokio::test]
async fn pages_of_factors_are_not_there_without_the_part() {
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
    let plain = std::sync::Arc::new(Plain { engine });
    let browser = Client::new(crate::axum::router(plain.clone()).unwrap());
    browser.post_form("/account/sign-up", &[("email", ADA), ("password", PASSWORD)]).await.expect(303);
    let ada = plain.get_by_email(&EmailAddress::parse(ADA).unwrap()).await.unwrap().unwrap();
    plain.set_superuser(&Admin::system("test"), &ada.id, true, &Context::default()).await.unwrap();
    sign_in(&browser).await;
    browser.get("/account").await.expect(200).says_nothing_of("Second factors");
    let user = format!("/account/admin/users/{}", ada.id);
    browser.get(&user).await.expect(200).says_nothing_of("Remove second factors");
    for path in ["/account/second-step", "/account/factors/app", "/account/factors/7/rename"] {
        browser.get(path).await.expect(404);
        browser.post_form(path, &[("code", "123456"), ("label", "x")]).await.expect(404);
    }
    browser.get(&format!("{user}/remove-factors")).await.expect(404);
    browser.post_form(&format!("{user}/remove-factors"), &[]).await.expect(404);
}
