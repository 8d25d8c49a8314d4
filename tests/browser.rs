//! What people do in Chromium, which decides itself what cookies it sends where: the shop, the provider and strangers are three sites.

#[path = "browser/barriers.rs"]
mod barriers;
#[path = "browser/life.rs"]
mod life;
#[path = "browser/passkeys.rs"]
mod passkeys;
#[path = "browser/pseudo.rs"]
mod pseudo;
#[path = "browser/shop.rs"]
mod shop;
#[path = "browser/strangers.rs"]
mod strangers;

use std::{
    borrow::Cow,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Command,
};

use axum::{
    Router,
    extract::RawQuery,
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use reqwest::Url;
use serde_json::{Value, json};
use usermgr::{oauth::OAuth, prelude::*, session::CookieOptions, testing::FakeProvider};
use usermgr_tests::{Framework, Target, free_port, node, serve_at, skip};

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

/// Whether this is the round on axum. What is the same over both frameworks is looked at once.
fn is_first_round() -> bool {
    Target::of_suite().framework == Framework::Axum
}

/// Chromium, as Debian names it.
fn chromium() -> Option<&'static str> {
    let path = "/usr/bin/chromium";
    let is_there = Path::new(path).exists();
    if !is_there {
        skip("nothing is driven in a browser: there is no Chromium; tests/setup installs it");
    }
    is_there.then_some(path)
}

/// Runs a script of this suite with Node, and returns the line of JSON that it prints; nothing where there is no Node or no browser.
async fn driven(script: &str, arguments: &[&str]) -> Option<Value> {
    let (node, chromium) = (node("nothing is driven in a browser")?, chromium()?);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser").join(script);
    let mut drive = Command::new("node");
    drive.arg(script).arg(node.join("node_modules")).arg(chromium).args(arguments);
    let output = tokio::task::spawn_blocking(move || drive.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let seen = serde_json::from_str(&said);
    Some(seen.unwrap_or_else(|error| panic!("{error}: {said}{}", String::from_utf8_lossy(&output.stderr))))
}

/// The page that asks for consent gives it at once: by a redirect, or by a form that a script sends.
fn consent(provider: &FakeProvider, url: &str, name: &str) -> Response {
    let callback = provider.consent(url, name);
    let (path, query) = callback.split_once('?').unwrap();
    let asked = Url::parse(url).unwrap();
    let value = |name: &str| asked.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let redirect_uri = value("redirect_uri").unwrap();
    assert!(redirect_uri.ends_with(path));
    let answer = format!("{redirect_uri}?{query}");
    match value("response_mode").as_deref() {
        Some("form_post") => page(&redirect_uri, Url::parse(&answer).unwrap().query_pairs()),
        _ => Redirect::to(&answer).into_response(),
    }
}

/// A page that sends a form as soon as it is shown.
fn page<'a>(action: &str, fields: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>) -> Response {
    let inputs: String = fields.map(|(name, value)| format!("<input name=\"{name}\" value=\"{value}\">")).collect();
    let form = format!("<form method=\"post\" action=\"{action}\">{inputs}</form>");
    Html(format!("{form}<script>document.forms[0].submit()</script>")).into_response()
}

#[tokio::test(flavor = "multi_thread")]
async fn o7_people_sign_in_by_redirects_and_by_a_form_and_no_other_site_makes_them() {
    let port = free_port();
    // Names and addresses are sites of their own, whatever listens behind them.
    let (issuer, strangers) = (format!("http://localhost:{port}"), format!("http://127.0.0.2:{port}"));
    let provider = FakeProvider::new(&issuer);
    for name in ["ada", "bob"] {
        provider.person(name, json!({ "email": format!("{name}@example.com"), "email_verified": true }));
    }
    let (at, onward) = (provider.clone(), strangers.clone());
    // A provider may send its people on to another one first.
    let authorize = async move |RawQuery(query): RawQuery| {
        Redirect::to(&format!("{onward}/onward?{}", query.unwrap_or_default())).into_response()
    };
    let back = format!("{issuer}/consent");
    let onward = async move |RawQuery(query): RawQuery| {
        Redirect::to(&format!("{back}?{}", query.unwrap_or_default())).into_response()
    };
    let agree = async move |RawQuery(query): RawQuery| {
        let url = format!("{issuer}/authorize?{}", query.unwrap_or_default());
        let name = if url.contains("form_post") { "bob" } else { "ada" };
        consent(&at, &url, name)
    };
    let evil = async |RawQuery(query): RawQuery| {
        let url = Url::parse(&format!("http://evil/?{}", query.unwrap_or_default())).unwrap();
        let (_, to) = url.query_pairs().next().unwrap();
        page(&to, std::iter::empty())
    };
    let sites = Router::new()
        .route("/authorize", get(authorize))
        .route("/onward", get(onward))
        .route("/consent", get(agree))
        .route("/evil", get(evil));
    let listener = TcpListener::bind(SocketAddr::from(([0, 0, 0, 0], port))).unwrap();
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    tokio::spawn(async move { axum::serve(listener, sites).await });

    let shop = serve_at(|shop| {
        let oauth = OAuth::at(shop)
            .provider(provider.provider("redirects"))
            .provider(provider.provider("form").form_post())
            .provider(provider.provider("other"))
            .client(provider.clone())
            .dangerous_plain_http();
        let cookie = CookieOptions::default().name("shop").dangerous_insecure();
        let engine = Engine::builder(MemoryStore::new()).backend(Backend::cookie("cookie", cookie, Database::new()));
        Accounts { engine: engine.with(oauth).build().unwrap() }
    })
    .await;

    let Some(seen) = driven("sign_in.mjs", &[&shop, &strangers]).await else { return };
    for (way, email) in [("redirects", "ada@example.com"), ("form", "bob@example.com")] {
        let home = format!("{shop}/auth/providers");
        // Of the flow no cookie is left.
        let expected = json!({ "url": home, "me": email, "cookies": [["shop", true, "Lax"]] });
        assert_eq!(seen[way], expected, "{seen}");
        // The cookie of the session does not go along with the form of another site.
        let forged = json!({ "answer": "Unauthorized", "identities": 1 });
        assert_eq!(seen[&format!("{way}, forged")], forged, "{seen}");
    }
    assert_eq!(seen["stranger"], json!({ "status": 400, "me": 401 }), "{seen}");
}
