//! The routes of the notifications that were given up.

#![cfg(feature = "outbox")]

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use ::http::Method;
use serde_json::{Value, json};

use crate::{
    engine::EngineBuilder,
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{Client, FakeClock, FaultAt, Faults, Faulty},
};

const PASSWORD: &str = "correct horse battery";

struct Accounts {
    engine: Engine<Faulty<MemoryStore>>,
    faults: Faults,
    /// Whether no mail can be sent.
    is_down: AtomicBool,
}

#[user_manager(store = Faulty<MemoryStore>, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_register(&self, _: &User) -> Result<(), HookError> {
        self.mail()
    }

    async fn on_after_forgot_password(&self, _: &User, _: &ResetToken) -> Result<(), HookError> {
        self.mail()
    }

    #[helper]
    fn mail(&self) -> Result<(), HookError> {
        if self.is_down.load(Ordering::SeqCst) { Err(HookError::permanent("no mail server")) } else { Ok(()) }
    }
}

/// An engine over a store with these faults.
fn engine(clock: &FakeClock, faults: &Faults) -> EngineBuilder<Faulty<MemoryStore>> {
    Engine::builder(Faulty::new(MemoryStore::new(), faults.clone()))
        .backend(Backend::bearer("bearer", Database::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .clock(clock.clone())
}

/// Accounts, and the client of a superuser.
async fn served(engine: EngineBuilder<Faulty<MemoryStore>>, faults: Faults) -> (Arc<Accounts>, Client) {
    let engine = engine.build().unwrap();
    let accounts = Arc::new(Accounts { engine, faults, is_down: AtomicBool::new(false) });
    let root = Client::new(crate::axum::router(accounts.clone()).unwrap());
    let new = NewUser::new(EmailAddress::parse("root@example.com").unwrap(), NoProfile);
    accounts.create(new.password(PASSWORD).superuser(true), &Context::default()).await.unwrap();
    root.login("bearer", "root@example.com", PASSWORD).await.expect(200);
    (accounts, root)
}

/// The same with an outbox that has given up three notifications, which are returned as they are listed: two to the
/// user who is returned, and one to their address.
async fn given_up() -> (Arc<Accounts>, Client, FakeClock, User, Vec<Value>) {
    let (clock, faults) = (FakeClock::start(), Faults::default());
    let (accounts, root) = served(engine(&clock, &faults).outbox(), faults).await;
    accounts.deliver_due().await.unwrap();
    accounts.is_down.store(true, Ordering::SeqCst);
    let cx = Context::default();
    let ada = accounts.register(Register::new("ada@example.com", PASSWORD), &cx).await.unwrap();
    clock.advance(std::time::Duration::from_secs(1));
    accounts.forgot_password(&ada, &cx).await.unwrap();
    clock.advance(std::time::Duration::from_secs(1));
    accounts.request_reset_for(&ada.email, &cx).await.unwrap();
    accounts.deliver_due().await.unwrap();
    accounts.is_down.store(false, Ordering::SeqCst);
    let listed = root.get("/outbox/undelivered").await.expect(200);
    assert_eq!(listed.header("link"), None);
    let listed = listed.json.as_array().unwrap().clone();
    assert_eq!(listed.len(), 3);
    (accounts, root, clock, ada, listed)
}

#[tokio::test]
async fn a_superuser_lists_what_was_given_up_without_what_was_in_it() {
    let (accounts, root, _, ada, listed) = given_up().await;
    let failed_at = accounts.engine.now();
    for (row, (event, user_id)) in listed.iter().zip([
        ("register", json!(ada.id)),
        ("forgot_password", json!(ada.id)),
        ("forgot_password", Value::Null),
    ]) {
        let expected = json!({
            "id": row["id"], "event": event, "user_id": user_id, "attempts": 1, "failed_at": failed_at,
            "error": row["error"],
        });
        assert_eq!(*row, expected);
        assert!(row["error"].as_str().is_some_and(|error| !error.is_empty()), "{row}");
    }
    let (mut read, mut path) = (Vec::new(), "/outbox/undelivered?limit=1".to_owned());
    loop {
        let page = root.get(&path).await.expect(200);
        read.extend(page.json.as_array().unwrap().clone());
        let Some(link) = page.header("link") else { break };
        path = format!("/outbox/undelivered{}", link.split(['<', '>']).nth(1).unwrap());
    }
    assert_eq!(read, listed);
    for (query, name) in [("limit=0", "limit"), ("limit=201", "limit"), ("cursor=", "cursor"), ("cursor=%00", "cursor")]
    {
        let refused = root.get(&format!("/outbox/undelivered?{query}")).await.expect(422);
        assert_eq!(refused.json["detail"][0]["loc"], json!(["query", name]), "{query}");
    }
}

#[tokio::test]
async fn a_superuser_retries_or_deletes_what_was_given_up_once() {
    let (accounts, root, _, _, listed) = given_up().await;
    let [first, second, third] =
        [0, 1, 2].map(|at| format!("/outbox/undelivered/{}", listed[at]["id"].as_str().unwrap()));
    root.request(Method::POST, &format!("{first}/retry")).await.expect(204);
    root.request(Method::POST, &format!("{first}/retry")).await.expect(404);
    root.delete(&second).await.expect(204);
    root.delete(&second).await.expect(404);
    assert_eq!(root.get("/outbox/undelivered").await.expect(200).json, json!([listed[2]]));
    assert_eq!(accounts.deliver_due().await.unwrap(), 1);
    root.delete(&first).await.expect(404);
    root.request(Method::POST, &format!("{third}/retry")).await.expect(204);
    assert_eq!(root.get("/outbox/undelivered").await.expect(200).json, json!([]));
    for unknown in ["none", "a%00", "%ff", "a%20b"] {
        root.request(Method::POST, &format!("/outbox/undelivered/{unknown}/retry")).await.expect(404);
        root.delete(&format!("/outbox/undelivered/{unknown}")).await.expect(404);
    }
}

#[tokio::test]
async fn only_superusers_see_what_was_given_up_and_only_after_a_fresh_login_they_change_it() {
    let (accounts, root, clock, ada, listed) = given_up().await;
    let client = Client::new(crate::axum::router(accounts).unwrap());
    let row = format!("/outbox/undelivered/{}", listed[0]["id"].as_str().unwrap());
    let routes = [
        (Method::GET, "/outbox/undelivered".to_owned()),
        (Method::POST, format!("{row}/retry")),
        (Method::DELETE, row),
    ];
    for (method, path) in routes.clone() {
        client.request(method, &path).await.expect(401);
    }
    client.login("bearer", ada.email.as_str(), PASSWORD).await.expect(200);
    for (method, path) in routes.clone() {
        assert_eq!(client.request(method, &path).await.expect(403).json["detail"], "Forbidden");
    }
    clock.advance(std::time::Duration::from_secs(601));
    for (method, path) in &routes[1..] {
        let answer = root.request(method.clone(), path).await.expect(403);
        assert_eq!(answer.json["detail"], "REAUTHENTICATION_REQUIRED");
    }
    assert_eq!(root.get("/outbox/undelivered").await.expect(200).json, json!(listed));
}

#[tokio::test]
async fn x8_a_store_that_fails_is_no_unknown_row() {
    let (accounts, root, _, _, listed) = given_up().await;
    let row = format!("/outbox/undelivered/{}", listed[0]["id"].as_str().unwrap());
    for (method, path) in
        [(Method::GET, "/outbox/undelivered".to_owned()), (Method::POST, format!("{row}/retry")), (Method::DELETE, row)]
    {
        // The first call finds the session.
        accounts.faults.fail_call(2, FaultAt::Before);
        root.request(method, &path).await.expect(503);
        assert_eq!(accounts.faults.injected(), 1);
        accounts.faults.heal();
        assert_eq!(root.get("/outbox/undelivered").await.expect(200).json, json!(listed));
    }
}

#[tokio::test]
async fn an_engine_without_an_outbox_has_no_such_routes() {
    let faults = Faults::default();
    let (accounts, root) = served(engine(&FakeClock::start(), &faults), faults).await;
    root.get("/outbox/undelivered").await.expect(404);
    let routes = crate::http::Routes::of_engine(&accounts.engine);
    assert!(routes.iter().all(|route: &crate::http::Mounted<Accounts>| !route.path().starts_with("/outbox")));
}
