//! Refresh tokens over a socket (RFC 9700, 4.14.2): rotation, reuse, races, and what ends them.

use std::{collections::HashSet, time::Duration};

use reqwest::Method;
use serde_json::json;
use usermgr_tests::{PASSWORD, Server, dump};

use super::{ADA, list, logout, pair, refresh, refresh_token, registered};

/// A little longer than the grace of the server.
const GRACE: Duration = Duration::from_millis(10_200);

#[tokio::test]
async fn j8_a_refresh_gives_the_next_pair_of_the_same_session() {
    let server = Server::start(&[]);
    let client = registered(&server).await;
    let (access, token) = pair(&client).await;
    let before = list(&client.with_token(&access)).await;
    let reply = refresh(&client, &token).await.expect(200);
    let (next_access, next) = (reply.token(), refresh_token(&reply));
    let whole = json!({
        "access_token": next_access, "refresh_token": next, "expires_in": 3600, "token_type": "bearer"
    });
    assert_eq!(reply.json(), whole);
    assert_eq!(reply.header("cache-control"), Some("no-store"), "s11");
    assert!(next_access != access && next != token);
    let ada = client.with_token(next_access);
    let after = list(&ada).await;
    assert_eq!(after.len(), 1);
    for field in ["id", "authenticated_at", "expires_at"] {
        assert_eq!(after[0][field], before[0][field], "{field}");
    }
    // Three more in a row.
    let mut token = next;
    for _ in 0..3 {
        token = refresh_token(&refresh(&client, &token).await.expect(200));
    }
    ada.get("/users/me").await.expect(200);
    // As OAuth 2.0 has it, in a form.
    let form = [("grant_type", "refresh_token"), ("refresh_token", &*token)];
    client.form("/auth/jwt/refresh", &form).await.expect(200);
}

#[tokio::test]
async fn j9_what_is_no_refresh_token_is_refused() {
    let server = Server::start(&[]);
    let client = registered(&server).await;
    let (access, token) = pair(&client).await;
    for garbage in [&access, &token[1..], &format!("{token}A"), "x", "\u{1f980}", &"x".repeat(65), &"\u{e9}".repeat(32)]
    {
        refresh(&client, garbage).await.expect_detail(400, "REFRESH_BAD_TOKEN");
    }
    let path = "/auth/jwt/refresh";
    client.post(path, json!({})).await.expect_faults(json!([["missing", ["body", "refresh_token"]]]));
    client
        .post(path, json!({ "refresh_token": "" }))
        .await
        .expect_faults(json!([["missing", ["body", "refresh_token"]]]));
    client
        .post(path, json!({ "refresh_token": 1 }))
        .await
        .expect_faults(json!([["string_type", ["body", "refresh_token"]]]));
    client
        .form(path, &[("refresh_token", &token), ("grant_type", "password")])
        .await
        .expect_faults(json!([["string_pattern_mismatch", ["body", "grant_type"]]]));
    let text = client.request(Method::POST, path).header("content-type", "text/plain").body("refresh_token=x");
    client.send(text).await.expect_detail(415, "Unsupported Media Type");
    for backend in ["cookie", "nothing"] {
        let reply = client.post(&format!("/auth/{backend}/refresh"), json!({ "refresh_token": token })).await;
        reply.expect_detail(404, "Not Found");
    }
    // A refresh token gives no access, and an access token no other.
    client.with_token(&token).get("/users/me").await.expect_detail(401, "Unauthorized");
    refresh(&client, &token).await.expect(200);
}

#[tokio::test]
async fn j8_a_lost_answer_is_given_again_and_a_used_token_ends_its_session_and_is_reported() {
    let server = Server::start(&[]);
    let client = registered(&server).await;
    let (_, first) = pair(&client).await;
    let (others_access, _) = pair(&client).await;
    let answered = refresh(&client, &first).await.expect(200);
    let again = refresh(&client, &first).await.expect(200);
    assert_eq!(refresh_token(&again), refresh_token(&answered), "the same child");
    client.with_token(answered.token()).get("/users/me").await.expect(200);
    client.with_token(again.token()).get("/users/me").await.expect(200);

    tokio::time::sleep(GRACE).await;
    let stolen = refresh(&client, &first).await;
    stolen.expect_detail(400, "REFRESH_BAD_TOKEN");
    server.mail("token_theft", ADA, 1);
    for access in [answered.token(), again.token()] {
        client.with_token(access).get("/users/me").await.expect_detail(401, "Unauthorized");
    }
    refresh(&client, &refresh_token(&answered)).await.expect_detail(400, "REFRESH_BAD_TOKEN");
    refresh(&client, &first).await.expect_detail(400, "REFRESH_BAD_TOKEN");
    assert_eq!(usermgr_tests::mails(&server.folder(), "token_theft", ADA).len(), 1, "notified once");
    client.with_token(others_access).get("/users/me").await.expect(200);
}

