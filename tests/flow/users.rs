//! One's own account and, for superusers, everybody's: the rows of the wire.

use reqwest::Method;
use serde_json::{Value, json};
use usermgr_tests::{PASSWORD, Reply, Server};

use super::{OTHER, assert_user, id_of, request_verify, verify};

#[tokio::test]
async fn me_rows_of_the_wire() {
    let server = Server::start(&[]);
    let client = server.client();
    let reply = client.get("/users/me").await.expect_detail(401, "Unauthorized");
    assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    client.with_token("garbage").get("/users/me").await.expect_detail(401, "Unauthorized");
    let basic = client.request(Method::GET, "/users/me").basic_auth("ada@example.com", Some(PASSWORD));
    client.send(basic).await.expect_detail(401, "Unauthorized");
    let ada = client.joined("ada@example.com").await;
    let id = assert_user(&ada.get("/users/me").await.expect(200).json(), "ada@example.com", [true, false, false]);
    let root = server.superuser("root@example.com").await;
    root.patch(&format!("/users/{id}"), json!({ "is_active": false })).await.expect(200);
    ada.get("/users/me").await.expect_detail(401, "Unauthorized");
    ada.patch("/users/me", json!({})).await.expect_detail(401, "Unauthorized");
    // J6: active again, the token of before stays dead, since the stamp is another.
    root.patch(&format!("/users/{id}"), json!({ "is_active": true })).await.expect(200);
    ada.get("/users/me").await.expect_detail(401, "Unauthorized");
    client.logged_in("ada@example.com", PASSWORD).await;
}

#[tokio::test]
async fn patch_me_rows_of_the_wire() {
    let server = Server::start(&[]);
    let client = server.client();
    client.register("taken@example.com", PASSWORD).await.expect(201);
    let ada = client.joined("ada@example.com").await;
    let patch = async |body: Value| ada.patch("/users/me", body).await;
    let same = |reply: Reply| assert_user(&reply.expect(200).json(), "ada@example.com", [true, false, false]);

    for unchanged in [
        json!({}),
        json!({ "password": null }),
        json!({ "current_password": null }),
        json!({ "email": "ada@example.com" }),
        json!({ "is_superuser": true, "is_active": false, "is_verified": true, "id": 1, "created_at": 2, "hashed_password": 3 }),
        json!({ "unknown": [1, 2, 3] }),
    ] {
        same(patch(unchanged).await);
    }
    patch(json!({ "email": null })).await.expect_faults(json!([["string_type", ["body", "email"]]]));
    patch(json!({ "email": "nowhere" })).await.expect_faults(json!([["value_error", ["body", "email"]]]));
    patch(json!({ "password": 1 })).await.expect_faults(json!([["string_type", ["body", "password"]]]));
    patch(json!([])).await.expect_faults(json!([["model_attributes_type", ["body"]]]));
    for taken in ["taken@example.com", "TAKEN@example.com"] {
        patch(json!({ "email": taken })).await.expect_detail(400, "UPDATE_USER_EMAIL_ALREADY_EXISTS");
    }
    let reason =
        json!({ "code": "UPDATE_USER_INVALID_PASSWORD", "reason": "the password is shorter than 8 characters" });
    patch(json!({ "password": "m" })).await.expect_detail(400, reason);
    // Nothing of a refused request is kept.
    patch(json!({ "email": "free@example.com", "password": "m" })).await.expect(400);
    same(ada.get("/users/me").await);

    let reply = patch(json!({ "email": "ADA@example.com" })).await.expect(200);
    assert_user(&reply.json(), "ADA@example.com", [true, false, false]);
    let token = request_verify(&server, "ADA@example.com", 1).await;
    verify(&client, &token).await.expect(200);
    let reply = patch(json!({ "email": "Ada@example.com" })).await.expect(200);
    assert_user(&reply.json(), "Ada@example.com", [true, false, true]);
    let reply = patch(json!({ "email": "countess@example.com" })).await.expect(200);
    assert_user(&reply.json(), "countess@example.com", [true, false, false]);

    // A new password keeps the session that set it and ends the others.
    let other = client.logged_in("countess@example.com", PASSWORD).await;
    patch(json!({ "password": OTHER })).await.expect(200);
    ada.get("/users/me").await.expect(200);
    other.get("/users/me").await.expect_detail(401, "Unauthorized");
    client.login("countess@example.com", PASSWORD).await.expect(400);
    client.logged_in("countess@example.com", OTHER).await;
}

#[tokio::test]
async fn p14_a_wrong_current_password_is_refused_and_a_right_one_accepted() {
    let server = Server::start(&[]);
    let ada = server.client().joined("ada@example.com").await;
    let change = async |current: &str, new: &str| {
        ada.post("/auth/change-password", json!({ "current_password": current, "password": new })).await
    };
    ada.patch("/users/me", json!({ "email": "new@example.com", "current_password": "wrong" }))
        .await
        .expect_detail(403, "REAUTHENTICATION_REQUIRED");
    ada.patch("/users/me", json!({ "email": "new@example.com", "current_password": PASSWORD })).await.expect(200);
    change("wrong", OTHER).await.expect_detail(400, "CHANGE_PASSWORD_BAD_PASSWORD");
    let reason =
        json!({ "code": "CHANGE_PASSWORD_INVALID_PASSWORD", "reason": "the password is shorter than 8 characters" });
    change(PASSWORD, "g").await.expect_detail(400, reason);
    ada.post("/auth/change-password", json!({}))
        .await
        .expect_faults(json!([["missing", ["body", "current_password"]], ["missing", ["body", "password"]]]));
    let other = server.client().logged_in("new@example.com", PASSWORD).await;
    let reply = change(PASSWORD, OTHER).await.expect(204);
    assert_eq!(reply.text, "");
    server.mail("change_password", "new@example.com", 1);
    ada.get("/users/me").await.expect(200);
    other.get("/users/me").await.expect_detail(401, "Unauthorized");
    server.client().logged_in("new@example.com", OTHER).await;
    server.client().post("/auth/change-password", json!({})).await.expect_detail(401, "Unauthorized");
}

