//! What axum's extractors refuse in handlers of the application: answered as the library's routes answer the same request.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{
        DefaultBodyLimit, Path,
        rejection::{JsonRejection, PathRejection},
    },
    http::Method,
    routing::post,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use usermgr::{
    http::{Outgoing, Problem},
    prelude::*,
    testing::{Client, Reply},
};
use uuid::Uuid;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Member {
    age: u8,
    badge: Badge,
}

/// Its own message repeats what was sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "String")]
struct Badge(String);

impl TryFrom<String> for Badge {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.len() < 9 { Ok(Self(text)) } else { Err(format!("the badge {text} is too long")) }
    }
}

struct Accounts {
    engine: Engine<MemoryStore<Member>>,
}

#[user_manager(store = MemoryStore<Member>, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

async fn join(
    id: Result<Path<Uuid>, PathRejection>,
    member: Result<Json<MemberRegister>, JsonRejection>,
) -> Result<Outgoing, Problem> {
    let (Path(_), Json(member)) = (id?, member?);
    Outgoing::json(axum::http::StatusCode::CREATED, &member.age)
}

fn client() -> Client {
    let own = Router::new()
        .route("/members/{id}", post(join))
        .route("/teams/{team}/members/{id}", post(join))
        .layer(DefaultBodyLimit::max(64 * 1024));
    let accounts = Arc::new(Accounts { engine: Engine::new(MemoryStore::default()) });
    Client::new(own.merge(usermgr::axum::routes::<Accounts, Arc<Accounts>>().with_state(accounts)))
}

async fn post_to(client: &Client, path: &str, media_type: &str, body: &str) -> Reply {
    client.request(Method::POST, path).body(media_type, body.to_owned()).await
}

const ID: &str = "/members/018f2d9c-0000-7000-8000-000000000001";

#[tokio::test]
async fn x11_a_refused_body_is_answered_as_the_library_answers_it() {
    let client = client();
    let wrong_badge = json!({ "age": 36, "badge": "canary-canary" }).to_string();
    for (media_type, body) in [
        ("application/json", r#"{"age": "canary", "badge": ""}"#),
        ("application/json", r#"{"age": 256, "badge": ""}"#),
        ("application/json", r#"{"age": 36}"#),
        ("application/json", &wrong_badge),
        ("application/json", "{\"age\": 36, \"badge\": \"canary"),
        ("application/json", "{\"age\": 36, \"badge\": \"\"} canary"),
        ("text/plain", r#"{"age": 36, "badge": ""}"#),
        ("application/json", &" ".repeat(64 * 1024 + 1)),
    ] {
        let own = post_to(&client, ID, media_type, body).await;
        // The library's route has two fields more, which are right.
        let ada = r#"{"email": "ada@example.com", "password": "correct horse battery", "#;
        let theirs = post_to(&client, "/auth/register", media_type, &body.replacen('{', ada, 1)).await;
        assert_eq!(own.status, theirs.status, "{body}");
        assert!(own.status.is_client_error(), "{body}");
        assert!(!own.text().contains("canary"), "{}", own.text());
        assert_eq!(without_place(&own.json), without_place(&theirs.json), "{body}");
    }
    assert_eq!(post_to(&client, ID, "application/json", r#"{"age": 36, "badge": ""}"#).await.status, 201);
}

/// The body of a response. A route of the application cannot say at which character a text ceases to be JSON.
fn without_place(body: &Value) -> Value {
    let mut body = body.clone();
    if body["detail"][0]["type"] == "json_invalid" {
        body["detail"][0]["loc"] = json!(["body"]);
    }
    body
}

#[tokio::test]
async fn a_path_without_such_an_id_is_not_found_and_one_with_more_parameters_is_a_fault_of_the_program() {
    let client = client();
    let body = r#"{"age": 36, "badge": ""}"#;
    for (path, status, detail) in
        [("/members/canary", 404, "Not Found"), ("/teams/a/members/b", 500, "Internal Server Error")]
    {
        let reply = post_to(&client, path, "application/json", body).await;
        assert_eq!((reply.status.as_u16(), &reply.json), (status, &json!({ "detail": detail })), "{path}");
    }
}
