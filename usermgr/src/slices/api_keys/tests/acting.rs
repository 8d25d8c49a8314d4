//! What a request with a key may do, what it costs, and what is noted about it.

use serde_json::json;

use super::rig::{ADA, DAY, Refused, Rig, made, reader, text};
use crate::{Limits, audit::EventKind, limits::Limit, prelude::*};

#[tokio::test]
async fn k3_a_key_does_what_its_scopes_and_its_owner_may_now() {
    let rig = Rig::new();
    let root = rig.add("root@example.com", |new| new.superuser(true)).await;
    rig.add("other@example.com", |new| new.superuser(true)).await;
    let client = rig.login("root@example.com").await;
    let reads = rig.program(&reader(&client).await.0);
    let all = made(&client, &["orders:read", "orders:write", "refund"]).await.expect(201);
    let all = rig.program(all.json["key"].as_str().unwrap());

    // A superuser's session may do everything, and their key is no superuser.
    client.get("/refund").await.expect(200);
    let who = reads.get("/orders").await.expect(200);
    assert_eq!(who.json, json!({ "email": "root@example.com", "is_superuser": false }));
    let missing = reads.get("/refund").await.expect(403);
    assert_eq!(missing.json["detail"]["code"], "PERMISSION_REQUIRED", "{:?}", missing.json);
    all.get("/refund").await.expect(200);

    let admin = Admin::system("test");
    rig.accounts.set_superuser(&admin, &root.id, false, &Context::default()).await.unwrap();
    all.get("/orders").await.expect(200);
    all.get("/refund").await.expect(403);
    rig.accounts.set_superuser(&admin, &root.id, true, &Context::default()).await.unwrap();
    all.get("/refund").await.expect(200);
}

#[tokio::test]
async fn az2_a_stored_scope_that_the_application_no_longer_knows_grants_nothing() {
    use crate::store::{Credential, CredentialStore};
    let rig = Rig::new();
    let (user, ada) = rig.ada().await;
    let (key, _) = reader(&ada).await;
    let store = rig.accounts.engine.store();
    let row = store.credentials(&user.id, rig.accounts.engine.now()).await.unwrap().remove(0);
    let data = row.data.replace("orders:read", "orders:see");
    assert!(store.swap_credential(&Credential { data, ..row }).await.unwrap());
    rig.program(&key).get("/orders").await.expect(403);
}

/// Every key that is no key any more.
async fn dead(rig: &Rig) -> Vec<(&'static str, String)> {
    let mut dead = Vec::new();
    for (name, email) in [("inactive", "inactive@example.com"), ("deleted", "deleted@example.com")] {
        let user = rig.add(email, |new| new).await;
        let (key, _) = reader(&rig.login(email).await).await;
        let (admin, cx) = (Admin::system("test"), Context::default());
        match name {
            "deleted" => rig.accounts.delete_user(&admin, &user.id, &cx).await.unwrap(),
            // The row stays, as if an older version had blocked the account.
            _ => {
                use crate::user::Record;
                let store = rig.accounts.engine.store();
                let mut tx = store.begin().await.unwrap();
                let record = store.find_locked(&mut tx, [&user.id; 2]).await.unwrap().remove(0);
                let mut blocked = Record::clone(&record);
                blocked.user.is_active = false;
                store.update(&mut tx, &blocked).await.unwrap();
                store.commit(tx).await.unwrap();
            }
        }
        dead.push((name, key));
    }
    let (_, ada) = rig.ada().await;
    let expired =
        ada.post("/users/me/api-keys", json!({ "scopes": ["orders:read"], "expires_in": 60 })).await.expect(201);
    dead.push(("expired", text(&expired.json["key"])));
    let (revoked, id) = reader(&ada).await;
    ada.delete(&format!("/users/me/api-keys/{id}")).await.expect(204);
    dead.push(("revoked", revoked));
    let unknown = crate::api_key::ApiKey::generate("shop").unwrap();
    dead.push(("unknown", unknown.expose().to_owned()));
    rig.program(&dead[2].1).get("/orders").await.expect(200);
    rig.wait(60);
    dead
}

#[tokio::test]
async fn k4_a_key_that_is_none_any_more_is_401_after_one_query_whatever_is_wrong() {
    let rig = Rig::new();
    for (name, key) in dead(&rig).await {
        let before = rig.probe.count(EventKind::ApiKeyRefused);
        rig.calls.take();
        let answer = rig.program(&key).get("/orders").await.expect_detail(401, "Unauthorized");
        assert_eq!(rig.calls.take(), ["find_credential"], "{name}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{name}");
        assert_eq!(rig.probe.count(EventKind::ApiKeyRefused), before + 1, "{name}");
        // A handler that accepts none says so, and does not ask.
        rig.program(&key).get("/users/me").await.expect_detail(403, "API_KEY_NOT_ACCEPTED");
        assert_eq!(rig.calls.take(), [""; 0], "{name}");
    }
}

#[tokio::test]
async fn wrong_keys_count_for_the_network_and_right_ones_do_not() {
    let limits = Limits::default().wrong_secrets_per_network(Limit::new(3));
    let rig = Rig::with(ApiKeys::new("shop"), |engine| engine.limits(limits));
    let (_, ada) = rig.ada().await;
    let (key, _) = reader(&ada).await;
    let at = |last: u8, key: &str| rig.program(key).peer([192, 0, 2, last]);
    let last = if key.ends_with('x') { 'y' } else { 'x' };
    let mistyped = format!("{}{last}", &key[..53]);
    for _ in 0..20 {
        at(7, &key).get("/orders").await.expect(200);
        // A mistyped one costs nothing, and counts for nothing.
        at(7, &mistyped).get("/orders").await.expect(401);
    }
    for _ in 0..3 {
        let unknown = crate::api_key::ApiKey::generate("shop").unwrap();
        at(7, unknown.expose()).get("/orders").await.expect(401);
    }
    let unknown = crate::api_key::ApiKey::generate("shop").unwrap();
    let refused = at(7, unknown.expose()).get("/orders").await.expect(429);
    assert!(refused.header("retry-after").is_some());
    at(8, unknown.expose()).get("/orders").await.expect(401);
    // The programs of the same office go on.
    at(7, &key).get("/orders").await.expect(200);
}

#[tokio::test]
async fn k1_the_last_use_is_noted_once_a_minute() {
    let rig = Rig::new();
    let (_, ada) = rig.ada().await;
    let (key, _) = reader(&ada).await;
    rig.clock.set("2026-12-01T10:00:20Z".parse().unwrap());
    let ada = {
        drop(ada);
        rig.login(ADA).await
    };
    let program = rig.program(&key).peer([192, 0, 2, 7]);
    rig.calls.take();
    program.get("/orders").await.expect(200);
    assert_eq!(rig.calls.take(), ["find_credential", "swap_credential"]);
    rig.wait(39);
    program.get("/orders").await.expect(200);
    assert_eq!(rig.calls.take(), ["find_credential"]);
    let listed = ada.get("/users/me/api-keys").await.expect(200).json;
    assert_eq!(listed[0]["used_at"], "2026-12-01T10:00:00Z");
    assert_eq!(listed[0]["used_from"], "192.0.2.7");
    rig.wait(1);
    rig.calls.take();
    program.get("/orders").await.expect(200);
    assert_eq!(rig.calls.take(), ["find_credential", "swap_credential"]);
    rig.wait(90 * DAY);
    program.get("/orders").await.expect(401);
}
