//! The captcha on the pages: the widget with its policy, the field for a question, and the forms that ask.

use super::rig::{ADA, ANOTHER, PASSWORD, Rig, Seen, pages, sign_up, unlimited};
use crate::{
    captcha::{Attempt, Captcha, Widget},
    engine::EngineBuilder,
    prelude::*,
    testing::Reply,
};

const FORMS: [&str; 5] =
    ["/account/sign-in", "/account/sign-up", "/account/forgot", "/account/mail-sign-in", "/account/check-mail"];

fn captcha() -> Captcha {
    Captcha::new(|attempt: Attempt| async move { Ok::<_, std::io::Error>(matches!(attempt.answer.expose(), "blue")) })
}

fn with(captcha: Captcha) -> Rig {
    Rig::with(pages(), |engine: EngineBuilder<_>| unlimited(engine).with(MailLogin::new()).with(captcha))
}

fn policy(reply: &Reply) -> &str {
    reply.header("content-security-policy").unwrap()
}

#[tokio::test]
async fn cp8_each_form_that_asks_has_the_widget_and_a_policy_that_lets_it_load() {
    let widget = Widget::new("https://captcha.example/api.js?x=1&y=2")
        .class("captcha")
        .attribute("data-sitekey", "\"><script>alert(1)</script>")
        .allow_origin("https://frames.example");
    let rig = with(captcha().widget(widget).field("x-response"));
    let browser = rig.browser();
    for form in FORMS {
        let shown = browser.get(form).await.expect(200);
        shown
            .says("<script src=\"https:&#x2f;&#x2f;captcha.example&#x2f;api.js?x=1&amp;y=2\" defer></script>")
            .says("<div class=\"captcha\" data-sitekey=\"&quot;&gt;&lt;script&gt;alert(1)&lt;&#x2f;script&gt;\"></div>")
            .says("<noscript><p class=\"error\">This form needs JavaScript")
            .says_nothing_of("Security question");
        let from = "'self' https://captcha.example https://frames.example";
        for directive in ["style-src", "script-src", "frame-src", "connect-src"] {
            assert!(policy(&shown).contains(&format!("{directive} {from};")), "{form}: {}", policy(&shown));
        }
        assert!(policy(&shown).contains("default-src 'none'") && policy(&shown).contains("frame-ancestors 'none'"));
        assert!(!policy(&shown).contains("unsafe"));
    }
    // Other pages load nothing from there.
    for other in ["/account/reset?token=x", "/account/signed-in", "/account/mail-code"] {
        let shown = browser.get(other).await;
        shown.says_nothing_of("captcha.example");
        assert!(!policy(&shown).contains("captcha.example") && !policy(&shown).contains("frame-src"), "{other}");
    }
    // What the widget posts reaches the route under its name.
    let refused = browser.post_form("/account/sign-up", &sign_up(ADA)).await.expect(400);
    refused.says("Please answer what keeps programs out").says("captcha.example").says("value=\"ada@example.com\"");
    let [email, password, name] = sign_up(ADA);
    let wrong =
        browser.post_form("/account/sign-up", &[email, password, name, ("x-response", "red")]).await.expect(400);
    wrong.says("That answer was not right.").says_nothing_of("value=\"red\"");
    browser.post_form("/account/sign-up", &[email, password, name, ("x-response", "blue")]).await.expect(303);
    assert!(rig.link().await.contains("token="));
}

#[tokio::test]
async fn cp8_a_module_of_the_own_origin_needs_no_other() {
    let rig = with(captcha().widget(Widget::module("/pow.js").element("proof-of-work")));
    let shown = rig.browser().get("/account/sign-in").await.expect(200);
    shown.says("<script src=\"&#x2f;pow.js\" type=\"module\"></script>").says("<proof-of-work></proof-of-work>");
    assert!(
        policy(&shown).contains("script-src 'self'; frame-src 'self'; connect-src 'self'; worker-src 'self' blob:")
    );
}