#[tokio::test]
async fn j8_a_token_whose_child_was_used_is_stolen_within_the_grace_too() {
    let server = Server::start(&[]);
    let client = registered(&server).await;
    let (_, first) = pair(&client).await;
    let second = refresh_token(&refresh(&client, &first).await.expect(200));
    let third = refresh_token(&refresh(&client, &second).await.expect(200));
    refresh(&client, &first).await.expect_detail(400, "REFRESH_BAD_TOKEN");
    refresh(&client, &third).await.expect_detail(400, "REFRESH_BAD_TOKEN");
    server.mail("token_theft", ADA, 1);
}

#[tokio::test]
async fn j8_of_sixty_four_refreshes_at_once_one_child_comes_and_is_good() {
    let server = Server::start(&[]);
    let client = registered(&server).await;
    let (_, token) = pair(&client).await;
    let second = Server::start_in(server.folder(), &[]);
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let (client, token) = (if number % 2 == 0 { server.client() } else { second.client() }, token.clone());
            tokio::spawn(async move { refresh(&client, &token).await.expect(200) })
        })
        .collect();
    let (mut children, mut accesses) = (HashSet::new(), HashSet::new());
    for task in tasks {
        let reply = task.await.unwrap();
        children.insert(refresh_token(&reply));
        accesses.insert(reply.token());
    }
    assert_eq!((children.len(), accesses.len()), (1, 64));
    let ada = client.with_token(accesses.into_iter().next().unwrap());
    assert_eq!(list(&ada).await.len(), 1);
    let next = refresh(&client, children.iter().next().unwrap()).await.expect(200);
    client.with_token(next.token()).get("/users/me").await.expect(200);
    assert!(usermgr_tests::mails(&server.folder(), "token_theft", ADA).is_empty());
}

#[tokio::test]
async fn j8_a_logout_ends_the_refresh_token_also_while_it_is_being_used() {
    let server = Server::start(&[]);
    let client = registered(&server).await;
    for _ in 0..8 {
        let (access, token) = pair(&client).await;
        let ada = client.with_token(&access);
        let (refreshed, left) = tokio::join!(refresh(&client, &token), logout(&ada));
        left.expect(204);
        // Whatever came out of it, nothing of it opens anything any more.
        if refreshed.status == 200 {
            client.with_token(refreshed.token()).get("/users/me").await.expect(401);
            refresh(&client, &refresh_token(&refreshed)).await.expect_detail(400, "REFRESH_BAD_TOKEN");
        } else {
            refreshed.expect_detail(400, "REFRESH_BAD_TOKEN");
        }
        refresh(&client, &token).await.expect_detail(400, "REFRESH_BAD_TOKEN");
        ada.get("/users/me").await.expect_detail(401, "Unauthorized");
    }
    assert!(usermgr_tests::mails(&server.folder(), "token_theft", ADA).is_empty());
}

#[tokio::test]
async fn t2_j6_a_new_password_a_deactivation_and_a_deletion_end_the_refresh_token() {
    let server = Server::start(&[]);
    let client = registered(&server).await;
    let root = server.superuser("root@example.com").await;
    let (access, token) = pair(&client).await;
    let id = client.with_token(access).get("/users/me").await.json()["id"].as_str().unwrap().to_owned();

    client.post("/auth/forgot-password", json!({ "email": ADA })).await.expect(202);
    let reset = server.mailed_token("forgot", ADA, 1);
    client.post("/auth/reset-password", json!({ "token": reset, "password": PASSWORD })).await.expect(200);
    refresh(&client, &token).await.expect_detail(400, "REFRESH_BAD_TOKEN");

    let (_, token) = pair(&client).await;
    root.patch(&format!("/users/{id}"), json!({ "is_active": false })).await.expect(200);
    refresh(&client, &token).await.expect_detail(400, "REFRESH_BAD_TOKEN");
    root.patch(&format!("/users/{id}"), json!({ "is_active": true })).await.expect(200);
    refresh(&client, &token).await.expect_detail(400, "REFRESH_BAD_TOKEN");

    let (_, token) = pair(&client).await;
    root.delete(&format!("/users/{id}")).await.expect(204);
    refresh(&client, &token).await.expect_detail(400, "REFRESH_BAD_TOKEN");
    assert!(usermgr_tests::mails(&server.folder(), "token_theft", ADA).is_empty(), "none of it is a theft");
}

#[tokio::test]
async fn x1_no_refresh_token_lies_in_the_database_or_the_log() {
    let server = Server::start(&[]);
    let client = registered(&server).await;
    let (access, first) = pair(&client).await;
    let second = refresh_token(&refresh(&client, &first).await.expect(200));
    let database = dump(&server.folder()).await;
    assert!(contains(&database, ADA), "the dump is one of this database");
    let read = |file: &str| std::fs::read(server.folder().file(file)).unwrap();
    for (place, bytes) in [("database", database), ("log", read("stderr.log")), ("mails", read("mail.jsonl"))] {
        // The beginning of a token is what its session is found by, and a secret too.
        for secret in [&access, &first, &second, &first[..22], &first[22..], &second[22..]] {
            assert!(!contains(&bytes, secret), "{place}");
        }
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}
