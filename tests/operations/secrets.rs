//! Secrets that are replaced, where limits count, and the public origin.

use std::{fs, sync::Arc};

use serde_json::json;
use usermgr::{
    prelude::*,
    store::{CredentialKind, CredentialStore, NewCredential},
};
use usermgr_tests::{Folder, PASSWORD, Server, command, run};
use uuid::Uuid;

use super::{ended, json_lines, line};

const OLD: &str = "the-old-secret-0123456789abcdef-x";
const NEW: &str = "the-new-secret-0123456789abcdef-x";
const STRANGE: &str = "a-strange-secret-0123456789abcdef";

/// A server in the folder with these secrets.
fn serve(folder: &Arc<Folder>, flags: &[&str]) -> Server {
    let mut serve = command(folder);
    serve.env_remove("USERMGR_SECRET").args(flags);
    Server::spawn(folder.clone(), serve)
}

#[tokio::test]
async fn tokens_of_a_previous_secret_are_good_and_those_of_an_unknown_one_are_not() {
    let folder = Arc::new(Folder::new());
    let server = serve(&folder, &["--secret", OLD]);
    server.client().register("ada@example.com", PASSWORD).await.expect(201);
    let access = server.client().login("ada@example.com", PASSWORD).await.token();
    server.client().post("/auth/request-verify-token", json!({ "email": "ada@example.com" })).await.expect(202);
    let mailed = server.mailed_token("verify", "ada@example.com", 1);
    server.stop();

    let in_file = folder.file("strange.secret");
    fs::write(&in_file, format!("{STRANGE}\n")).unwrap();
    let strange = format!("--previous-secret=@{}", in_file.display());
    for (previous, good) in
        [(&[][..], false), (&[&*strange][..], false), (&[&*strange, "--previous-secret", OLD][..], true)]
    {
        let server = serve(&folder, &[&["--secret", NEW][..], previous].concat());
        let ada = server.client().with_token(&access);
        ada.get("/users/me").await.expect(if good { 200 } else { 401 });
        let verified = server.client().post("/auth/verify", json!({ "token": mailed })).await;
        verified.expect(if good { 200 } else { 400 });
        // New tokens are of the new secret.
        let fresh = server.client().login("ada@example.com", PASSWORD).await.token();
        server.stop();
        let server = serve(&folder, &["--secret", NEW]);
        server.client().with_token(fresh).get("/users/me").await.expect(200);
        server.stop();
    }
    // In the variable, one a line.
    let mut later = command(&folder);
    later.env("USERMGR_SECRET", NEW).env("USERMGR_PREVIOUS_SECRET", format!("{STRANGE}\n{OLD}"));
    let server = Server::spawn(folder.clone(), later);
    server.client().with_token(&access).get("/users/me").await.expect(200);
}

#[test]
fn a_secret_that_is_too_short_or_missing_is_named_and_not_shown() {
    let folder = Folder::new();
    for (flag, expected) in [
        ("--previous-secret=canary", "`secret`: it is 6 bytes long"),
        ("--previous-secret=@/no/such/file", "/no/such/file"),
        ("--data-secret=canary", "`data_secret`: it is 6 bytes long"),
        ("--data-secret=@/no/such/file", "/no/such/file"),
    ] {
        let said = ended(&run(&folder, &["list-users", flag]), 1);
        assert!(said.contains(expected) && !said.contains("canary"), "{flag}: {said}");
    }
}

#[tokio::test]
async fn sealed_data_that_no_secret_opens_is_counted_and_ends_with_3() {
    let folder = Folder::over(None);
    let ada = line(&run(&folder, &["create-user", "--email", "ada@example.com"]));
    assert_eq!(line(&run(&folder, &["reseal", "--data-secret", NEW])), json!({ "rows": 0, "unreadable": 0 }));

    let store: SqliteStore = SqliteStore::open(folder.file("users.db")).await.unwrap();
    let id: Uuid = serde_json::from_value(ada["id"].clone()).unwrap();
    let sealed = "v1.AAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let credential = NewCredential::new(id, CredentialKind::new("shop"), sealed, jiff::Timestamp::now());
    let mut tx = store.begin().await.unwrap();
    store.insert_credential(&mut tx, &credential).await.unwrap();
    store.commit(tx).await.unwrap();
    store.close().await;
    let output = run(&folder, &["reseal"]);
    assert!(ended(&output, 3).contains("none of the secrets"));
    assert_eq!(json_lines(&String::from_utf8(output.stdout).unwrap()), [json!({ "rows": 0, "unreadable": 1 })]);
}

#[tokio::test]
async fn limits_count_where_they_are_configured_to() {
    // In memory a restart forgets, in the database it does not.
    for (counters, after_a_restart) in [("memory", 400), ("database", 429)] {
        let folder = Arc::new(Folder::new());
        let flags = ["--limits", "on", "--counters", counters];
        let server = Server::start_in(folder.clone(), &flags);
        for _ in 0..10 {
            server.client().login("ada@example.com", "wrong").await.expect(400);
        }
        server.client().login("ada@example.com", "wrong").await.expect(429);
        server.stop();
        let server = Server::start_in(folder, &flags);
        server.client().login("ada@example.com", "wrong").await.expect(after_a_restart);
    }
    let said = ended(&run(&Folder::over(None), &["list-users", "--counters", "redis"]), 2);
    assert!(said.contains("--redis-url"), "{said}");
}

#[tokio::test]
async fn the_public_origin_is_in_the_document() {
    let server = Server::start(&["--base-url", "https://users.example.com/"]);
    let document = server.client().get("/openapi.json").await.json();
    assert_eq!(document["servers"], json!([{ "url": "https://users.example.com" }]));
    let folder = Folder::new();
    for wrong in ["users.example.com", "https://users.example.com/api"] {
        assert!(ended(&run(&folder, &["list-users", "--base-url", wrong]), 2).contains("--base-url"));
    }
}