#[tokio::test]
async fn cp8_without_a_widget_a_form_asks_a_question() {
    let texts = r#"{ "pages.field.captcha": "Which colour has our door?" }"#;
    let rig = Rig::with(pages().texts("en", texts), |engine| unlimited(engine).with(MailLogin::new()).with(captcha()));
    let browser = rig.browser();
    for form in FORMS {
        let shown = browser.get(form).await.expect(200);
        shown.says("<label for=\"captcha\">Which colour has our door?</label>").says("id=\"captcha\" name=\"captcha\"");
        assert!(policy(&shown).contains("script-src 'self'; img-src"), "{}", policy(&shown));
    }
    let credentials = [("email", ADA), ("password", PASSWORD)];
    let refused = browser.post_form("/account/sign-in", &credentials).await.expect(400);
    refused.says("id=\"captcha-error\"").says("href=\"#captcha\"");
    for (path, field) in [("/account/forgot", "forgot"), ("/account/mail-sign-in", "login")] {
        browser.post_form(path, &[("email", ADA), ("captcha", "red")]).await.expect(400).says("captcha-error");
        let sent = browser.post_form(path, &[("email", ADA), ("captcha", "blue")]).await;
        assert_eq!(sent.status, 303, "{field}");
        // The mail can be sent again, with another answer.
        let again = browser.get("/account/check-mail").await.expect(200);
        again
            .says("id=\"captcha\"")
            .says(&format!("name=\"sent\" value=\"{}\"", if field == "forgot" { "reset" } else { field }));
    }
    let [email, password, name] = sign_up(ADA);
    browser.post_form("/account/sign-up", &[email, password, name, ("captcha", "blue")]).await.expect(303);
    let wrong = [("email", ADA), ("password", ANOTHER), ("captcha", "blue")];
    browser.post_form("/account/sign-in", &wrong).await.expect(400).says_nothing_of("captcha-error");
    browser
        .post_form("/account/sign-in", &[("email", ADA), ("password", PASSWORD), ("captcha", "blue")])
        .await
        .expect(303);
    // A user who is signed in is asked for nothing.
    browser.get("/account/email").await.says_nothing_of("id=\"captcha\"");
}

#[tokio::test]
async fn cp8_after_some_failures_the_form_shows_what_it_asks_for() {
    // Behind a proxy the client is the one that the proxy names, for the form as for the route.
    for proxies in [0, 1] {
        let asks = |engine: EngineBuilder<_>| engine.with(MailLogin::new()).with(captcha().after(2));
        let rig = Rig::with(pages(), |engine| asks(engine).trusted_proxies(proxies));
        let browser = rig.browser().peer([192, 0, 2, 7]).header("x-forwarded-for", "203.0.113.9");
        let wrong = [("email", ADA), ("password", ANOTHER)];
        browser.get("/account/sign-in").await.says_nothing_of("id=\"captcha\"");
        browser.post_form("/account/sign-in", &wrong).await.expect(400).says_nothing_of("id=\"captcha\"");
        browser
            .post_form("/account/sign-in", &wrong)
            .await
            .expect(400)
            .says("id=\"captcha\"")
            .says_nothing_of("captcha-error");
        browser.post_form("/account/sign-in", &wrong).await.expect(400).says("id=\"captcha-error\"");
        browser.get("/account/sign-up").await.says_nothing_of("id=\"captcha\"");
    }
}

#[test]
fn cp8_a_widget_has_no_attribute_that_runs_a_script() {
    let fault = |widget: Widget| {
        let engine = Engine::new(MemoryStore::<NoProfile>::new()).with(captcha().widget(widget));
        engine.err().map(|error| error.to_string()).unwrap_or_default()
    };
    let widget = || Widget::new("https://captcha.example/api.js");
    assert_eq!(fault(widget().class("x").attribute("data-size", "compact").element("x-captcha")), "");
    for script in [
        "",
        "api.js",
        "//captcha.example/api.js",
        "javascript:alert(1)",
        "http://captcha.example/a.js",
        "https://captcha.example/a b",
    ] {
        assert!(fault(Widget::new(script)).contains("is neither a URL"), "{script}");
    }
    for name in ["onclick", "style", "id", "", "data sitekey", "x>y", "Data-X"] {
        assert!(fault(widget().attribute(name, "x")).contains("cannot be the element"), "{name}");
    }
    for element in ["script", "div onclick=x", "style"] {
        assert!(fault(widget().element(element)).contains("cannot be the element"), "{element}");
    }
    for origin in ["*", "https://*.example.com", "'unsafe-inline'", "https://a.example; script-src *"] {
        assert!(!fault(widget().allow_origin(origin)).is_empty(), "{origin}");
    }
}
