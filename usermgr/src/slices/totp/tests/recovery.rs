//! Recovery codes in place of a lost app.

use std::sync::Arc;

use super::rig::{EMAIL, Rig};
use crate::{audit::EventKind, prelude::*};

#[tokio::test]
async fn mf7_each_code_logs_in_once_and_says_how_many_are_left() {
    let rig = Rig::new();
    let (_, _, codes) = rig.with_app().await;
    for (at, code) in codes.iter().enumerate() {
        let pending = rig.pending(EMAIL).await;
        // As it is typed from paper.
        let typed = code.to_lowercase().replace('-', " ");
        let client = rig.bearing(&rig.answer(&pending, "recovery_code", &typed).await);
        let left = 9 - at;
        assert_eq!(rig.heard(), [format!("{left} left"), "gate".to_owned()]);
        let amr = &client.get("/users/me/sessions").await.json[0]["amr"];
        assert_eq!(*amr, serde_json::json!(["mfa", "pwd", "recovery"]));
        let again = rig.pending(EMAIL).await;
        let reply = rig.answer(&again, "recovery_code", code).await.expect(400);
        assert_eq!(reply.json["detail"], "LOGIN_BAD_SECOND_FACTOR");
        rig.heard();
    }
    assert_eq!(rig.probe.count(EventKind::RecoveryCodeUsed), 10);
    // None is left, and the app is still asked for.
    let reply = rig.client().login("bearer", EMAIL, super::rig::PASSWORD).await.expect(400);
    assert_eq!(reply.json["detail"]["factors"], "totp");
}

#[tokio::test(flavor = "multi_thread")]
async fn mf7_of_many_uses_of_a_code_at_once_one_logs_in() {
    let rig = Arc::new(Rig::new());
    let (_, _, codes) = rig.with_app().await;
    let mut pending = Vec::new();
    for _ in 0..16 {
        pending.push(rig.pending(EMAIL).await);
    }
    let answers = pending.into_iter().map(|pending| {
        let (rig, code) = (rig.clone(), codes[0].clone());
        tokio::spawn(async move { rig.answer(&pending, "recovery_code", &code).await.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for answer in answers.collect::<Vec<_>>() {
        statuses.push(answer.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
}

#[tokio::test]
async fn mf7_new_codes_replace_all_earlier_ones() {
    let rig = Rig::new();
    let (client, _, old) = rig.with_app().await;
    let new = client.post("/users/me/recovery-codes", ()).await.expect(200).json;
    assert_eq!(rig.heard(), ["added recovery"]);
    let new = new["recovery_codes"].as_array().unwrap();
    assert_eq!(new.len(), 10);
    let pending = rig.pending(EMAIL).await;
    for code in &old[..4] {
        rig.answer(&pending, "recovery_code", code).await.expect(400);
    }
    rig.answer(&pending, "recovery_code", new[0].as_str().unwrap()).await.expect(200);
}

#[tokio::test]
async fn mf7_without_a_factor_there_are_no_codes() {
    let rig = Rig::new();
    let client = rig.logged_in(EMAIL).await;
    let reply = client.post("/users/me/recovery-codes", ()).await.expect(403);
    assert_eq!(reply.json["detail"], "SECOND_FACTOR_REQUIRED");
    let user = rig.accounts.get_by_email(&EmailAddress::parse(EMAIL).unwrap()).await.unwrap().unwrap();
    let refused = rig.accounts.replace_recovery_codes(&user, &Context::system("test")).await;
    assert!(matches!(refused, Err(crate::factors::FactorError::Missing)), "{refused:?}");
}
