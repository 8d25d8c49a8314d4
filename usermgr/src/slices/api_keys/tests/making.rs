//! Making, listing, naming and revoking keys.

use std::time::Duration;

use serde_json::json;

use super::rig::{ADA, DAY, Refused, Rig, made, reader, text};
use crate::{
    audit::EventKind,
    prelude::*,
    store::{CredentialDigest, CredentialStore},
};

#[tokio::test]
async fn k1_a_key_is_shown_once_and_only_a_digest_of_it_is_kept() {
    let rig = Rig::new();
    let (user, ada) = rig.ada().await;
    let new = json!({ "scopes": ["orders:read", "orders:write", "orders:read"], "label": " nightly report " });
    let answer = ada.post("/users/me/api-keys", new).await.expect(201);
    let key = text(&answer.json["key"]);
    assert!(key.starts_with("shop_") && key.len() == 54, "{key}");
    assert!(key.ends_with(answer.json["hint"].as_str().unwrap()));
    assert_eq!(answer.json["label"], "nightly report");
    assert_eq!(answer.json["scopes"], json!(["orders:read", "orders:write"]));
    assert_eq!(answer.header("cache-control"), Some("no-store"));

    let rows = rig.accounts.engine.store().credentials(&user.id, rig.accounts.engine.now()).await.unwrap();
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(row.lookup, Some(CredentialDigest::of(&key)));
    assert!(!row.data.contains(&key[5..40]) && row.data.len() < 200, "{}", row.data);
    let listed = ada.get("/users/me/api-keys").await.expect(200);
    assert!(!listed.text().contains(&key[5..49]), "{}", listed.text());
    let mut shown = answer.json.clone();
    shown.as_object_mut().unwrap().remove("key");
    assert_eq!(listed.json, json!([shown]));
    let events = format!("{:?}", rig.probe.events());
    assert!(!events.contains(&key[5..49]) && !events.contains(key.rsplit('_').next().unwrap()), "{events}");
}

#[tokio::test]
async fn a_key_has_the_usual_lifetime_or_the_one_that_its_owner_chooses() {
    let rig = Rig::new();
    let (_, ada) = rig.ada().await;
    let now = rig.accounts.engine.now();
    let end = |days: u64| json!((now + Duration::from_secs(days * DAY)).to_string());
    for (body, days) in [
        (json!({ "scopes": ["orders:read"] }), 90),
        (json!({ "scopes": ["orders:read"], "expires_in": null, "never_expires": false }), 90),
        (json!({ "scopes": ["orders:read"], "expires_in": DAY }), 1),
        (json!({ "scopes": ["orders:read"], "expires_in": (365 * DAY).to_string() }), 365),
    ] {
        let answer = ada.post("/users/me/api-keys", body).await.expect(201);
        assert_eq!(answer.json["expires_at"], end(days));
    }
    for (name, value) in
        [("expires_in", json!(0)), ("expires_in", json!(365 * DAY + 1)), ("never_expires", json!(true))]
    {
        let body = json!({ "scopes": ["orders:read"], name: value });
        ada.post("/users/me/api-keys", body).await.expect_detail(400, "API_KEY_INVALID_LIFETIME");
    }
    for body in [
        json!({ "scopes": "orders:read" }),
        json!({ "scopes": [7] }),
        json!({}),
        json!({ "scopes": ["orders:read"], "expires_in": -1 }),
    ] {
        ada.post("/users/me/api-keys", body).await.expect(422);
    }
}

#[tokio::test]
async fn a_part_may_allow_keys_without_an_end_and_shorten_the_others() {
    let part = ApiKeys::new("shop").never_expires(true).longest(Duration::from_secs(DAY));
    let rig = Rig::with(part, |engine| engine);
    let (_, ada) = rig.ada().await;
    let body = json!({ "scopes": ["orders:read"], "never_expires": true });
    let answer = ada.post("/users/me/api-keys", body).await.expect(201);
    assert_eq!(answer.json["expires_at"], json!(null));
    let usual = made(&ada, &["orders:read"]).await.expect(201);
    assert_eq!(usual.json["expires_at"], json!((rig.accounts.engine.now() + Duration::from_secs(DAY)).to_string()));
    let both = json!({ "scopes": ["orders:read"], "never_expires": true, "expires_in": 60 });
    ada.post("/users/me/api-keys", both).await.expect_detail(400, "API_KEY_INVALID_LIFETIME");
}

