//! The store fails at each call in turn: a fault is never a refusal, and what it leaves is whole.

use super::rig::{ADA, Member, World, address, cx};
use crate::{
    DeleteError, Fault, Limits, MemoryStore, RegisterError,
    invitations::{AcceptInvitationError, InvitationError},
    prelude::*,
    testing::{FaultAt, Faults, Faulty},
};

type Store = Faulty<MemoryStore<Member>>;

/// What is done while the store fails.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Invite,
    Resend,
    Accept,
    Withdraw,
}

/// Does it. An answer is whether it was done; a refusal beside a fault would be a lie about the account.
async fn outcome(world: &World<Store>, step: Step) -> Result<(), Fault> {
    let id = world.ada().await.map(|user| user.id);
    match step {
        Step::Invite => match world.accounts.invite(&world.admin, address(ADA), Member::default(), &cx()).await {
            Ok(_) => Ok(()),
            Err(RegisterError::Fault(fault)) => Err(fault),
            other => panic!("{other:?}"),
        },
        Step::Resend => match world.accounts.resend_invitation(&world.admin, &id.unwrap(), &cx()).await {
            Ok(()) => Ok(()),
            Err(InvitationError::Fault(fault)) => Err(fault),
            other => panic!("{other:?}"),
        },
        Step::Accept => match world.accept(&world.token()).await {
            Ok(_) => Ok(()),
            Err(AcceptInvitationError::Fault(fault)) => Err(fault),
            other => panic!("{other:?}"),
        },
        Step::Withdraw => match world.accounts.withdraw_invitation(&world.admin, &id.unwrap(), &cx()).await {
            Ok(()) => Ok(()),
            Err(DeleteError::Fault(fault)) => Err(fault),
            other => panic!("{other:?}"),
        },
    }
}

#[tokio::test]
async fn x8_no_fault_of_the_store_is_a_refusal_or_halves_an_invitation() {
    for step in [Step::Invite, Step::Resend, Step::Accept, Step::Withdraw] {
        for at in [FaultAt::Before, FaultAt::After] {
            let mut calls = 1;
            loop {
                let faults = Faults::default();
                let store = Faulty::new(MemoryStore::default(), faults.clone());
                let world = World::with(store, |engine| engine.limits(Limits::dangerous_none()).outbox());
                if step != Step::Invite {
                    world.invite().await;
                    world.accounts.deliver_due().await.unwrap();
                }
                // The look-up of the test itself is the first call.
                faults.fail_call(calls + 1, at);
                let done = outcome(&world, step).await;
                let is_over = faults.injected() == 0;
                faults.heal();
                let what = format!("{step:?}, {at:?} at call {calls}: {done:?}");
                assert!(done.is_ok() || !is_over, "{what}");
                // Whatever has failed, the account is either not there, or waits, or is accepted.
                match world.ada().await {
                    None => assert!(matches!(step, Step::Invite | Step::Withdraw), "{what}"),
                    Some(user) if user.is_verified => {
                        assert!(
                            step == Step::Accept && world.login(ADA).await && world.list().await.is_empty(),
                            "{what}"
                        );
                    }
                    Some(user) => {
                        assert_eq!(world.list().await.len(), 1, "{what}");
                        world.accounts.resend_invitation(&world.admin, &user.id, &cx()).await.unwrap();
                        world.wait(60);
                        world.accounts.deliver_due().await.unwrap();
                        world.accept(&world.token()).await.unwrap();
                    }
                }
                if is_over {
                    break;
                }
                calls += 1;
            }
            assert!(calls > 3, "{step:?}: {calls} calls of the store");
        }
    }
}
