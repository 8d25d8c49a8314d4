//! The sessions of a user, as superusers list and end them.

use ::http::Method;
use serde_json::{Value, json};

use super::rig::{PASSWORD, Rig};
use crate::{audit::EventKind, prelude::*};

#[tokio::test]
async fn a_superuser_lists_the_sessions_of_a_user_page_by_page() {
    let rig = Rig::new(|engine| engine).await;
    let ada = rig.add("ada@example.com", |new| new).await;
    let path = format!("/users/{}/sessions", ada.id);
    assert_eq!(rig.root.get(&path).await.expect(200).json, json!([]));
    let clients = [rig.client("ada@example.com").await, rig.client("ada@example.com").await];
    let own = clients[0].get("/users/me/sessions").await.expect(200).json;
    let listed = rig.root.get(&path).await.expect(200).json;
    let without_current = |list: &Value| {
        let mut list = list.clone();
        list.as_array_mut().unwrap().iter_mut().for_each(|session| drop(session["is_current"].take()));
        list
    };
    assert_eq!(without_current(&listed), without_current(&own));
    assert!(listed.as_array().unwrap().iter().all(|session| session["is_current"] == false), "{listed}");
    let first = rig.root.get(&format!("{path}?limit=1")).await.expect(200);
    let next = first.header("link").unwrap().split(['<', '>']).nth(1).unwrap().to_owned();
    let second = rig.root.get(&format!("{path}{next}")).await.expect(200);
    assert_eq!(json!([first.json[0], second.json[0]]), listed);
    let refused = rig.root.get(&format!("{path}?limit=0")).await.expect(422);
    assert_eq!(refused.json["detail"][0]["loc"], json!(["query", "limit"]));
    let refused = rig.root.get(&format!("{path}?cursor=a%20b")).await.expect(422);
    assert_eq!(refused.json["detail"][0]["loc"], json!(["query", "cursor"]));
}

#[tokio::test]
async fn a_superuser_ends_all_sessions_of_a_user() {
    let rig = Rig::new(|engine| engine).await;
    let ada = rig.add("ada@example.com", |new| new).await;
    rig.add("bob@example.com", |new| new).await;
    let clients = [rig.client("ada@example.com").await, rig.client("ada@example.com").await];
    let bob = rig.client("bob@example.com").await;
    let answer = rig.root.delete(&format!("/users/{}/sessions", ada.id)).await.expect(204);
    assert_eq!(answer.text(), "");
    for client in clients {
        client.get("/users/me").await.expect(401);
    }
    bob.get("/users/me").await.expect(200);
    rig.root.get("/users/me").await.expect(200);
    rig.client("ada@example.com").await;
    let events = [EventKind::SessionsRevoked, EventKind::SessionRevoked].map(|kind| rig.events(kind, &ada));
    assert_eq!(events, [1, 2]);
}

#[tokio::test]
async fn a_superuser_who_loses_the_role_in_the_meantime_ends_no_sessions() {
    let rig = Rig::new(|engine| engine).await;
    let ada = rig.add("ada@example.com", |new| new).await;
    let other = rig.add("other@example.com", |new| new.superuser(true)).await;
    let client = rig.client("ada@example.com").await;
    let cx = Context::default();
    let login = rig.accounts.login(Credentials::new("other@example.com", PASSWORD), "bearer", &cx).await;
    let token = login.unwrap().token;
    let principal = rig.accounts.identify("bearer", token.expose()).await.unwrap().unwrap();
    let admin = Admin::from_principal(&principal).unwrap();
    rig.accounts.set_superuser(&Admin::system("test"), &other.id, false, &cx).await.unwrap();
    let ended = rig.accounts.revoke_user_sessions(&admin, &ada.id, &cx).await;
    assert!(matches!(ended, Err(crate::SessionError::Fault(crate::Fault::RightLost(_)))), "{ended:?}");
    client.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn only_superusers_read_sessions_and_only_after_a_fresh_login_they_end_them() {
    let rig = Rig::new(|engine| engine).await;
    let ada = rig.add("ada@example.com", |new| new).await;
    let client = rig.client("ada@example.com").await;
    for method in [Method::GET, Method::DELETE] {
        for unknown in ["018f0000-0000-7000-8000-000000000000", "none", "a%00", "%ff"] {
            rig.root.request(method.clone(), &format!("/users/{unknown}/sessions")).await.expect(404);
        }
        let path = format!("/users/{}/sessions", ada.id);
        rig.stranger().request(method.clone(), &path).await.expect(401);
        let answer = client.request(method.clone(), &path).await.expect(403);
        assert_eq!(answer.json["detail"], "Forbidden");
    }
    rig.age();
    let path = format!("/users/{}/sessions", ada.id);
    rig.root.get(&path).await.expect(200);
    let answer = rig.root.delete(&path).await.expect(403);
    assert_eq!(answer.json["detail"], "REAUTHENTICATION_REQUIRED");
    client.get("/users/me").await.expect(200);
}
