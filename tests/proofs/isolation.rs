//! Isolation (X12): many users at once, each with a mark in everything they send, who get responses, refusals and reasons. No user sees another's
//! mark, in no answer and in no event.

use std::{collections::HashMap, sync::Arc};

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{sync::Barrier, task::JoinSet};
use usermgr::{
    InvalidPassword,
    prelude::*,
    store::{Directory, OutboxStore, SessionStore},
    testing::Probe,
    user::PasswordSubject,
};
use usermgr_tests::{Client, Reply, serve_axum};
use uuid::Uuid;

use crate::world::{GOOD, SECRET, cheap};

const USERS: usize = 24;
const ROUNDS: usize = 6;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
pub(crate) struct Card {
    note: String,
}

trait Store: SessionStore<Profile = Card, Id = Uuid> + Directory + OutboxStore {}
impl<S: SessionStore<Profile = Card, Id = Uuid> + Directory + OutboxStore> Store for S {}

struct Accounts<S> {
    engine: Engine<S>,
}

#[user_manager(store = S, secret = SECRET)]
impl<S: Store> Accounts<S> {
    async fn validate_password(
        &self,
        password: &Password,
        subject: &PasswordSubject<'_, Card, Uuid>,
    ) -> Result<(), InvalidPassword> {
        // Another one has its turn between the question and the answer.
        tokio::task::yield_now().await;
        match password.expose() {
            GOOD => Ok(()),
            _ => Err(InvalidPassword::new(format!("not for {}", subject.email()))),
        }
    }

    async fn on_before_update(&self, user: &User<Card>, _: &Changes<Card>) -> Result<(), Rejection> {
        tokio::task::yield_now().await;
        match user.profile.note.contains("locked") {
            true => Err(Rejection::new("LOCKED").reason(format!("{} is locked", user.profile.note))),
            false => Ok(()),
        }
    }
}

/// The marks in a text, such as `canary-07`.
fn marks(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("canary-").map(|(at, _)| text.get(at..at + 9).unwrap_or_default())
}

/// What one user asks for, over and over. Some responses must show their own mark.
async fn life(client: Client, mark: String) -> usize {
    let email = format!("{mark}@example.com");
    let see = |reply: Reply, status: u16, shows: bool| {
        let all = format!("{} {:?}", reply.text, reply.headers);
        assert_eq!(reply.status, status, "{mark}: {all}");
        assert!(marks(&all).all(|seen| seen == mark), "{mark} sees another's: {all}");
        assert_eq!(marks(&all).next().is_some(), shows, "{mark}: {all}");
        reply
    };
    let send = async |client: &Client, method: Method, path: &str, body: serde_json::Value| {
        let request = client.request(method, path).header("x-request-id", &mark).header("user-agent", &mark);
        client.send(if body.is_null() { request } else { request.json(&body) }).await
    };
    let register = json!({ "email": email, "password": GOOD, "note": mark });
    see(send(&client, Method::POST, "/auth/register", register.clone()).await, 201, true);
    let mut seen = 0;
    for round in 0..ROUNDS {
        let login = json!({ "username": email, "password": GOOD });
        let reply = see(send(&client, Method::POST, "/auth/session/login", login).await, 200, false);
        let own = client.with_token(reply.token());
        let reply = see(send(&own, Method::GET, "/users/me", json!(null)).await, 200, true);
        assert_eq!(reply.json()["email"], email.as_str());
        see(send(&own, Method::GET, "/users/me/sessions", json!(null)).await, 200, true);
        let wrong = json!({ "username": email, "password": format!("wrong {mark}") });
        see(send(&client, Method::POST, "/auth/session/login", wrong).await, 400, false);
        see(send(&client, Method::POST, "/auth/register", register.clone()).await, 400, false);
        let weak = json!({ "email": email, "password": format!("weak {mark}"), "note": mark });
        see(send(&client, Method::POST, "/auth/register", weak).await, 400, true);
        see(send(&own, Method::PATCH, "/users/me", json!({ "note": [mark] })).await, 422, false);
        see(send(&own, Method::PATCH, "/users/me", json!({ "email": format!("{mark} nowhere") })).await, 422, false);
        let note = json!({ "note": format!("{mark} {round}") });
        let reply = see(send(&own, Method::PATCH, "/users/me", note.clone()).await, 200, true);
        assert_eq!(reply.json()["note"], note["note"]);
        seen += 9;
        if round + 1 == ROUNDS {
            see(send(&own, Method::PATCH, "/users/me", json!({ "note": format!("{mark} locked") })).await, 200, true);
            see(send(&own, Method::PATCH, "/users/me", json!({ "note": "free" })).await, 403, true);
            seen += 2;
        }
        see(send(&own, Method::POST, "/auth/session/logout", json!(null)).await, 204, false);
        see(send(&own, Method::GET, "/users/me", json!(null)).await, 401, false);
    }
    seen
}

async fn together<S: Store>(store: S) {
    let probe = Probe::default();
    let engine = Engine::builder(store)
        .backend(Backend::bearer("session", Database::new()))
        .hasher(cheap(8))
        .limits(usermgr::Limits::dangerous_none())
        .audit(probe.clone())
        .build()
        .unwrap();
    let address = serve_axum(usermgr::axum::router(Accounts { engine }).unwrap());
    let (all, barrier) = (Client::new(&address), Arc::new(Barrier::new(USERS)));
    let mut users = JoinSet::new();
    for number in 0..USERS {
        let (client, barrier) = (all.clone(), barrier.clone());
        users.spawn(async move {
            barrier.wait().await;
            life(client, format!("canary-{number:02}")).await
        });
    }
    let seen: usize = users.join_all().await.into_iter().sum();
    assert_eq!(seen, USERS * (9 * ROUNDS + 2));

    let mut whose: HashMap<String, String> = HashMap::new();
    for event in probe.events() {
        let mark = event.request_id.clone().expect("each request has said its name");
        for id in event.user.iter().chain(
            event
                .actor
                .iter()
                .filter_map(|actor| actor.strip_prefix("user:").map(str::to_owned))
                .collect::<Vec<_>>()
                .iter(),
        ) {
            assert_eq!(*whose.entry(id.clone()).or_insert_with(|| mark.clone()), mark, "{event:?}");
        }
        let detail = event.detail.as_deref().unwrap_or_default();
        assert!(marks(detail).all(|seen| seen == mark), "{event:?}");
    }
    assert_eq!(whose.len(), USERS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn x12_of_users_at_once_none_sees_anything_of_another() {
    together(MemoryStore::<Card>::default()).await;
    together(SqliteStore::<Card>::in_memory().await.unwrap()).await;
}
