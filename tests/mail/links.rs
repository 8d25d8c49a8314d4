//! The links in mails, whatever a request claims of the address of the server.

use axum::{body::Body, http::Request};
use serde_json::json;
use tower::ServiceExt as _;
use usermgr::{
    Limits,
    mail::Mails,
    prelude::*,
    testing::{Client, Mailbox},
};

struct Shop {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Shop {}

#[tokio::test]
async fn t11_nm2_a_link_never_leads_where_a_request_says() {
    let mailbox = Mailbox::default();
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("bearer", Database::new()))
        .trusted_proxies(1)
        .limits(Limits::dangerous_none())
        .with(Mails::new("https://shop.example", mailbox.clone()));
    let router = usermgr::axum::router(Shop { engine: engine.build().unwrap() }).unwrap();
    let client = Client::new(router.clone());
    client.register("ada@example.com", "correct horse battery").await.expect(201);
    mailbox.next("ada@example.com").await;
    for (header, value) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-for", "evil.example"),
        ("x-original-url", "https://evil.example/"),
        ("forwarded", "host=evil.example;proto=http"),
        ("origin", "https://evil.example"),
        ("referer", "https://evil.example/"),
    ] {
        let request = client.post("/auth/forgot-password", json!({ "email": "ada@example.com" }));
        request.header(header, value).await.expect(202);
        let mail = mailbox.next("ada@example.com").await;
        assert!(mail.link.as_deref().unwrap().starts_with("https://shop.example/account/reset?token="), "{header}");
        assert!(!mail.text.contains("evil") && !mail.html.unwrap().contains("evil"), "{header}");
    }
    // A target in absolute form (RFC 9112, 3.2.2) names another host too.
    let request = Request::post("https://evil.example/auth/forgot-password").header("content-type", "application/json");
    let body = Body::from(json!({ "email": "ada@example.com" }).to_string());
    assert_eq!(router.oneshot(request.body(body).unwrap()).await.unwrap().status(), 202);
    assert!(mailbox.next("ada@example.com").await.link.unwrap().starts_with("https://shop.example/"));
}
