//! Registering, logging in and out: the rows of the wire, and registrations at once.

use reqwest::Method;
use serde_json::{Value, json};
use usermgr_tests::{PASSWORD, Server};

use super::{assert_user, id_of};

#[tokio::test]
async fn register_rows_of_the_wire() {
    let server = Server::start(&[]);
    let client = server.client();
    let register = async |body: Value| client.post("/auth/register", body).await;
    let weak = json!({ "code": "REGISTER_INVALID_PASSWORD", "reason": "the password is shorter than 8 characters" });

    register(json!({})).await.expect_faults(json!([["missing", ["body", "email"]], ["missing", ["body", "password"]]]));
    register(json!({ "password": PASSWORD })).await.expect_faults(json!([["missing", ["body", "email"]]]));
    register(json!({ "email": "ada@example.com" })).await.expect_faults(json!([["missing", ["body", "password"]]]));
    register(json!({ "email": "ada", "password": PASSWORD }))
        .await
        .expect_faults(json!([["value_error", ["body", "email"]]]));
    register(json!({ "email": "ada", "password": 1 }))
        .await
        .expect_faults(json!([["value_error", ["body", "email"]], ["string_type", ["body", "password"]]]));
    client.register("ada@example.com", "g").await.expect_detail(400, weak.clone());
    assert_user(
        &client.register("ada@example.com", PASSWORD).await.expect(201).json(),
        "ada@example.com",
        [true, false, false],
    );
    for taken in ["ada@example.com", "ADA@example.com", "Ada@EXAMPLE.com", " ada@example.com "] {
        client.register(taken, PASSWORD).await.expect_detail(400, "REGISTER_USER_ALREADY_EXISTS");
    }
    server.mail("duplicate_register", "ada@example.com", 4);
    // The password is judged before the address is looked up.
    client.register("ada@example.com", "g").await.expect_detail(400, weak);
    let reply = client.register("Grace.Hopper@EXAMPLE.com", PASSWORD).await.expect(201);
    assert_user(&reply.json(), "Grace.Hopper@example.com", [true, false, false]);
    let body = json!({
        "email": "eve@example.com", "password": PASSWORD, "is_superuser": true, "is_active": false, "is_verified": true,
        "id": "00000000-0000-0000-0000-000000000000", "created_at": "1999-01-01T00:00:00Z", "hashed_password": "x",
        "password_hash": "x", "stamp": "x", "version": 9, "unknown": {},
    });
    let reply = register(body).await.expect(201);
    let id = assert_user(&reply.json(), "eve@example.com", [true, false, false]);
    assert_ne!(id, "00000000-0000-0000-0000-000000000000");
    assert!(!reply.json()["created_at"].as_str().unwrap().starts_with("1999"), "m1");
}

#[tokio::test]
async fn register_four_at_once_are_one_201_and_three_400() {
    let server = Server::start(&[]);
    let mut statuses = at_once(&server, 4, |_| "ada@example.com".into()).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400, 400, 400]);
}

#[tokio::test]
async fn r1_fifty_registrations_of_one_address_at_once_in_different_cases_make_one_row() {
    let server = Server::start(&[]);
    let cased = |number: usize| {
        let letter = |(at, c): (usize, char)| if number >> at & 1 == 1 { c.to_ascii_uppercase() } else { c };
        "adalovelace@example.com".chars().enumerate().map(letter).collect()
    };
    let mut statuses = at_once(&server, 50, cased).await;
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (201, &[400; 49][..]));
    let listed = usermgr_tests::command(&server.folder()).arg("list-users").output().unwrap();
    assert_eq!(String::from_utf8(listed.stdout).unwrap().lines().count(), 1);
}

/// Registers at once and returns the statuses; every refusal must be the one for a taken address.
async fn at_once(server: &Server, count: usize, email: impl Fn(usize) -> String) -> Vec<u16> {
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let (client, email) = (server.client(), email(number));
            tokio::spawn(async move { client.register(&email, PASSWORD).await })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        let reply = task.await.unwrap();
        if reply.status != 201 {
            assert_eq!(reply.json(), json!({ "detail": "REGISTER_USER_ALREADY_EXISTS" }));
        }
        statuses.push(reply.status);
    }
    statuses
}

