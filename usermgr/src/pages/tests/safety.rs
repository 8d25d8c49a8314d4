//! What holds for every page, by the table of pages.

use super::rig::{ADA, Accounts, PASSWORD, Rig, Seen, pages, sign_in, sign_up, token, unlimited};
use crate::{
    engine::{Answers, EngineBuilder},
    pages::{row::Page, table::PAGES},
    prelude::*,
    testing::{Application, Client},
};

/// The path of a page, with a value for its parameter.
fn path(page: &Page) -> String {
    page.path.replace("{id}", "7").replace("{provider}", "corp")
}

fn shown() -> impl Iterator<Item = &'static Page> {
    PAGES.iter().filter(|page| page.is_shown())
}

fn taking_forms() -> impl Iterator<Item = &'static Page> {
    PAGES.iter().filter(|page| page.takes_forms())
}

/// The calls of the store that only read.
const READING: [&str; 10] = [
    "find",
    "find_session",
    "list_sessions",
    "list_credentials",
    "find_credential",
    "credentials",
    "get",
    "session",
    "session_of",
    "find_pending",
];

#[tokio::test]
async fn pg1_opening_a_page_changes_nothing() {
    let rig = Rig::with(pages(), unlimited);
    let (ada, stranger) = (rig.ada().await, rig.browser());
    stranger.post_form("/account/forgot", &[("email", ADA)]).await.expect(303);
    let link = rig.link().await;
    rig.calls.take();
    for browser in [&ada, &stranger] {
        for page in shown() {
            for method in [::http::Method::GET, ::http::Method::HEAD] {
                let path = format!("{}?token={}&lang=de&return_to=%2F", path(page), token(&link));
                browser.request(method, &path).await;
                let written: Vec<_> = rig.calls.take().into_iter().filter(|call| !READING.contains(call)).collect();
                assert_eq!(written, Vec::<&str>::new(), "{path}");
            }
        }
    }
    assert!(rig.mailbox.all().iter().filter(|mail| mail.to.as_str() == ADA).count() < 5);
    // The link still works.
    let fields = [("token", token(&link)), ("password", super::rig::ANOTHER)];
    ada.post_form("/account/reset", &fields).await.expect(303);
}

