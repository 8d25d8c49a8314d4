//! With serde_json's `arbitrary_precision` on, a number is another thing inside serde_json, and must be the same outside.

use apart_arbitrary_precision::{Accounts, Customer};
use serde_json::{Value, json};
use usermgr::{
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::Client,
};

async fn client() -> Client {
    let engine = Engine::builder(SqliteStore::<Customer>::in_memory().await.unwrap())
        .backend(Backend::bearer("app", Database::new()))
        .backend(Backend::bearer("jwt", Jwt::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .build().unwrap();
    Client::new(usermgr::axum::router(Accounts { engine }).unwrap())
}

fn numbers() -> Value {
    serde_json::from_str(
        r#"{
            "age": 36, "points": 18446744073709551615, "balance": -9223372036854775808, "weight": 1.5e-7,
            "discount": 0.25, "scores": [1, -2, 0], "place": {"latitude": 51.5, "longitude": -0.125}
        }"#,
    )
    .unwrap()
}

fn registration() -> Value {
    let mut body = numbers();
    body["email"] = json!("ada@example.com");
    body["password"] = json!("correct horse battery");
    body
}

#[test]
fn the_feature_is_on() {
    let long = "3.14159265358979323846264338327950288419716939937510";
    assert_eq!(serde_json::from_str::<Value>(long).unwrap().to_string(), long);
}

#[track_caller]
fn assert_numbers(user: &Value, expected: &Value) {
    let expected: Customer = serde_json::from_value(expected.clone()).unwrap();
    let mut profile = user.clone();
    profile.as_object_mut().unwrap().retain(|name, _| numbers().get(name).is_some());
    assert_eq!(serde_json::from_value::<Customer>(profile).unwrap(), expected, "{user}");
    // On the wire they are plain numbers.
    assert!(user["points"].is_u64() && user["balance"].is_i64() && user["weight"].is_f64(), "{user}");
}

#[tokio::test]
async fn numbers_of_a_profile_go_through_http_and_sqlite_unchanged() {
    let client = client().await;
    let reply = client.post("/auth/register", registration()).await;
    assert_eq!(reply.status, 201, "{}", reply.json);
    assert_numbers(&reply.json, &numbers());
    for backend in ["app", "jwt"] {
        assert_eq!(client.login(backend, "ada@example.com", "correct horse battery").await.status, 200);
        assert_numbers(&client.get("/users/me").await.json, &numbers());
    }
    let change = json!({ "age": 37, "discount": null, "scores": [], "weight": 70 });
    let reply = client.patch("/users/me", change).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    let mut expected = numbers();
    for (name, value) in [("age", json!(37)), ("discount", json!(null)), ("scores", json!([])), ("weight", json!(70.0))]
    {
        expected[name] = value;
    }
    assert_numbers(&reply.json, &expected);
    assert_numbers(&client.get("/users/me").await.json, &expected);
}

#[tokio::test]
async fn wrong_numbers_are_refused_at_their_field() {
    let client = client().await;
    for (field, value) in [
        ("age", json!(256)),
        ("age", json!(-1)),
        ("age", json!(1.5)),
        ("age", json!("36x")),
        ("points", serde_json::from_str("18446744073709551616").unwrap()),
        ("balance", serde_json::from_str("1.5e0").unwrap()),
        ("weight", json!("heavy")),
        ("scores", json!([1, 1.5])),
        ("place", json!({ "latitude": 1, "longitude": true })),
        ("email", json!(1)),
        ("password", json!(1)),
    ] {
        let mut body = registration();
        body[field] = value;
        let reply = client.post("/auth/register", body.clone()).await;
        assert_eq!(reply.status, 422, "{body}: {}", reply.json);
        assert_eq!(reply.json["detail"][0]["loc"][1], field, "{body}: {}", reply.json);
        // No name of serde_json's own is in it.
        assert!(!reply.json.to_string().contains('$'), "{body}: {}", reply.json);
    }
}

#[tokio::test]
async fn what_stands_for_a_number_is_one() {
    let client = client().await;
    let mut body = registration();
    let sent = [("age", json!("36")), ("balance", serde_json::from_str("1e3").unwrap()), ("weight", json!("1.5"))];
    for (field, value) in sent {
        body[field] = value;
    }
    body["scores"] = serde_json::from_str("[1, 2.0]").unwrap();
    let reply = client.post("/auth/register", body).await;
    assert_eq!(reply.status, 201, "{}", reply.json);
    assert_eq!((&reply.json["age"], &reply.json["balance"]), (&json!(36), &json!(1000)), "{}", reply.json);
    assert_eq!(reply.json["scores"], json!([1, 2]));
}

#[tokio::test]
async fn m3_m7_a_field_twice_and_one_of_serde_jsons_own_are_refused_still() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let engine = Engine::new(SqliteStore::<Customer>::in_memory().await.unwrap());
    let router = usermgr::axum::router(Accounts { engine }).unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    for (body, words) in [
        (r#"{"token": "a", "number": 1, "number": 2}"#, "A field is given twice"),
        (r#"{"token": "a", "x": {"$serde_json::private::Number": "1"}}"#, "A field has a reserved name"),
        (r#"{"token": "a", "x": {"\u0024serde_json::private::RawValue": "1"}}"#, "A field has a reserved name"),
    ] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!(
            "POST /auth/verify HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 422 "), "{answer}");
        assert!(answer.contains(words), "{answer}");
    }
}
