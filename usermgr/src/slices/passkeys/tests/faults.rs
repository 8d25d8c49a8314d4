//! A store that fails at any call: it is a fault, and never a wrong passkey or a missing one.

use super::rig::{Rig, add, begin, phone};
use crate::testing::{FaultAt, Reply};

/// Repeats a request, with the first call failing, then the second, and so on, until no call is left.
async fn tried<F: Future<Output = Reply>>(rig: &Rig, at: FaultAt, ask: impl Fn() -> F) -> Vec<u16> {
    let mut statuses = Vec::new();
    for call in 1.. {
        rig.faults.fail_call(call, at);
        let status = ask().await.status.as_u16();
        let injected = rig.faults.injected();
        rig.faults.heal();
        if injected == 0 {
            assert!(status < 300, "{status} without a fault");
            return statuses;
        }
        statuses.push(status);
    }
    statuses
}

#[tokio::test]
async fn x8_a_store_that_fails_is_no_wrong_passkey() {
    for at in [FaultAt::Before, FaultAt::After] {
        let rig = Rig::new();
        let (ada, mut phone) = rig.ada().await;
        let begun = tried(&rig, at, || async { ada.post("/users/me/factors/passkeys", ()).await }).await;
        assert!(begun.len() >= 3 && begun.iter().all(|status| *status == 503), "{begun:?}");
        let listed = tried(&rig, at, || async { ada.get("/users/me/factors/passkeys").await }).await;
        assert!(listed.len() >= 2 && listed.iter().all(|status| *status == 503), "{listed:?}");

        let mut answers = Vec::new();
        for _ in 0..20 {
            answers.push(rig.answer(&mut phone).await);
        }
        let answers = std::sync::Mutex::new(answers);
        let next = || {
            let answer = answers.lock().unwrap().pop().unwrap();
            async { rig.browser().post("/auth/bearer/login/passkey", answer).await }
        };
        let logins = tried(&rig, at, next).await;
        // To find, to use up in three calls, to swap, to write the session. Old sessions are counted after that.
        assert!(logins[..6].iter().all(|status| *status == 503), "{logins:?}");
        assert!(logins[6..].iter().all(|status| [200, 503].contains(status)), "{logins:?}");
    }
}

#[tokio::test]
async fn x8_a_store_that_fails_adds_no_half_of_a_passkey() {
    for call in 1..30 {
        let rig = Rig::new();
        let (ada, mut phone) = (rig.user("ada@example.com").await, phone());
        let answer = begin(&ada, &mut phone).await;
        rig.faults.fail_call(call, FaultAt::Before);
        let reply = ada.post("/users/me/factors/passkeys/confirm", answer).await;
        let injected = rig.faults.injected();
        rig.faults.heal();
        if injected == 0 {
            reply.expect(200);
            assert!(call > 8, "{call} calls");
            return;
        }
        reply.expect(503);
        let list = ada.get("/users/me/factors/passkeys").await.expect(200).json;
        assert_eq!(list["passkeys"].as_array().map(Vec::len), Some(0), "call {call}");
        // It can be added by another answer.
        phone.clear();
        add(&ada, &mut phone).await.expect(200);
    }
    panic!("every call has failed");
}
