//! A person in one browser, who is of the staff and a customer: signed in to both, on one host.

use std::sync::Arc;

use axum::Router;
use usermgr::{pages::Pages, prelude::*, sql::SqlOptions, testing::Client};

use crate::rig::{ADA, GOOD, SECRET, cheap, file};

struct Accounts {
    engine: Engine<SqliteStore>,
}

#[user_manager(store = SqliteStore, secret = SECRET)]
impl Accounts {}

async fn router(path: &str, prefix: &str, below: &str) -> Router {
    let store = SqlOptions::new().prefix(prefix).open(path).await.unwrap();
    let engine = Engine::builder(store)
        .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
        .hasher(cheap())
        .with(Pages::new("cookie").below(below))
        .build()
        .unwrap();
    usermgr::axum::router(Arc::new(Accounts { engine })).unwrap()
}

#[tokio::test]
async fn ku2_one_browser_is_signed_in_to_both_and_signs_out_of_one() {
    let path = file();
    let app = Router::new()
        .nest("/staff", router(&path, "staff_", "/staff").await)
        .nest("/customers", router(&path, "usermgr_", "/customers").await);
    let browser = Client::new(app).header("sec-fetch-site", "same-origin");
    let ask = async |method: axum::http::Method, path: &str| browser.request(method, path).await;
    for root in ["/staff", "/customers"] {
        let new = serde_json::json!({ "email": ADA, "password": GOOD });
        browser.post(&format!("{root}/auth/register"), new).await.expect(201);
        let fields = [("username", ADA), ("password", GOOD)];
        browser.post_form(&format!("{root}/auth/cookie/login"), &fields).await.expect(204);
    }
    // Each sign-in has left the other alone, and so does each request.
    for root in ["/staff", "/customers", "/staff"] {
        let reply = ask(axum::http::Method::GET, &format!("{root}/users/me")).await.expect(200);
        assert_eq!(reply.header("set-cookie"), None);
    }
    assert!(browser.cookie("__Host-usermgr-staff").is_some() && browser.cookie("__Host-usermgr").is_some());
    assert_ne!(browser.cookie("__Host-usermgr-staff"), browser.cookie("__Host-usermgr"));
    ask(axum::http::Method::POST, "/staff/auth/cookie/logout").await.expect(204);
    ask(axum::http::Method::GET, "/staff/users/me").await.expect(401);
    ask(axum::http::Method::GET, "/customers/users/me").await.expect(200);
}

/// What a page leaves for the next one is for the pages of its kind.
#[tokio::test]
async fn ku2_a_notice_of_one_kind_is_not_shown_by_the_other() {
    let path = file();
    let app = Router::new()
        .nest("/staff", router(&path, "staff_", "/staff").await)
        .nest("/customers", router(&path, "usermgr_", "/customers").await);
    let browser = Client::new(app).header("sec-fetch-site", "same-origin");
    browser.post_form("/staff/account/forgot", &[("email", ADA)]).await.expect(303);
    let [here, there] = ["/staff", "/customers"].map(|root| format!("{root}/account/check-mail"));
    assert!(!browser.get(&there).await.text().contains(ADA));
    assert!(browser.get(&here).await.expect(200).text().contains(ADA));
}
