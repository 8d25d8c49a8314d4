//! The store fails at each call in turn: a fault is never a refusal, and what it leaves is whole.

use super::rig::{ADA, PASSWORD, World, address, cx};
use crate::{
    Fault, Limits, LoginError, MemoryStore,
    prelude::*,
    testing::{FaultAt, Faults, Faulty},
};

type Store = Faulty<MemoryStore>;

/// A world over a store with faults, in which Ada's address is verified or not.
async fn faulty(is_verified: bool) -> (World<Store>, Faults) {
    let faults = Faults::default();
    let store = Faulty::new(MemoryStore::new(), faults.clone());
    let world = World::with(store, MailLogin::new(), |engine| engine.limits(Limits::dangerous_none()).outbox());
    world.add(ADA, |new| new.verified(is_verified)).await;
    world.accounts.deliver_due().await.unwrap();
    (world, faults)
}

#[tokio::test]
async fn x8_no_fault_of_the_store_is_a_refusal_or_halves_a_login_by_mail() {
    for at in [FaultAt::Before, FaultAt::After] {
        for (is_verified, by_link) in [(true, true), (true, false), (false, true), (false, false)] {
            let mut steps = 0;
            loop {
                let (world, faults) = faulty(is_verified).await;
                let request = world.accounts.request_login(&address(ADA), &cx()).await.unwrap();
                world.accounts.deliver_due().await.unwrap();
                let (link, code) = (world.link(ADA).unwrap(), world.code(ADA).unwrap());
                let proof = if by_link { MailProof::link(link) } else { MailProof::code(request, code) };
                let before = faults.injected();
                faults.fail_call(steps + 1, at);
                let outcome = world.enter(&proof).await;
                let what = format!("{at:?} at call {} of {is_verified} {by_link}: {outcome:?}", steps + 1);
                let is_over = faults.injected() == before;
                faults.heal();
                match &outcome {
                    Ok(_) => {}
                    Err(LoginError::Fault(Fault::Store(_) | Fault::Busy)) if !is_over => {}
                    _ => panic!("{what}"),
                }
                // Whatever has failed, another mail logs in, and the stranger's password ends with the verification.
                world.accounts.request_login(&address(ADA), &cx()).await.unwrap();
                world.accounts.deliver_due().await.unwrap();
                assert!(world.enter(&MailProof::link(world.link(ADA).unwrap())).await.is_ok(), "{what}");
                let password = world.accounts.login(Credentials::new(ADA, PASSWORD), "bearer", &cx()).await;
                assert_eq!(password.is_ok(), is_verified, "{what}");
                if is_over {
                    break;
                }
                steps += 1;
            }
            assert!(steps > 3, "{steps} calls of the store");
        }
    }
}

#[tokio::test]
async fn x8_no_fault_of_the_store_is_an_answer_to_a_request() {
    for step in 1..=4 {
        let (world, faults) = faulty(true).await;
        faults.fail_call(step, FaultAt::Before);
        let asked = world.accounts.request_login(&address(ADA), &cx()).await;
        assert!(matches!(asked, Err(Fault::Store(_))), "call {step}: {asked:?}");
        faults.heal();
        world.accounts.deliver_due().await.unwrap();
        assert!(world.link(ADA).is_none(), "no mail without an answer");
    }
}
