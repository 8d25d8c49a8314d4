//! Who is stored, and who may type it: no look-up asks what only a registration may ask.

use std::{process::Stdio, sync::Arc};

use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection, query, query_scalar, sqlite::SqliteConnectOptions};
use usermgr_tests::{Folder, PASSWORD, Server, command};

use super::{OTHER, forgot, request_verify, reset, verify};

/// Addresses that no registration takes today: as an intranet has them, an earlier version, a program with other features, an import.
const STORED: [(&str, &str); 5] = [
    ("Admin@localhost", "admin@LOCALHOST"),
    ("user@corp.local", "User@corp.local"),
    ("x@xn--a.com", "x@xn--a.com"),
    ("\u{3164}ada@example.com", "\u{3164}ada@example.com"),
    ("a b@example.com", "A B@example.com"),
];

/// A server over a database in which everybody of [`STORED`] is, with the password of all.
async fn server(flags: &[&str]) -> Server {
    let folder = Arc::new(Folder::over(None));
    let server = Server::start_in(folder, flags);
    for number in 0..STORED.len() {
        server.client().register(&format!("user{number}@example.com"), PASSWORD).await.expect(201);
    }
    let folder = server.stop();
    let options = SqliteConnectOptions::new().filename(database(&folder));
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    for (number, (stored, _)) in STORED.iter().enumerate() {
        let set = "UPDATE usermgr_users SET email = ?, email_key = ? WHERE email = ?";
        let query = query(set).bind(stored).bind(stored.to_lowercase()).bind(format!("user{number}@example.com"));
        assert_eq!(query.execute(&mut connection).await.unwrap().rows_affected(), 1);
    }
    connection.close().await.unwrap();
    Server::start_in(folder, flags)
}

fn database(folder: &Folder) -> String {
    folder.database_url().trim_start_matches("sqlite://").to_owned()
}

#[tokio::test]
async fn u8_who_is_stored_gets_in_whatever_is_asked_of_new_addresses() {
    let server = server(&["--limits", "off"]).await;
    for (stored, typed) in STORED {
        let client = server.client().logged_in(typed, PASSWORD).await;
        let me = client.get("/users/me").await.expect(200).json();
        assert_eq!(me["email"], stored);

        // What a form sends back as it was is no new address.
        let updated = client.patch("/users/me", json!({ "email": stored })).await.expect(200).json();
        assert_eq!((&updated["email"], &updated["id"]), (&json!(stored), &me["id"]));

        let token = request_verify(&server, stored, 1).await;
        verify(&server.client(), &token).await.expect(200);
        let token = forgot(&server, stored, 1).await;
        reset(&server.client(), &token, OTHER).await.expect(200);
        server.client().login(typed, PASSWORD).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
        server.client().login(typed, OTHER).await.expect(200);

        // No other account gets such an address.
        server.client().register(typed, PASSWORD).await.expect(422);
        client.patch("/users/me", json!({ "email": "other@localhost", "current_password": OTHER })).await.expect(401);
        let client = server.client().logged_in(typed, OTHER).await;
        client.patch("/users/me", json!({ "email": "other@localhost" })).await.expect(422);
    }
}

#[tokio::test]
async fn u8_a_superuser_and_an_operator_find_every_stored_user() {
    let server = server(&[]).await;
    let root = server.superuser("root@example.com").await;
    for (stored, typed) in STORED {
        let output =
            command(&server.folder()).args(["promote", "--email", typed]).stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let users = root.get("/users?limit=100").await.expect(200).json();
        let user = users["users"].as_array().unwrap().iter().find(|user| user["email"] == stored).unwrap().clone();
        assert_eq!(user["is_superuser"], true, "{stored}");
        // The whole of what was read is sent back.
        let path = format!("/users/{}", user["id"].as_str().unwrap());
        let body = json!({ "email": stored, "is_active": false, "is_superuser": false, "is_verified": true });
        let updated = root.patch(&path, body).await.expect(200).json();
        assert_eq!((&updated["is_active"], &updated["email"]), (&json!(false), &json!(stored)));
        root.patch(&path, json!({ "email": "else@localhost" })).await.expect(422);
    }
}

#[tokio::test]
async fn u8_only_what_is_no_address_at_all_is_refused_where_one_is_looked_for() {
    let server = Server::start(&["--limits", "off"]);
    let client = server.client();
    for path in ["/auth/forgot-password", "/auth/request-verify-token"] {
        for strange in ["unknown@localhost", "a b@c", "a@b@c", "x@xn--a.com", "\u{3164}@\u{3164}", "a@@b"] {
            client.post(path, json!({ "email": strange })).await.expect_json(202, Value::Null);
        }
        for (none, code, reason) in [
            ("", "no_at", "an address needs an @-sign"),
            ("ada", "no_at", "an address needs an @-sign"),
            (" @example.com", "nothing_before_at", "there must be something before the @-sign"),
            ("ada@ ", "nothing_after_at", "there must be something after the @-sign"),
            ("a\0da@example.com", "control_character", "an address has no control characters"),
            (&format!("{}@example.com", "a".repeat(400)), "length", "the address is longer than 320 bytes"),
        ] {
            let entry = json!([{
                "type": "value_error", "loc": ["body", "email"], "ctx": { "reason": reason, "reason_code": code },
                "msg": format!("value is not a valid email address: {reason}"),
            }]);
            client.post(path, json!({ "email": none })).await.expect_detail(422, entry);
        }
    }
}

#[tokio::test]
async fn a_network_of_ones_own_has_its_domains() {
    let flags = ["--allow-special-domain", "localhost", "--allow-special-domain", "corp.local"];
    let server = Server::start(&flags);
    let client = server.client().joined("Admin@localhost").await;
    client.patch("/users/me", json!({ "email": "admin@mail.corp.local" })).await.expect(200);
    server.client().register("ada@other.local", PASSWORD).await.expect(422);
    server.client().register("ada@example.com", PASSWORD).await.expect(201);

    let folder = Folder::over(None);
    let output = command(&folder).args(["--allow-special-domain", "127.0.0.1", "list-users"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("`127.0.0.1` is not a domain of mail addresses"), "{said}");
}

#[tokio::test]
async fn u1_capitals_of_every_script_are_one_account() {
    let server = Server::start_over(None, &[]);
    let (small, capital) = (
        "\u{3b3}\u{3b9}\u{3c9}\u{3c1}\u{3b3}\u{3bf}\u{3c2}.\u{3c0}@example.com",
        "\u{393}\u{399}\u{3a9}\u{3a1}\u{393}\u{39f}\u{3a3}.\u{3a0}@example.com",
    );
    server.client().register(small, PASSWORD).await.expect(201);
    server.client().register(capital, PASSWORD).await.expect_detail(400, "REGISTER_USER_ALREADY_EXISTS");
    server.client().login(capital, PASSWORD).await.expect(200);
    let options = SqliteConnectOptions::new().filename(server.database());
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let count: i64 = query_scalar("SELECT COUNT(*) FROM usermgr_users").fetch_one(&mut connection).await.unwrap();
    assert_eq!(count, 1);
}
