//! actix-web's threads have a runtime each, which ends with the server; and its extractors find the manager at run time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    web::{self, ServiceConfig},
};
use serde_json::json;
use usermgr::{
    password::{Argon2Params, Argon2id},
    prelude::*,
};
use usermgr_tests::{Client, PASSWORD, serve_actix};

struct Accounts {
    engine: Engine<MemoryStore>,
    mailed: AtomicBool,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_forgot_password(&self, _: &User, _: &ResetToken) {
        tokio::time::sleep(Duration::from_millis(500)).await;
        self.mailed.store(true, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn e4_a_mail_asked_for_before_the_server_stops_is_sent() {
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("jwt", Jwt::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .build()
        .unwrap();
    let accounts = Arc::new(Accounts { engine, mailed: AtomicBool::new(false) });
    let users = usermgr::actix::configure(accounts.clone()).unwrap();
    let server = HttpServer::new(move || App::new().configure(users.clone())).workers(1).disable_signals();
    let server = server.bind("127.0.0.1:0").unwrap();
    let client = Client::new(format!("http://{}", server.addrs()[0]));
    let server = server.run();
    let handle = server.handle();
    let running = tokio::spawn(server);
    client.register("ada@example.com", PASSWORD).await.expect(201);
    client.post("/auth/forgot-password", json!({ "email": "ada@example.com" })).await.expect(202);
    assert!(!accounts.mailed.load(Ordering::Relaxed), "the answer does not wait");
    handle.stop(true).await;
    running.await.unwrap().unwrap();
    accounts.engine.settle().await;
    assert!(accounts.mailed.load(Ordering::Relaxed));
}

#[tokio::test]
async fn x14_an_extractor_without_a_manager_is_500_and_lets_no_request_pass() {
    let address = serve_actix(|config: &mut ServiceConfig| {
        config.route("/", web::get().to(async |_: usermgr::actix::CurrentUser<Accounts>| "in"));
        let optional = async |_: usermgr::actix::Optional<usermgr::actix::CurrentUser<Accounts>>| "in";
        config.route("/optional", web::get().to(optional));
    });
    for path in ["/", "/optional"] {
        Client::new(&address).get(path).await.expect_detail(500, "Internal Server Error");
    }
}
