//! *Log in as* at the server, over every database and both frameworks.

use serde_json::json;
use usermgr_tests::{Client, PASSWORD, Server};

const ADA: &str = "ada@example.com";

/// A server with a user and a superuser, who have both just logged in.
async fn started() -> (Server, Client, Client) {
    let server = Server::start(&["--impersonation"]);
    let ada = server.client().joined(ADA).await;
    let root = server.superuser("root@example.com").await;
    (server, ada, root)
}

#[tokio::test]
async fn im1_a_superuser_acts_as_a_user_until_either_ends_it() {
    let (server, ada, root) = started().await;
    let id = super::id_of(&ada).await;
    let path = format!("/users/{id}/impersonate");
    ada.post_empty(&path).await.expect(403);

    let begin = async || server.client().with_token(root.post_empty(&path).await.expect(200).token());
    let acting = begin().await;
    assert_eq!(acting.get("/users/me").await.expect(200).json()["email"], ADA);
    let change = json!({ "password": super::OTHER, "current_password": PASSWORD });
    acting.patch("/users/me", change).await.expect_detail(403, "IMPERSONATED_SESSION");
    acting.post_empty(&path).await.expect(403);
    assert!(server.mail("impersonated", ADA, 1)["token"].is_null());

    // A signed token has no row: it ends with all tokens of the user, or with the right of the superuser.
    ada.delete("/users/me/sessions").await.expect(204);
    acting.get("/users/me").await.expect(401);
    let acting = begin().await;
    acting.get("/users/me").await.expect(200);
    let root_id = super::id_of(&root).await;
    let other = server.superuser("other@example.com").await;
    other.patch(&format!("/users/{root_id}"), json!({ "is_superuser": false })).await.expect(200);
    acting.get("/users/me").await.expect(401);
}

#[tokio::test]
async fn im4_a_cookie_of_the_user_replaces_the_superusers_and_its_row_names_them() {
    let (server, ada, root) = started().await;
    let fields = [("username", "root@example.com"), ("password", PASSWORD)];
    let cookie = server.client().form("/auth/cookie/login", &fields).await.expect(204).cookie();
    let browser = server.client().with_cookie(cookie);
    let begun = browser.post_empty(&format!("/users/{}/impersonate", super::id_of(&ada).await)).await.expect(204);
    let acting = server.client().with_cookie(begun.cookie());
    assert_eq!(super::id_of(&acting).await, super::id_of(&ada).await);
    let sessions = ada.get("/users/me/sessions").await.expect(200).json();
    let row =
        sessions.as_array().unwrap().iter().find(|row| !row["actor"].is_null()).unwrap_or_else(|| panic!("{sessions}"));
    assert_eq!(row["actor"]["id"], super::id_of(&root).await, "{sessions}");
    ada.delete(&format!("/users/me/sessions/{}", row["id"].as_str().unwrap())).await.expect(204);
    acting.get("/users/me").await.expect(401);

    let without = Server::start_in(server.stop(), &[]);
    let root = without.client().logged_in("root@example.com", PASSWORD).await;
    root.post_empty("/users/1/impersonate").await.expect(404);
}