#[tokio::test]
async fn pg2_no_page_takes_a_form_of_another_site_from_a_user_or_a_stranger() {
    let rig = Rig::with(pages(), unlimited);
    let (ada, stranger) = (rig.ada().await, rig.browser());
    let fields = [
        ("email", "eve@example.com"),
        ("sent", "verify"),
        ("password", PASSWORD),
        ("name", "Ada"),
        ("current_password", PASSWORD),
    ];
    for browser in [&ada, &stranger] {
        for page in taking_forms() {
            for (name, value) in
                [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
            {
                rig.calls.take();
                let reply = browser.post_form(&path(page), &fields).header(name, value).await.expect(403);
                // What the other site has filled in is not shown as if the person had.
                reply.says_nothing_of(PASSWORD).says_nothing_of("eve@example.com");
                assert!(reply.text().contains("The form came from another site."), "{}", page.name);
                assert_eq!(reply.cookie("__Host-usermgr"), None, "{}", page.name);
                let written: Vec<_> = rig.calls.take().into_iter().filter(|call| !READING.contains(call)).collect();
                assert_eq!(written, Vec::<&str>::new(), "{}", page.name);
            }
        }
    }
    ada.get("/account").await.expect(200);
}

#[tokio::test]
async fn pg3_every_answer_has_the_headers_and_no_page_has_code_or_style_of_its_own() {
    let rig = Rig::with(pages(), unlimited);
    let (ada, stranger) = (rig.ada().await, rig.browser());
    for browser in [&ada, &stranger] {
        let mut replies = Vec::new();
        for page in shown() {
            replies.push(browser.get(&path(page)).await);
        }
        for page in taking_forms().filter(|page| page.name != "delete" && page.name != "sign-out") {
            replies.push(browser.post_form(&path(page), &[("email", "x"), ("email", "y")]).await);
            replies
                .push(browser.request(::http::Method::POST, &path(page)).body("text/plain", vec![0xff; 70_000]).await);
        }
        for reply in replies {
            let policy = reply.header("content-security-policy").unwrap_or_default();
            assert!(policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self';"), "{reply:?}");
            assert!(policy.contains("frame-ancestors 'none'; base-uri 'none'"), "{policy}");
            assert_eq!(reply.header("referrer-policy"), Some("same-origin"));
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(reply.header("cross-origin-opener-policy"), Some("same-origin"));
            let is_page = reply.header("content-type").is_some_and(|media| media.starts_with("text/html"));
            if is_page {
                assert_eq!(reply.header("cache-control"), Some("no-store"));
                let scripts: Vec<_> = reply.text().match_indices("<script").collect();
                assert!(scripts.len() == 1 && reply.text().contains("<script src="), "{}", reply.text());
                reply.says_nothing_of("<style").says_nothing_of("style=").says_nothing_of("onclick");
            }
        }
    }
}

#[tokio::test]
async fn pg8_no_page_shows_a_code() {
    let rig = Rig::with(pages(), unlimited);
    let (ada, stranger) = (rig.ada().await, rig.browser());
    for browser in [&ada, &stranger] {
        for page in taking_forms().filter(|page| page.name != "delete") {
            for fields in [&[][..], &[("email", ADA), ("password", "x"), ("token", "x"), ("name", "x")]] {
                let reply = browser.post_form(&path(page), fields).await;
                // The token in a hidden field may look like one.
                let seen = reply.text().split("name=\"pending_token\" value=\"");
                let text: String = seen.map(|rest| rest.trim_start_matches(|c: char| c != '"')).collect();
                let is_code = |word: &str| {
                    word.len() > 6
                        && word.contains('_')
                        && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
                };
                let codes: Vec<_> =
                    text.split(|c: char| !c.is_ascii_alphabetic() && c != '_').filter(|word| is_code(word)).collect();
                assert!(codes.is_empty(), "{}: {codes:?}", page.name);
            }
        }
    }
}

#[tokio::test]
async fn pg9_what_a_stranger_writes_is_escaped() {
    let hostile = "\"'><script>alert(1)</script>{{ 7777*7777 }}{brand}";
    let rig = Rig::with(pages(), unlimited);
    let browser = rig.browser();
    let fields =
        [("email", hostile), ("password", hostile), ("name", hostile), ("token", hostile), ("return_to", hostile)];
    for page in taking_forms() {
        let reply = browser.post_form(&path(page), &fields).await;
        reply.says_nothing_of("<script>").says_nothing_of("60481729").says_nothing_of("'><");
    }
    let query = percent_encoding::utf8_percent_encode(hostile, percent_encoding::NON_ALPHANUMERIC).to_string();
    for page in shown() {
        for name in ["token", "return_to", "lang", "error", "email", "username"] {
            let reply = browser.get(&format!("{}?{name}={query}", path(page))).await;
            reply.says_nothing_of("<script>").says_nothing_of("'><");
        }
    }
    // A notice and an address come from cookies, and are texts of the library or an address.
    for (name, value) in [("__Host-usermgr-done", "<b>x"), ("__Host-usermgr-sent", "verify.%3Cb%3Ex@example.com")] {
        let planted = rig.browser().header("cookie", &format!("{name}={value}"));
        for page in ["/account/sign-in", "/account/check-mail"] {
            planted.get(page).await.says_nothing_of("<b>x").says_nothing_of("class=\"notice\"");
        }
    }
    // The profile is the application's, and is escaped too.
    browser
        .post_form("/account/sign-up", &[("email", ADA), ("password", PASSWORD), ("name", hostile)])
        .await
        .expect(303);
    sign_in(&browser).await;
    for page in ["/account", "/account/profile"] {
        browser
            .get(page)
            .await
            .expect(200)
            .says("&lt;script&gt;")
            .says_nothing_of("<script>")
            .says_nothing_of("60481729");
    }
}

/// What a person sees of a journey.
async fn journey<A: Application + Clone>(rig: &Rig, browser: Client<A>) -> Vec<String> {
    let mut seen = Vec::new();
    let mut note = |what: &str, reply: crate::testing::Reply| {
        let mut headers: Vec<_> = reply
            .headers
            .keys()
            .filter(|name| !["content-length", "date"].contains(&name.as_str()))
            .map(ToString::to_string)
            .collect();
        headers.sort();
        headers.dedup();
        let title =
            reply.text().split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap_or_default();
        let location = reply.header("location").unwrap_or_default();
        seen.push(format!("{what}: {} {location} {title} {headers:?} {}", reply.status, reply.done()));
    };
    for page in shown() {
        note(page.name, browser.get(&path(page)).await);
        let head = browser.request(::http::Method::HEAD, &path(page)).await;
        // What becomes of its body is for the server to decide.
        note("HEAD", crate::testing::Reply { bytes: Default::default(), ..head });
    }
    note("sign-up", browser.post_form("/account/sign-up", &sign_up(ADA)).await);
    let link = rig.link().await;
    note("verify", browser.get(link.strip_prefix("https://shop.example").unwrap()).await);
    note("verify", browser.post_form("/account/verify", &[("token", token(&link))]).await);
    note("sign-in", browser.post_form("/account/sign-in", &[("email", ADA), ("password", PASSWORD)]).await);
    for page in shown() {
        note(page.name, browser.get(&path(page)).await);
    }
    for page in taking_forms().filter(|page| page.name != "delete") {
        note(page.name, browser.post_form(&path(page), &[]).await);
        note(page.name, browser.post_form(&path(page), &[]).header("origin", "https://evil.example").await);
    }
    note("wrong method", browser.request(::http::Method::PUT, "/account/sign-in").await);
    note("forms only", browser.get("/account/sign-out").await);
    seen
}

#[tokio::test]
async fn pg13_axum_and_actix_answer_alike() {
    let (one, other) = (Rig::with(pages(), unlimited), Rig::with(pages(), unlimited));
    let axum = journey(&one, one.browser()).await;
    let configure = crate::actix::configure(other.accounts.clone()).unwrap();
    let actix = journey(&other, Client::actix(configure).await).await;
    for (axum, actix) in axum.iter().zip(&actix) {
        assert_eq!(axum, actix);
    }
    assert_eq!(axum.len(), actix.len());
}

#[tokio::test]
async fn the_pages_of_an_application_with_a_state_of_its_own_are_the_same() {
    let rig = Rig::new();
    let router = crate::axum::routes::<Accounts, _>().merge(crate::axum::pages()).with_state(rig.accounts.clone());
    Client::new(router).get("/account/sign-in").await.expect(200).says("Sign in");
    let actix = crate::actix::pages(rig.accounts.clone());
    Client::actix(actix).await.get("/account/sign-in").await.expect(200).says("Sign in");
}

#[tokio::test]
async fn pages_speak_for_the_cookie_alone() {
    let with_others = |engine| {
        let bearer = Backend::bearer("bearer", Database::new());
        let header = Backend::header("header", "x-token", Database::new());
        EngineBuilder::backend(unlimited(engine), bearer).backend(header)
    };
    let rig = Rig::with(pages(), with_others);
    let ada = rig.ada().await;
    rig.browser().post_form("/account/sign-up", &sign_up("bob@example.com")).await.expect(303);
    let bob = rig.browser();
    bob.login("bearer", "bob@example.com", PASSWORD).await.expect(200);
    let bearer = bob.token().unwrap();
    let header = rig.browser();
    header.login("header", "bob@example.com", PASSWORD).await.expect(200);
    for (name, value) in [("authorization", format!("Bearer {bearer}")), ("x-token", header.token().unwrap())] {
        assert!(
            rig.browser().get("/account").header(name, &value).await.to().starts_with("/account/sign-in"),
            "{name}"
        );
        ada.get("/account").header(name, &value).await.expect(200).says(ADA);
        let out = rig.browser().header(name, &value);
        out.post_form("/account/sessions/end-others", &[]).await.expect(303);
    }

    // Without a backend for that header too, an API key is neither used nor refused.
    let rig = Rig::with(pages(), unlimited);
    let ada = rig.ada().await;
    let shown = ada.post_form("/account/api-keys/new", &[("scope:orders:read", "on")]).await.expect(200);
    let key = &shown.text()[shown.text().find("shop_").unwrap()..][..54];
    let header = format!("Bearer {key}");
    ada.get("/account").header("authorization", &header).await.expect(200).says(ADA);
    let ended = ada.post_form("/account/sessions/end-others", &[]).header("authorization", &header).await;
    assert_eq!(ended.done(), "sessions");
    let out = rig.browser().header("authorization", &header);
    assert!(out.get("/account").await.to().starts_with("/account/sign-in"));
    out.post_form("/account/forgot", &[("email", ADA)]).await.expect(303);
}

/// Each page can be left out, and then no other page leads to it.
#[tokio::test]
async fn a_page_that_is_left_out_is_led_to_by_none() {
    for left_out in
        PAGES.iter().filter(|page| !page.path.contains('.') && page.name != "sign-in" && page.name != "signed-in")
    {
        let rig = Rig::with(pages().without(left_out.name), unlimited);
        let ada = rig.accounts.clone();
        let browser = rig.browser();
        browser.register_with(ADA, PASSWORD, serde_json::json!({ "name": "Ada" })).await.expect(201);
        let user = ada.get_by_email(&EmailAddress::parse(ADA).unwrap()).await.unwrap().unwrap();
        ada.set_superuser(&Admin::system("test"), &user.id, true, &Context::default()).await.unwrap();
        sign_in(&rig.browser()).await;
        sign_in(&browser).await;
        let path = |page: &Page| page.path.replace("{id}", &user.id.to_string()).replace("{provider}", "corp");
        for page in shown().filter(|page| !page.path.contains('.') && page.name != "sign-in") {
            let reply = browser.get(&path(page)).await;
            if page.name == left_out.name {
                reply.clone().expect(404);
            }
            let text = reply.text().replace("&#x2f;", "/");
            for place in ["href=\"", "action=\""] {
                let to: Vec<_> = text.split(place).skip(1).filter_map(|rest| rest.split(['"', '?']).next()).collect();
                assert!(!to.contains(&&*path(left_out)), "{} leads to {}: {text}", page.name, left_out.name);
            }
        }
    }
}

/// What a stranger waits for is the same work, whether or not an account has the address.
#[tokio::test]
async fn pg10_known_and_unknown_addresses_take_the_same_steps() {
    let rig = Rig::with(pages(), |engine| unlimited(engine).answers(Answers::Discreet).require_verified(true));
    rig.ada().await;
    let password = ("password", "a wrong horse battery");
    for (path, fields) in [
        ("/account/sign-in", &[password][..]),
        ("/account/forgot", &[]),
        ("/account/check-mail", &[("sent", "verify")]),
        ("/account/check-mail", &[("sent", "reset")]),
        ("/account/sign-up", &[password, ("name", "Eve")]),
    ] {
        let mut steps = Vec::new();
        for email in [ADA, "unknown@example.com"] {
            // What the request before left to the background is done first.
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
            rig.calls.take();
            let fields: Vec<_> = fields.iter().copied().chain([("email", email)]).collect();
            let reply = rig.browser().post_form(path, &fields).await;
            steps.push((reply.status, rig.calls.take()));
        }
        assert_eq!(steps[0], steps[1], "{path}");
    }
}
