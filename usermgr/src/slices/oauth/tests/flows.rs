//! States and cookies: which callbacks belong to which browser.

use serde_json::json;

use super::rig::Rig;
use crate::{prelude::*, testing::Client};

fn detail_of(reply: &crate::testing::Reply) -> String {
    reply.json["detail"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn o1_a_stranger_registers_and_is_known_the_next_time() {
    let rig = Rig::new();
    let browser = rig.browser();
    let first = rig.sign_in(&browser, "corp", "ada").await.expect(200);
    assert_eq!(first.json["token_type"], "bearer");
    let heard = ["registered ada@example.com", "came from corp", "logged in ada"];
    assert_eq!(rig.heard(), heard);
    let me = browser.get("/users/me").await.expect(200).json;
    assert_eq!((&me["email"], &me["is_verified"]), (&"ada@example.com".into(), &false.into()), "corp is not trusted");
    let again = rig.browser();
    rig.sign_in(&again, "corp", "ada").await.expect(200);
    assert_eq!(rig.heard(), ["logged in ada"]);
    assert_eq!(again.get("/users/me").await.expect(200).json["id"], me["id"]);
    let listed = rig.identities(&again).await;
    assert_eq!((&listed[0]["provider"], &listed[0]["subject"]), (&"corp".into(), &"ada".into()));
    assert!(browser.login("bearer", "ada@example.com", "").await.status.is_client_error(), "there is no password");
}

#[tokio::test]
async fn o1_a_callback_is_for_the_browser_that_began_and_works_once() {
    let rig = Rig::new();
    let (browser, other) = (rig.browser(), rig.browser());
    let callback = rig.callback(&browser, "corp", "ada").await;
    let refused = other.get(&callback).await.expect(400);
    assert_eq!(detail_of(&refused), "OAUTH_INVALID_STATE", "without the cookie");
    // The other browser has a flow of its own, with another cookie.
    rig.callback(&other, "corp", "eve").await;
    assert_eq!(detail_of(&other.get(&callback).await.expect(400)), "OAUTH_INVALID_STATE");
    assert!(!rig.corp.calls().contains(&"/token".to_owned()), "no code was sent");
    browser.get(&callback).await.expect(200);
    let exchanges = || rig.corp.calls().iter().filter(|path| *path == "/token").count();
    assert_eq!(exchanges(), 1);
    assert_eq!(detail_of(&browser.get(&callback).await.expect(400)), "OAUTH_INVALID_STATE", "the cookie is gone");
    assert_eq!(exchanges(), 1);
}

#[tokio::test]
async fn o1_of_sixteen_replays_one_is_a_login() {
    let rig = Rig::new();
    let begun = rig.browser().get("/auth/corp/authorize").await.expect(200);
    let cookie = begun.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let callback = rig.corp.consent(begun.json["authorization_url"].as_str().unwrap(), "ada");
    let replays = (0..16).map(|_| {
        let (browser, callback, cookie) = (rig.browser(), callback.clone(), cookie.clone());
        tokio::spawn(async move { browser.get(&callback).header("cookie", &cookie).await.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for replay in replays.collect::<Vec<_>>() {
        statuses.push(replay.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (200, &[400; 15][..]));
    assert_eq!(rig.corp.calls().iter().filter(|path| *path == "/token").count(), 1);
}

#[tokio::test]
async fn o1_a_state_is_for_its_provider_its_purpose_and_its_time() {
    let rig = Rig::new();
    let browser = rig.registered("alan@example.com").await;
    let callback = rig.callback(&browser, "corp", "ada").await;
    for (path, why) in [
        (callback.replace("/auth/corp/", "/auth/forge/"), "another provider"),
        (callback.replace("/auth/corp/", "/auth/associate/corp/"), "a login at the link"),
    ] {
        assert_eq!(detail_of(&browser.get(&path).await.expect(400)), "OAUTH_INVALID_STATE", "{why}");
    }
    let link = rig.link_callback(&browser, "ada").await.replace("/auth/associate/corp/", "/auth/corp/");
    assert_eq!(detail_of(&browser.get(&link).await.expect(400)), "OAUTH_INVALID_STATE", "a link at the login");
    let unknown = callback.replace("/auth/corp/", "/auth/unknown/");
    browser.get(&unknown).await.expect(404);
    rig.later(600);
    assert_eq!(detail_of(&browser.get(&callback).await.expect(400)), "ACCESS_TOKEN_ALREADY_EXPIRED");
    for state in ["", "garbage", "a.b.c"] {
        let path = format!("/auth/corp/callback?code=x&state={state}");
        assert_eq!(detail_of(&browser.get(&path).await.expect(400)), "ACCESS_TOKEN_DECODE_ERROR", "{state:?}");
    }
    assert_eq!(detail_of(&browser.get("/auth/corp/callback?code=x").await.expect(400)), "ACCESS_TOKEN_DECODE_ERROR");
    assert!(!rig.corp.calls().contains(&"/token".to_owned()));
}

#[tokio::test]
async fn o1_a_cookie_that_was_altered_or_a_parameter_that_occurs_twice_is_refused() {
    let rig = Rig::new();
    let begun = rig.browser().get("/auth/corp/authorize").await.expect(200);
    let cookie = begun.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let callback = rig.corp.consent(begun.json["authorization_url"].as_str().unwrap(), "ada");
    let get = |path: String, cookie: String| {
        let browser = rig.browser();
        async move { browser.get(&path).header("cookie", &cookie).await.status.as_u16() }
    };
    assert_eq!(get(callback.clone(), format!("{cookie}A")).await, 400);
    for extra in ["&code=x", "&state=x", "&iss=x"] {
        assert_eq!(get(format!("{callback}{extra}"), cookie.clone()).await, 400, "{extra}");
    }
    assert_eq!(get(callback, cookie).await, 200, "nothing was used up");
}

#[tokio::test]
async fn two_tabs_do_not_disturb_each_other_and_the_oldest_of_five_is_forgotten() {
    let rig = Rig::new();
    let browser = rig.browser();
    let (one, two) = (rig.callback(&browser, "corp", "ada").await, rig.callback(&browser, "corp", "ada").await);
    browser.get(&two).await.expect(200);
    browser.get(&one).await.expect(200);
    let mut callbacks = Vec::new();
    for _ in 0..5 {
        rig.later(1);
        callbacks.push(rig.callback(&browser, "corp", "ada").await);
    }
    browser.get(&callbacks[0]).await.expect(400);
    for callback in &callbacks[1..] {
        browser.get(callback).await.expect(200);
    }
}

#[tokio::test]
async fn o2_a_challenge_is_always_sent_and_its_verifier_only_to_the_provider() {
    let rig = Rig::new();
    for provider in ["corp", "forge"] {
        let browser = rig.browser();
        let begun = browser.get(&format!("/auth/{provider}/authorize")).await.expect(200);
        let url = begun.json["authorization_url"].as_str().unwrap();
        assert!(url.contains("code_challenge_method=S256") && url.contains("code_challenge="), "{url}");
        assert_eq!(url.contains("nonce="), provider == "corp", "{url}");
        browser.get(&rig.corp.consent(url, "ada")).await;
    }
    // The fake provider refuses another challenge.
    let browser = rig.browser();
    let begun = browser.get("/auth/corp/authorize").await.expect(200);
    let url = begun.json["authorization_url"].as_str().unwrap().replace("code_challenge=", "code_challenge=x");
    assert_eq!(detail_of(&browser.get(&rig.corp.consent(&url, "eve")).await.expect(400)), "OAUTH_REFUSED");
}

#[tokio::test]
async fn o9_nothing_of_the_request_changes_what_the_library_sets() {
    let rig = Rig::new();
    let path = "/auth/corp/authorize?redirect_uri=https://evil.example&state=x&nonce=x&response_mode=fragment&prompt=x";
    let begun = rig.browser().get(path).header("host", "evil.example").header("x-forwarded-host", "evil.example").await;
    let url = begun.expect(200).json["authorization_url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("https://id.corp.example/authorize?response_type=code&"), "{url}");
    assert!(url.contains("redirect_uri=https%3A%2F%2Fshop.example%2Fauth%2Fcorp%2Fcallback"), "{url}");
    assert!(!url.contains("evil") && !url.contains("response_mode") && !url.contains("prompt"), "{url}");
    rig.browser().get("/auth/corp/authorize?scopes=admin").await.expect(422);
    rig.browser().get("/auth/corp/authorize?scopes=openid&scopes=email").await.expect(200);
    rig.browser().get("/auth/corp/authorize?backend=unknown").await.expect(422);
    rig.browser().get("/auth/unknown/authorize").await.expect(404);
}

/// The cookie of a session comes with the redirect.
async fn started(rig: &Rig, browser: &Client, return_to: &str) -> String {
    let fields = [("return_to", return_to), ("backend", "cookie")];
    let begun =
        browser.post_form("/auth/corp/start", &fields).header("sec-fetch-site", "same-origin").await.expect(303);
    rig.corp.consent(begun.header("location").unwrap(), "ada")
}

#[tokio::test]
async fn a_browser_is_sent_there_and_back() {
    let rig = Rig::new();
    let browser = rig.browser();
    let callback = started(&rig, &browser, "https://app.shop.example/welcome#top").await;
    let back = browser.get(&callback).header("sec-fetch-site", "cross-site").await.expect(303);
    assert_eq!(back.header("location"), Some("https://app.shop.example/welcome#top"));
    assert_eq!(browser.get("/users/me").await.expect(200).json["email"], "ada@example.com");
    // An error comes back as a code.
    let browser = rig.browser();
    let fields = [("return_to", "/login?a=b#top"), ("backend", "cookie")];
    let begun = browser.post_form("/auth/corp/start", &fields).await.expect(303);
    let back = browser.get(&rig.corp.deny(begun.header("location").unwrap())).await.expect(303);
    assert_eq!(back.header("location"), Some("/login?a=b&error=access_denied#top"));
}

#[tokio::test]
async fn s10_a_sign_in_ends_at_a_page_that_is_listed() {
    let rig = Rig::new();
    for elsewhere in
        ["https://evil.example", "//evil.example", "https://app.shop.example.evil.example/", "javascript:x"]
    {
        let fields = [("return_to", elsewhere), ("backend", "cookie")];
        rig.browser().post_form("/auth/corp/start", &fields).await.expect(422);
    }
    let bearer = [("return_to", "/"), ("backend", "bearer")];
    rig.browser().post_form("/auth/corp/start", &bearer).await.expect(422);
    let browser = rig.browser();
    let foreign = browser.post_form("/auth/corp/start", &[("backend", "cookie")]);
    foreign.header("sec-fetch-site", "cross-site").header("origin", "https://evil.example").await.expect(403);
}

#[tokio::test]
async fn a_form_of_the_provider_becomes_a_get_and_nothing_else() {
    let rig = Rig::new();
    let browser = rig.browser();
    let callback = rig.callback(&browser, "corp", "ada").await;
    let query = callback.split_once('?').unwrap().1.replace("%2E", ".").replace("%3A", ":").replace("%2F", "/");
    let fields: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let form = browser.post_form("/auth/corp/callback", &fields).header("origin", "https://id.corp.example");
    let passed = form.header("sec-fetch-site", "cross-site").await.expect(303);
    assert!(!rig.corp.calls().contains(&"/token".to_owned()));
    let location = passed.header("location").unwrap();
    let path = location.strip_prefix("https://shop.example").unwrap();
    browser.get(path).await.expect(200);
    let long = "x".repeat(9000);
    browser.post_form("/auth/corp/callback", &[("code", &long)]).await.expect(400);
    browser.post_form("/auth/unknown/callback", &[]).await.expect(404);
}

#[tokio::test]
async fn t6_a_state_opens_nothing_else_and_nothing_else_is_a_state() {
    let rig = Rig::new();
    let cx = Context::default();
    let begun = rig.browser().get("/auth/corp/authorize").await.expect(200);
    let url = begun.json["authorization_url"].as_str().unwrap();
    let state = url.split('&').find_map(|pair| pair.strip_prefix("state=")).unwrap();
    let stranger = rig.browser();
    for path in ["/users/me", "/users/me/identities", "/users/me/sessions", "/auth/associate/corp/authorize"] {
        stranger.get(path).header("authorization", &format!("Bearer {state}")).await.expect(401);
    }
    for (path, detail) in [
        ("/auth/verify", "VERIFY_USER_BAD_TOKEN"),
        ("/auth/reset-password", "RESET_PASSWORD_BAD_TOKEN"),
        ("/auth/confirm-email-change", "CHANGE_EMAIL_BAD_TOKEN"),
    ] {
        let body = json!({ "token": state, "password": "another horse battery" });
        assert_eq!(detail_of(&stranger.post(path, body).await.expect(400)), detail);
    }
    // Every other token, where a state belongs.
    rig.registered("alan@example.com").await;
    let email = EmailAddress::parse("alan@example.com").unwrap();
    let user = rig.accounts.get_by_email(&email).await.unwrap().unwrap();
    rig.heard();
    rig.accounts.request_verify(&user, &cx).await.unwrap();
    rig.accounts.forgot_password(&user, &cx).await.unwrap();
    let tokens = rig.heard();
    assert_eq!(tokens.len(), 2);
    for token in tokens {
        let refused = stranger.get(&format!("/auth/corp/callback?code=x&state={token}")).await.expect(400);
        assert_eq!(detail_of(&refused), "ACCESS_TOKEN_DECODE_ERROR");
    }
}
