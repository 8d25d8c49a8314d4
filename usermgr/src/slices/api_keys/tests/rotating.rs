//! Rotating keys.

use serde_json::json;

use super::rig::{ADA, DAY, Refused, Rig, reader, text};
use crate::{
    audit::EventKind,
    store::{ApiKeyInfo, Credential, CredentialStore},
};

#[tokio::test]
async fn a_rotated_key_is_replaced_at_once_or_after_the_overlap() {
    let rig = Rig::new();
    let (_, ada) = rig.ada().await;
    let new = json!({ "scopes": ["orders:read"], "label": "report", "expires_in": 30 * DAY });
    let made = ada.post("/users/me/api-keys", new).await.expect(201).json;
    let (mut key, mut id) = (text(&made["key"]), text(&made["id"]));
    rig.wait(5 * 60);
    rig.heard();
    // At once, without a body or with one.
    for body in [None, Some(json!({})), Some(json!({ "overlap": 0 }))] {
        let path = format!("/users/me/api-keys/{id}/rotate");
        let answer = match body {
            None => ada.request(http::Method::POST, &path).await,
            Some(body) => ada.post(&path, body).await,
        };
        let next = answer.expect(201).json;
        assert_eq!((&next["label"], &next["scopes"]), (&made["label"], &made["scopes"]));
        let lifetime = std::time::Duration::from_secs(30 * DAY);
        assert_eq!(next["expires_at"], json!((rig.accounts.engine.now() + lifetime).to_string()));
        rig.program(&key).get("/orders").await.expect(401);
        (key, id) = (text(&next["key"]), text(&next["id"]));
        rig.program(&key).get("/orders").await.expect(200);
    }
    assert_eq!(rig.heard()[..3], ["before Some(2592000)", "commit created", "made Some(\"report\")"]);
    assert_eq!(rig.probe.count(EventKind::ApiKeyRotated), 3);

    let path = format!("/users/me/api-keys/{id}/rotate");
    ada.post(&path, json!({ "overlap": DAY + 1 })).await.expect_detail(400, "API_KEY_INVALID_LIFETIME");
    let next = text(&ada.post(&path, json!({ "overlap": 3600 })).await.expect(201).json["key"]);
    let listed = ada.get("/users/me/api-keys").await.expect(200).json;
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    let outgoing = listed.as_array().unwrap().iter().find(|row| key.ends_with(row["hint"].as_str().unwrap())).unwrap();
    assert!(!outgoing["used_at"].is_null(), "what is known of its use stays: {outgoing}");
    for key in [&key, &next] {
        rig.program(key).get("/orders").await.expect(200);
    }
    rig.wait(3600);
    rig.program(&key).get("/orders").await.expect(401);
    rig.program(&next).get("/orders").await.expect(200);
    assert_eq!(rig.login(ADA).await.get("/users/me/api-keys").await.json.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_use_that_was_read_before_a_rotation_does_not_give_the_old_key_its_time_back() {
    let rig = Rig::new();
    let (user, ada) = rig.ada().await;
    let (key, id) = reader(&ada).await;
    let store = rig.accounts.engine.store();
    let read = store.credentials(&user.id, rig.accounts.engine.now()).await.unwrap().remove(0);
    ada.post(&format!("/users/me/api-keys/{id}/rotate"), json!({ "overlap": 60 })).await.expect(201);
    // The write of a request that found the key just before.
    let used = ApiKeyInfo::read(&read).unwrap().used(rig.accounts.engine.now(), None).unwrap();
    let late = Credential { data: used.data().unwrap(), ..read };
    assert!(!store.swap_credential(&late).await.unwrap());
    rig.wait(60);
    rig.program(&key).get("/orders").await.expect(401);
}

#[tokio::test]
async fn a_key_that_ends_soon_does_not_end_later_by_an_overlap() {
    let rig = Rig::new();
    let (_, ada) = rig.ada().await;
    let new = json!({ "scopes": ["orders:read"], "expires_in": 60 });
    let made = ada.post("/users/me/api-keys", new).await.expect(201).json;
    let path = format!("/users/me/api-keys/{}/rotate", made["id"].as_str().unwrap());
    ada.post(&path, json!({ "overlap": DAY })).await.expect(201);
    rig.wait(60);
    rig.program(made["key"].as_str().unwrap()).get("/orders").await.expect(401);
}

#[tokio::test]
async fn of_two_rotations_at_once_one_wins() {
    let rig = Rig::new();
    let (_, ada) = rig.ada().await;
    let ada = std::sync::Arc::new(ada);
    for overlap in [0, 60] {
        let (_, id) = reader(&ada).await;
        let path = format!("/users/me/api-keys/{id}/rotate");
        let rivals: Vec<_> = (0..8)
            .map(|_| {
                let (ada, path) = (ada.clone(), path.clone());
                tokio::spawn(async move { ada.post(&path, json!({ "overlap": overlap })).await.status.as_u16() })
            })
            .collect();
        let mut statuses = Vec::new();
        for rival in rivals {
            statuses.push(rival.await.unwrap());
        }
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [201, 404, 503].contains(status)), "{statuses:?}");
    }
}
