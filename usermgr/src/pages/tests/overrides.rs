//! What an application replaces, and what does not start.

use super::rig::{ADA, Rig, Seen, pages};
use crate::{
    mail::Brand,
    pages::{PageRenderer, PageView, Pages, ProfileField, RenderError},
    prelude::*,
    session::SameSite,
    testing::Client,
};

fn built(pages: Pages) -> Result<Engine<MemoryStore>, String> {
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
        .with(pages);
    engine.build().map_err(|error| error.to_string())
}

#[test]
fn pg11_an_override_under_a_wrong_name_does_not_start() {
    let pages = || Pages::new("cookie");
    for (pages, said) in [
        (pages().texts("en", r#"{"pages.sign_in.titel": "x"}"#), "no text is named `pages.sign_in.titel`"),
        (pages().texts("en", r#"{"pages.sign_in.title": "{adress}"}"#), "names the value `{adress}`"),
        (pages().template("signin.html", "x"), "no page takes the template `signin.html`"),
        (pages().template("style.html", "x"), "no page takes the template `style.html`"),
        (pages().template("sign-in.html", "{{ titel }}"), "the page `sign-in` cannot be made"),
        (pages().template("sign-in.html", "{% if"), "the template `sign-in.html` cannot be read"),
        (pages().template("account.html", "{{ account.user.emial }}"), "the page `account` cannot be made"),
        (pages().without("signup"), "no page is named `signup`"),
        (pages().field(ProfileField::new("name")), "the field `name` has no label"),
        (pages().field(ProfileField::new("email")), "the field `email` has the name of another field"),
        (pages().texts("en", r#"{"pages.sign_in.title": "{address}"}"#), "names the value `{address}`"),
        (pages().brand(Brand::new("Shop").accent("blue")), "`blue` is not a colour"),
        (pages().home("https://elsewhere.example"), "`home` must be a path"),
        (pages().below("app"), "`below` must be a path"),
        (pages().return_to(["https://app.example/path"]), "has a path"),
        (pages().language("xx"), "no texts are in the language `xx`"),
        (pages().renderer(Plain).template("sign-in.html", "x"), "the templates are not used"),
    ] {
        let error = built(pages).err().unwrap_or_else(|| panic!("`{said}` is not said"));
        assert!(error.contains(said), "{said}: {error}");
    }
}

struct Plain;

impl PageRenderer for Plain {
    fn render(&self, view: &PageView) -> Result<String, RenderError> {
        Ok(format!("plain {}", view.title))
    }
}

#[tokio::test]
async fn a_word_a_colour_a_rule_a_template_or_all_of_them_can_be_replaced_alone() {
    let changed = pages()
        .texts("en", r#"{ "pages.sign_in.title": "Welcome back to {brand}", "pages.word.skip": "Skip to {brand}" }"#)
        .brand(Brand::new("Shop").accent("#ffd400").logo("https://cdn.shop.example/logo.png"))
        .style(":root{--radius:0}")
        .template(
            "forgot.html",
            "{% extends \"form.html\" %}{% block body %}<p>Own words</p>{{ super() }}{% endblock %}",
        );
    let rig = Rig::with(changed, |engine| engine);
    let browser = rig.browser();
    let shown = browser.get("/account/sign-in").await;
    shown.says("<h1>Welcome back to Shop</h1>").says("logo.png").says(">Skip to Shop<");
    let policy = shown.header("content-security-policy").unwrap();
    assert!(policy.contains("img-src 'self' data: https://cdn.shop.example;"), "{policy}");
    browser.get("/account/forgot").await.says("<p>Own words</p>").says("Send link").says("<h1>Choose a new password");
    let href =
        shown.text().split("stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#x2f;", "/");
    let style = browser.get(&href).await.expect(200);
    style.says("--accent:#ffd400;--on-accent:#000000").says(":root{--radius:0}");
    assert_eq!(style.header("cache-control"), Some("public, max-age=31536000"));
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(browser.get("/account/style.css?v=0").await.header("cache-control"), Some("no-store"));

    let rig = Rig::with(pages().renderer(Plain), |engine| engine);
    assert_eq!(rig.browser().get("/account/sign-in").await.text(), "plain Sign in");
}

#[tokio::test]
async fn a_page_that_is_left_out_is_not_found_and_no_page_leads_to_it() {
    let rig = Rig::with(pages().without("sign-up"), |engine| engine);
    let browser = rig.browser();
    for reply in [browser.get("/account/sign-up").await, browser.post_form("/account/sign-up", &[("email", ADA)]).await]
    {
        reply.expect(404).says("This page does not exist");
    }
    browser.get("/account/sign-in").await.says_nothing_of("sign-up");
}

#[tokio::test]
async fn pages_below_a_prefix_lead_to_each_other() {
    let rig = Rig::with(pages().below("/app").home("/"), |engine| engine);
    let router = ::axum::Router::new().nest("/app", crate::axum::router(rig.accounts.clone()).unwrap());
    let browser = Client::new(router);
    browser
        .get("/app/account/sign-in")
        .await
        .says("action=\"&#x2f;app&#x2f;account&#x2f;sign-in\"")
        .says("href=\"&#x2f;\"");
    assert_eq!(browser.get("/app/account").await.to(), "/app/account/sign-in?return_to=%2Fapp%2Faccount");
}

#[tokio::test]
async fn pages_need_a_cookie_that_no_other_site_uses_and_are_not_there_unasked() {
    struct Shop {
        engine: Engine<MemoryStore>,
    }
    #[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
    impl Shop {}
    let cookie = |options| Backend::cookie("cookie", options, Database::new());
    for (backend, pages, status) in [
        (Backend::bearer("cookie", Database::new()), true, 500),
        (cookie(CookieOptions::default().same_site(SameSite::None)), true, 500),
        (cookie(CookieOptions::fastapi_users().path("/elsewhere")), true, 500),
        (cookie(CookieOptions::fastapi_users().path("/acc")), true, 500),
        (cookie(CookieOptions::fastapi_users().path("/account")), true, 200),
        (cookie(CookieOptions::default()), false, 404),
        (cookie(CookieOptions::default()), true, 200),
    ] {
        let builder = Engine::builder(MemoryStore::new()).backend(backend);
        let builder = if pages { builder.with(Pages::new("cookie")) } else { builder };
        let shop = Shop { engine: builder.build().unwrap() };
        let router = crate::axum::router(shop);
        let Ok(router) = router else {
            assert_eq!(status, 500);
            continue;
        };
        let browser = Client::new(router);
        browser.get("/account/sign-in").await.expect(status);
    }
}