#[tokio::test]
async fn users_by_id_rows_of_the_wire() {
    let server = Server::start(&[]);
    let client = server.client();
    let root = server.superuser("root@example.com").await;
    let ada = client.joined("ada@example.com").await;
    let known = format!("/users/{}", id_of(&ada).await);
    let unknown = "/users/01890000-0000-7000-8000-000000000000";

    // E6: strangers and ordinary users learn nothing from any id; superusers get 404 for what is not there, whatever the body is.
    for path in [known.as_str(), unknown, "/users/not-an-id", "/users/%00", "/users/%ff", "/users/1"] {
        for method in [Method::GET, Method::PATCH, Method::DELETE] {
            client.send(client.request(method.clone(), path)).await.expect_detail(401, "Unauthorized");
            ada.send(ada.request(method.clone(), path)).await.expect_detail(403, "Forbidden");
            if path != known {
                root.send(root.request(method, path).body("{")).await.expect_detail(404, "Not Found");
            }
        }
    }
    assert_user(&root.get(&known).await.expect(200).json(), "ada@example.com", [true, false, false]);

    let patch = async |body: Value| root.patch(&known, body).await;
    root.send(root.request(Method::PATCH, &known)).await.expect_faults(json!([["missing", ["body"]]]));
    for flag in ["is_active", "is_superuser", "is_verified"] {
        for (wrong, kind) in [(json!(null), "bool_type"), (json!("maybe"), "bool_parsing"), (json!(2), "bool_parsing")]
        {
            patch(json!({ flag: wrong })).await.expect_faults(json!([[kind, ["body", flag]]]));
        }
    }
    patch(json!({ "email": null, "is_active": [] }))
        .await
        .expect_faults(json!([["string_type", ["body", "email"]], ["bool_type", ["body", "is_active"]]]));
    patch(json!({ "email": "root@example.com" })).await.expect_detail(400, "UPDATE_USER_EMAIL_ALREADY_EXISTS");
    let reason =
        json!({ "code": "UPDATE_USER_INVALID_PASSWORD", "reason": "the password is shorter than 8 characters" });
    patch(json!({ "password": "m" })).await.expect_detail(400, reason);
    let user = async |body: Value| patch(body).await.expect(200).json();
    assert_user(&user(json!({})).await, "ada@example.com", [true, false, false]);
    assert_user(&user(json!({ "email": "new@example.com" })).await, "new@example.com", [true, false, false]);
    let both = json!({ "email": "ada@example.com", "is_verified": true });
    assert_user(&user(both).await, "ada@example.com", [true, false, true]);
    assert_user(&user(json!({ "is_superuser": true })).await, "ada@example.com", [true, true, true]);
    ada.get("/users").await.expect(200);
    assert_user(&user(json!({ "is_superuser": false })).await, "ada@example.com", [true, false, true]);
    ada.get("/users").await.expect_detail(403, "Forbidden");
    user(json!({ "password": null })).await;
    client.logged_in("ada@example.com", PASSWORD).await;
    user(json!({ "password": OTHER })).await;
    client.logged_in("ada@example.com", OTHER).await;
    client.login("ada@example.com", PASSWORD).await.expect(400);

    assert_eq!(root.delete(&known).await.expect(204).text, "");
    root.delete(&known).await.expect_detail(404, "Not Found");
    client.register("ada@example.com", PASSWORD).await.expect(201);
}

#[tokio::test]
async fn m2_the_last_superuser_is_neither_demoted_nor_deactivated_nor_deleted() {
    let server = Server::start(&[]);
    let root = server.superuser("root@example.com").await;
    let path = format!("/users/{}", id_of(&root).await);
    root.patch(&path, json!({ "is_superuser": false })).await.expect_detail(400, "LAST_SUPERUSER");
    root.patch(&path, json!({ "is_active": false })).await.expect_detail(400, "LAST_SUPERUSER");
    root.delete(&path).await.expect_detail(400, "LAST_SUPERUSER");
    assert_user(&root.get(&path).await.expect(200).json(), "root@example.com", [true, true, true]);
    let second = server.superuser("second@example.com").await;
    second.delete(&path).await.expect(204);
    let path = format!("/users/{}", id_of(&second).await);
    second.delete(&path).await.expect_detail(400, "LAST_SUPERUSER");
}

#[tokio::test]
async fn m2_of_two_superusers_who_demote_each_other_at_once_one_remains() {
    let server = Server::start(&[]);
    let (one, two) = (server.superuser("one@example.com").await, server.superuser("two@example.com").await);
    let paths = [format!("/users/{}", id_of(&two).await), format!("/users/{}", id_of(&one).await)];
    let demote = json!({ "is_superuser": false });
    let (first, second) = tokio::join!(one.patch(&paths[0], demote.clone()), two.patch(&paths[1], demote.clone()));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    // The slower one is refused by the count, or, when he comes later still, by the guard.
    assert!(statuses == [200, 400] || statuses == [200, 403], "{statuses:?}");
}