#[tokio::test]
async fn login_rows_of_the_wire() {
    let server = Server::start(&[]);
    let client = server.client();
    let path = "/auth/jwt/login";
    client.register("ada@example.com", PASSWORD).await.expect(201);

    let both = json!([["missing", ["body", "username"]], ["missing", ["body", "password"]]]);
    client.form(path, &[]).await.expect_faults(both.clone());
    client.send(client.request(Method::POST, path)).await.expect_faults(both.clone());
    client.post(path, json!({})).await.expect_faults(both);
    client.form(path, &[("password", PASSWORD)]).await.expect_faults(json!([["missing", ["body", "username"]]]));
    client
        .form(path, &[("username", "ada@example.com")])
        .await
        .expect_faults(json!([["missing", ["body", "password"]]]));
    client
        .form(path, &[("username", "ada@example.com"), ("password", PASSWORD), ("grant_type", "refresh_token")])
        .await
        .expect_faults(json!([["string_pattern_mismatch", ["body", "grant_type"]]]));
    for (user, password) in [
        ("nobody@example.com", PASSWORD),
        ("ada@example.com", "wrong"),
        ("no address", PASSWORD),
        ("ada@example.com", "CORRECT horse battery"),
    ] {
        client.login(user, password).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
    }

    let whole = [
        ("username", "ADA@Example.com"),
        ("password", PASSWORD),
        ("grant_type", "password"),
        ("scope", "a b"),
        ("client_id", "x"),
        ("client_secret", "y"),
    ];
    client.form(path, &whole).await.expect(200).token();
    client.post(path, json!({ "username": "ada@example.com", "password": PASSWORD })).await.expect(200).token();
    let multipart = reqwest::multipart::Form::new().text("username", "ada@example.com").text("password", PASSWORD);
    client.send(client.request(Method::POST, path).multipart(multipart)).await.expect(200).token();
    client.form("/auth/cookie/login", &whole).await.expect(204);
    client.form("/auth/nobody/login", &whole).await.expect_detail(404, "Not Found");
    let text = client.request(Method::POST, path).header("content-type", "text/plain").body("username=a&password=b");
    client.send(text).await.expect_detail(415, "Unsupported Media Type");
}

#[tokio::test]
async fn e1_every_failed_login_looks_the_same() {
    let server = Server::start(&[]);
    let client = server.client();
    let root = server.superuser("root@example.com").await;
    let inactive = id_of(&client.joined("inactive@example.com").await).await;
    root.patch(&format!("/users/{inactive}"), json!({ "is_active": false })).await.expect(200);
    let seen = async |email: &str, password: &str| {
        let mut reply = client.login(email, password).await;
        reply.headers.remove("date");
        (reply.status, reply.headers, reply.text)
    };
    let unknown = seen("nobody@example.com", PASSWORD).await;
    assert_eq!((unknown.0, unknown.2.as_str()), (400, r#"{"detail":"LOGIN_BAD_CREDENTIALS"}"#));
    assert_eq!(seen("root@example.com", "a wrong password").await, unknown);
    assert_eq!(seen("inactive@example.com", PASSWORD).await, unknown);
    assert_eq!(seen("inactive@example.com", "a wrong password").await, unknown);
    assert_eq!(seen("root@example.com", &"x".repeat(5000)).await, unknown);
}

#[tokio::test]
async fn logout_rows_of_the_wire() {
    let server = Server::start(&[]);
    let client = server.client();
    let reply = client.send(client.request(Method::POST, "/auth/jwt/logout")).await.expect_detail(401, "Unauthorized");
    assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    let ada = client.joined("ada@example.com").await;
    let reply = ada.send(ada.request(Method::POST, "/auth/jwt/logout")).await.expect(204);
    assert_eq!(reply.text, "");
    ada.send(ada.request(Method::POST, "/auth/nothing/logout")).await.expect_detail(404, "Not Found");
}
