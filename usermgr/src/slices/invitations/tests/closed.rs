//! A closed registration.

use super::rig::{ADA, Member, MemberRegister, PASSWORD, World, cx};
use crate::{
    MemoryStore, RegisterError,
    engine::Answers,
    prelude::*,
    testing::{Calls, Client, Counted},
};

fn register() -> Register<Member> {
    Register::with_profile(ADA, PASSWORD, MemberRegister { nickname: None })
}

#[tokio::test]
async fn in5_nobody_registers_and_superusers_still_create_and_invite() {
    for answers in [Answers::Explicit, Answers::Discreet] {
        let calls = Calls::default();
        let store = Counted::new(MemoryStore::default(), calls.clone());
        let world =
            World::with(store, |engine| engine.closed_registration(true).answers(answers).require_verified(true));
        world.add("bob@example.com", |new| new).await;
        calls.take();
        let (explicit, discreet) = (
            world.accounts.register(register(), &cx()).await,
            world.accounts.register_discreetly(register(), &cx()).await,
        );
        assert!(matches!(explicit, Err(RegisterError::Closed)), "{explicit:?}");
        assert!(matches!(discreet, Err(RegisterError::Closed)), "{discreet:?}");
        let client = Client::new(crate::axum::router(world.accounts.clone()).unwrap());
        // A taken address gets the same answer as a free one, and the store is not asked.
        for email in [ADA, "bob@example.com"] {
            let refused = client.register(email, PASSWORD).await.expect(403);
            assert_eq!(refused.json["detail"], "REGISTER_CLOSED");
        }
        assert_eq!(calls.all(), Vec::<&str>::new());
        world.invite().await;
        world.accept(&world.token()).await.unwrap();
        assert!(world.login(ADA).await);
    }
}

#[test]
fn a_registration_is_open_unless_it_is_closed() {
    let engine: Engine<MemoryStore> = Engine::new(MemoryStore::default());
    assert!(!engine.has_closed_registration());
}
