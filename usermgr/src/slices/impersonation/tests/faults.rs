//! What happens if the store fails at any call: never a session of the user, and never an answer that a session has ended.

use super::rig::{Rig, Tokened};
use crate::{audit::EventKind, testing::FaultAt};

#[tokio::test]
async fn im6_a_store_that_fails_gives_no_session_and_no_event() {
    let mut calls = 0;
    for call in 1.. {
        let rig = Rig::new().await;
        let root = rig.login(super::rig::ROOT).await;
        rig.faults.fail_call(call, FaultAt::Before);
        let reply = rig.begin(&root).await;
        if rig.faults.injected() == 0 {
            break;
        }
        calls = call;
        rig.faults.heal();
        // The use of the administrator's own session could not be recorded, which fails nothing.
        let begun = reply.status == 200;
        assert!(begun || reply.status == 503, "call {call}: {reply:?}");
        assert_eq!(rig.probe.count(EventKind::Impersonated), usize::from(begun), "call {call}");
        let listed = crate::Sessions::sessions(&*rig.accounts, &rig.ada, &crate::Context::default()).await.unwrap();
        assert_eq!(listed.len(), usize::from(begun), "call {call}");
    }
    assert!(calls > 5, "{calls}");
}

#[tokio::test]
async fn im6_a_store_that_fails_while_the_right_is_looked_at_is_503_and_never_200_or_401() {
    let mut calls = 0;
    for at in [FaultAt::Before, FaultAt::After] {
        for call in 1.. {
            let rig = Rig::new().await;
            let (_, acting) = rig.acting().await;
            rig.faults.fail_call(call, at);
            let reply = acting.get("/users/me").await;
            if rig.faults.injected() == 0 {
                reply.expect(200);
                break;
            }
            calls += 1;
            reply.expect(503);
            rig.faults.heal();
            acting.get("/users/me").await.expect(200);
        }
    }
    assert!(calls > 7, "{calls}");
}

#[tokio::test]
async fn im7_no_one_else_pays_for_it() {
    let asked = async |rig: &Rig, client: &crate::testing::Client| {
        rig.calls.take();
        client.get("/users/me").await.expect(200);
        rig.calls.take()
    };
    let (with, without) = (Rig::new().await, Rig::with(|engine| engine).await);
    let (ada, same) = (with.login(super::rig::ADA).await, without.login(super::rig::ADA).await);
    assert_eq!(asked(&with, &ada).await, ["find_session"]);
    assert_eq!(asked(&without, &same).await, ["find_session"]);
    // Who acts pays: both rows are held, and both sessions looked at.
    let (root, acting) = with.acting().await;
    assert_eq!(asked(&with, &root).await, ["find_session"]);
    let acted = asked(&with, &acting).await;
    assert_eq!(acted, ["find_session", "begin", "find_locked", "find_session_of", "find_session_of"]);
    // A token of a user has no claim more.
    let login = with.client().login("signed", super::rig::ADA, super::rig::PASSWORD).await.expect(200);
    let claims = crate::testing::claims_of(&login.token()).unwrap();
    let names: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = ["sub", "aud", "iat", "exp", "jti", "st", "auth_time", "backend"];
    expected.sort_unstable();
    assert_eq!(names, expected);
}