#[tokio::test]
async fn a_part_that_is_wrong_is_not_built() {
    for (part, why) in [
        (ApiKeys::new("s"), "2 to 12 characters"),
        (ApiKeys::new("Shop"), "2 to 12 characters"),
        (ApiKeys::new("shop_1"), "2 to 12 characters"),
        (ApiKeys::new("abcdefghijklm"), "2 to 12 characters"),
        (ApiKeys::new("shop").lifetime(Duration::ZERO), "`lifetime` must be from 1"),
        (ApiKeys::new("shop").longest(Duration::from_secs(DAY)).lifetime(Duration::from_secs(DAY + 1)), "`lifetime`"),
        (ApiKeys::new("shop").longest(Duration::from_secs(366 * DAY)), "`longest` must be from 1 to 31536000"),
    ] {
        let fault = Engine::new(MemoryStore::<NoProfile>::new()).with(part).unwrap_err().to_string();
        assert!(fault.contains(why), "{fault}");
    }
    let twice = Engine::builder(MemoryStore::<NoProfile>::new()).with(ApiKeys::new("ab")).with(ApiKeys::new("cd"));
    assert!(twice.build().unwrap_err().to_string().contains("`api_keys` is added twice"));
}

#[test]
fn a_manager_without_permissions_does_not_pass_its_check() {
    struct Plain {
        engine: Engine<MemoryStore>,
    }

    #[crate::user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
    impl Plain {}

    let engine = Engine::new(MemoryStore::new()).with(ApiKeys::new("shop")).unwrap();
    let fault = Plain { engine }.check().unwrap_err().to_string();
    assert!(fault.contains("implement `usermgr::permissions::Permits` for the manager"), "{fault}");
    Plain { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
    assert_eq!(Rig::new().accounts.check().map_err(|error| error.to_string()), Ok(()));
}

#[tokio::test]
async fn k3_a_scope_is_a_permission_that_the_owner_has() {
    let rig = Rig::new();
    let (_, ada) = rig.ada().await;
    rig.add("clerk@example.com", |new| new).await;
    let clerk = rig.login("clerk@example.com").await;
    for (client, scopes) in [
        (&ada, &[][..]),
        (&ada, &["orders:delete"]),
        (&ada, &["orders:read", "refund"]),
        (&ada, &["OrdersRead"]),
        (&clerk, &["orders:write"]),
    ] {
        made(client, scopes).await.expect_detail(400, "API_KEY_SCOPE_NOT_ALLOWED");
    }
    made(&clerk, &["orders:read"]).await.expect(201);
    assert_eq!(ada.get("/users/me/api-keys").await.expect(200).json, json!([]));
}

#[tokio::test]
async fn k3_whose_key_is_made_the_session_says() {
    let rig = Rig::new();
    let (_, ada) = rig.ada().await;
    let eve = rig.add("eve@example.com", |new| new).await;
    let body = json!({ "scopes": ["orders:read"], "user_id": eve.id, "user": eve.id, "email": "eve@example.com", "id": eve.id });
    let answer = ada.post("/users/me/api-keys", body).await.expect(201);
    let who = rig.program(answer.json["key"].as_str().unwrap()).get("/orders").await.expect(200);
    assert_eq!(who.json["email"], ADA);
    assert_eq!(rig.login("eve@example.com").await.get("/users/me/api-keys").await.json, json!([]));
}

#[tokio::test]
async fn making_needs_a_fresh_login_and_a_verified_address() {
    let rig = Rig::new();
    rig.add("new@example.com", |new| new.verified(false)).await;
    made(&rig.login("new@example.com").await, &["orders:read"]).await.expect_detail(400, "API_KEY_NOT_VERIFIED");
    let (_, ada) = rig.ada().await;
    let (_, id) = reader(&ada).await;
    rig.wait(601);
    made(&ada, &["orders:read"]).await.expect_detail(403, "REAUTHENTICATION_REQUIRED");
    ada.post(&format!("/users/me/api-keys/{id}/rotate"), json!({}))
        .await
        .expect_detail(403, "REAUTHENTICATION_REQUIRED");
    // To take one away need not wait for a login.
    ada.delete(&format!("/users/me/api-keys/{id}")).await.expect(204);
}

#[tokio::test]
async fn a_user_has_at_most_50_keys_also_if_they_are_made_at_once() {
    let rig = Rig::new();
    let (_, ada) = rig.ada().await;
    for _ in 0..45 {
        reader(&ada).await;
    }
    let ada = std::sync::Arc::new(ada);
    let rivals: Vec<_> = (0..12)
        .map(|_| {
            let ada = ada.clone();
            tokio::spawn(async move { made(&ada, &["orders:read"]).await.status.as_u16() })
        })
        .collect();
    for rival in rivals {
        let status = rival.await.unwrap();
        assert!([201, 400, 503].contains(&status), "{status}");
    }
    while made(&ada, &["orders:read"]).await.status == 201 {}
    made(&ada, &["orders:read"]).await.expect_detail(400, "API_KEY_LIMIT");
    let listed = ada.get("/users/me/api-keys").await.expect(200).json;
    assert_eq!(listed.as_array().map(Vec::len), Some(50));
    // One that has expired does not count.
    rig.wait(91 * DAY);
    let ada = rig.login(ADA).await;
    made(&ada, &["orders:read"]).await.expect(201);
}

#[tokio::test]
async fn keys_are_named_and_revoked_by_their_owner_alone() {
    let rig = Rig::new();
    let (_, ada) = rig.ada().await;
    rig.add("eve@example.com", |new| new).await;
    let eve = rig.login("eve@example.com").await;
    let (key, id) = reader(&ada).await;
    let path = format!("/users/me/api-keys/{id}");
    eve.patch(&path, json!({ "label": "mine" })).await.expect(404);
    eve.delete(&path).await.expect(404);
    eve.post(&format!("{path}/rotate"), json!({})).await.expect(404);
    eve.get("/users/me/api-keys").await.expect(200);
    ada.delete("/users/me/api-keys/other%00").await.expect(404);

    let named = ada.patch(&path, json!({ "label": "old laptop" })).await.expect(200);
    assert_eq!((named.json["label"].as_str(), named.json["id"].as_str()), (Some("old laptop"), Some(&*id)));
    assert!(named.json.get("key").is_none());
    ada.patch(&path, json!({ "label": "x".repeat(65) })).await.expect_detail(400, "API_KEY_INVALID_LABEL");
    rig.program(&key).get("/orders").await.expect(200);

    rig.heard();
    ada.delete(&path).await.expect(204);
    rig.program(&key).get("/orders").await.expect(401);
    ada.delete(&path).await.expect(404);
    assert_eq!(rig.heard(), ["commit revoked", "revoked Some(\"old laptop\")"]);
    assert_eq!(rig.probe.count(EventKind::ApiKeyRevoked), 1);
}

#[tokio::test]
async fn a_hook_may_refuse_a_key_and_the_owner_is_notified_of_one() {
    let rig = Rig::new();
    let (_, ada) = rig.ada().await;
    reader(&ada).await;
    rig.accounts.engine.settle().await;
    assert_eq!(rig.heard(), ["before Some(7776000)", "commit created", "made None"]);
    assert!(rig.post.0.lock().unwrap().contains(&(ADA.to_owned(), "api_key_created")));
    rig.accounts.refuses.store(true, std::sync::atomic::Ordering::SeqCst);
    made(&ada, &["orders:read"]).await.expect_detail(403, "NO_KEYS");
    let (listed, events) = (ada.get("/users/me/api-keys").await.json, rig.probe.events());
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    let created: Vec<_> = events.iter().filter(|event| event.kind == EventKind::ApiKeyCreated).collect();
    let id = listed[0]["id"].as_str().unwrap();
    assert_eq!(created.iter().map(|event| event.detail.as_deref()).collect::<Vec<_>>(), [Some(&*format!("key {id}"))]);
}

#[tokio::test]
async fn superusers_see_and_revoke_the_keys_of_users() {
    let rig = Rig::new();
    let (user, ada) = rig.ada().await;
    let ((first, id), (second, _)) = (reader(&ada).await, reader(&ada).await);
    rig.add("root@example.com", |new| new.superuser(true)).await;
    let (root, path) = (rig.login("root@example.com").await, format!("/users/{}/api-keys", user.id));
    let listed = root.get(&path).await.expect(200);
    assert_eq!(listed.json, ada.get("/users/me/api-keys").await.json);
    ada.get(&path).await.expect(403);
    ada.delete(&path).await.expect(403);
    root.get(&format!("/users/{}/api-keys", uuid::Uuid::nil())).await.expect(404);

    root.delete(&format!("{path}?key={id}")).await.expect(204);
    rig.program(&first).get("/orders").await.expect(401);
    rig.program(&second).get("/orders").await.expect(200);
    root.delete(&format!("{path}?key={id}")).await.expect(404);
    root.delete(&path).await.expect(204);
    rig.program(&second).get("/orders").await.expect(401);
    root.delete(&path).await.expect(404);
    rig.wait(601);
    root.delete(&path).await.expect_detail(403, "REAUTHENTICATION_REQUIRED");
    root.post(&path, json!({ "scopes": ["orders:read"] })).await.expect(405);
}
