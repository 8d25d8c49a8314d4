//! A store that fails at any call: it is a fault, and never a wrong key or half a change.

use serde_json::json;

use super::rig::{ADA, PASSWORD, Rig, made, reader};
use crate::{prelude::*, testing::FaultAt};

#[tokio::test]
async fn x8_a_store_that_fails_is_no_wrong_key() {
    let rig = Rig::new();
    let (_, ada) = rig.ada().await;
    let (key, _) = reader(&ada).await;
    rig.faults.fail_call(1, FaultAt::Before);
    rig.program(&key).get("/orders").await.expect(503);
    rig.faults.heal();
    // A use that cannot be noted does not fail the request.
    rig.faults.fail_call(2, FaultAt::Before);
    rig.program(&key).get("/orders").await.expect(200);
    assert_eq!(rig.faults.injected(), 1);
    rig.faults.heal();
    for path in ["/users/me/api-keys"] {
        rig.faults.fail_call(2, FaultAt::Before);
        ada.get(path).await.expect(503);
        rig.faults.heal();
    }
}

#[tokio::test]
async fn x8_no_change_of_a_key_is_halved() {
    for what in ["create", "rotate", "revoke", "reset"] {
        for call in 1..60 {
            let rig = Rig::new();
            let (user, ada) = rig.ada().await;
            let (key, id) = reader(&ada).await;
            let path = format!("/users/me/api-keys/{id}");
            if what == "reset" {
                rig.accounts.forgot_password(&user, &Context::default()).await.unwrap();
            }
            let token = rig.probe.token::<crate::token::Reset>(ADA);
            rig.faults.fail_call(call, FaultAt::Before);
            let reply = match what {
                "create" => made(&ada, &["orders:read"]).await,
                "rotate" => ada.post(&format!("{path}/rotate"), json!({ "overlap": 60 })).await,
                "revoke" => ada.delete(&path).await,
                _ => {
                    let token = token.unwrap().expose().to_owned();
                    let body = json!({ "token": token, "password": "another horse battery" });
                    rig.client().post("/auth/reset-password", body).await
                }
            };
            let injected = rig.faults.injected();
            rig.faults.heal();
            let is_done = reply.status.is_success();
            let opens = rig.program(&key).get("/orders").await.status == 200;
            let password = if is_done && what == "reset" { "another horse battery" } else { PASSWORD };
            let client = rig.client();
            client.login("bearer", ADA, password).await.expect(200);
            let rows = client.get("/users/me/api-keys").await.expect(200).json.as_array().map(Vec::len);
            let expected = match (what, is_done) {
                ("create" | "rotate", true) => (true, Some(2)),
                ("revoke" | "reset", true) => (false, Some(0)),
                _ => (true, Some(1)),
            };
            assert_eq!((opens, rows), expected, "{what} {call} {}", reply.status);
            if injected == 0 {
                assert!(is_done && call > 5, "{what} {call} {}", reply.status);
                break;
            }
            assert!(is_done || reply.status == 503, "{what} {call} {}", reply.status);
        }
    }
}
