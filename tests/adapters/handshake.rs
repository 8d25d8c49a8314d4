//! WebSockets in handlers of the application's own: an extractor before the upgrade judges where the handshake comes from.

use std::sync::Arc;

use reqwest::Method;
use serde_json::json;
use usermgr::{CookieOptions, http::Routes, prelude::*};
use usermgr_tests::{Client, PASSWORD, Reply};

use crate::front;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

#[tokio::test]
async fn s15_an_extractor_lets_no_page_of_another_origin_open_a_web_socket() {
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("jwt", Jwt::new()))
        .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
        .allow_origin("capacitor://localhost")
        .build()
        .unwrap();
    let client = Client::new(front::own(Arc::new(Accounts { engine }), Routes::all()).await);
    client.register("ada@example.com", PASSWORD).await.expect(201);
    let token = client.login("ada@example.com", PASSWORD).await.token();
    let body = json!({ "username": "ada@example.com", "password": PASSWORD });
    let ada = client.with_cookie(client.post("/auth/cookie/login", body).await.expect(204).cookie());
    let handshake = async |client: &Client, headers: &[(&str, &str)]| -> Reply {
        let request =
            client.request(Method::GET, "/own").header("connection", "Upgrade").header("upgrade", "websocket");
        client.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    };
    for (headers, status) in [
        (&[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")][..], 403),
        (&[("origin", "https://evil.example")], 403),
        (&[("origin", "null")], 403),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("origin", "capacitor://localhost"), ("sec-fetch-site", "cross-site")], 200),
        (&[("sec-fetch-site", "same-origin")], 200),
        (&[], 200),
    ] {
        let reply = handshake(&ada, headers).await.expect(status);
        if status == 403 {
            assert_eq!(reply.json(), json!({ "detail": "CROSS_ORIGIN_REQUEST" }), "{headers:?}");
        }
        handshake(&client.with_token(&token), headers).await.expect(200);
    }
}
