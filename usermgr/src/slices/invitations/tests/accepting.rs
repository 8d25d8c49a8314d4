//! Accepting by choosing a password.

use std::sync::Arc;

use super::rig::{ADA, Member, PASSWORD, RIVALS, TestStore, World, cx, nickname, over_both, unchanged};
use crate::{MemoryStore, TokenState, audit::EventKind, invitations::AcceptInvitationError, prelude::*};

over_both! {
    in1_an_invited_user_chooses_a_password_once
    in1_of_many_who_accept_one_gets_the_account
    in1_of_an_acceptance_and_a_withdrawal_one_wins
    in2_an_invitation_works_until_its_last_second
    in6_the_outbox_sends_what_is_still_good_and_holds_no_token
}

async fn in1_an_invited_user_chooses_a_password_once<S: TestStore>(store: S) {
    let world = World::open(store);
    world.invite().await;
    assert!(!world.login(ADA).await);
    let token = world.token();
    world.heard();
    let user = world.accounts.accept_invitation(&token, PASSWORD.into(), nickname("Countess"), &cx()).await.unwrap();
    assert!(user.is_verified && user.profile == Member { nickname: Some("Countess".into()), ..Member::default() });
    assert_eq!(world.heard(), [format!("accepted {ADA}"), format!("on_after_accept_invitation {ADA}")]);
    let event = world.probe.events().into_iter().find(|event| event.kind == EventKind::InvitationAccepted).unwrap();
    assert_eq!(event.detail.as_deref(), Some("password"));
    assert!(world.login(ADA).await && world.list().await.is_empty());
    assert!(matches!(world.accept(&token).await, Err(AcceptInvitationError::InvalidToken)));
    assert_eq!(world.probe.count(EventKind::InvitationFailed), 1);
}

/// Lets tasks accept at the same time, each with its own password.
async fn in1_of_many_who_accept_one_gets_the_account<S: TestStore>(store: S) {
    let world = World::open(store);
    world.invite().await;
    let token = world.token();
    let barrier = Arc::new(tokio::sync::Barrier::new(RIVALS));
    let rivals: Vec<_> = (0..RIVALS)
        .map(|at| {
            let (accounts, token, barrier) = (world.accounts.clone(), token.clone(), barrier.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                let password = format!("{PASSWORD} number {at}").into();
                match accounts.accept_invitation(&token, password, unchanged(), &cx()).await {
                    Ok(_) => true,
                    Err(AcceptInvitationError::InvalidToken) => false,
                    Err(error) => panic!("a race is never lost because something broke: {error:?}"),
                }
            })
        })
        .collect();
    let mut winners = Vec::new();
    for (at, rival) in rivals.into_iter().enumerate() {
        winners.extend(rival.await.unwrap().then_some(at));
    }
    let [winner] = winners[..] else { panic!("{winners:?}") };
    let credentials = Credentials::new(ADA, format!("{PASSWORD} number {winner}"));
    assert!(world.accounts.login(credentials, "bearer", &cx()).await.is_ok());
    assert_eq!(world.probe.count(EventKind::InvitationAccepted), 1);
}

async fn in1_of_an_acceptance_and_a_withdrawal_one_wins<S: TestStore>(store: S) {
    let world = Arc::new(World::open(store));
    for _ in 0..16 {
        let id = world.invite().await.user.id;
        let token = world.token();
        let accepting = tokio::spawn({
            let world = world.clone();
            async move { world.accept(&token).await.is_ok() }
        });
        let withdrawn = world.accounts.withdraw_invitation(&world.admin, &id, &cx()).await.is_ok();
        let accepted = accepting.await.unwrap();
        assert!(accepted != withdrawn, "accepted {accepted}, withdrawn {withdrawn}");
        assert_eq!(world.ada().await.is_some(), accepted);
        if accepted {
            world.accounts.delete_user(&world.admin, &id, &cx()).await.unwrap();
        }
    }
}

async fn in2_an_invitation_works_until_its_last_second<S: TestStore>(store: S) {
    let world = World::open(store);
    let invited = world.invite().await;
    let token = world.token();
    assert_eq!(token.expires_at(), Some(invited.expires_at));
    world.wait(7 * 86_400 - 1);
    let state = world.accounts.inspect(&token, &cx()).await.unwrap();
    assert!(matches!(state, TokenState::Good { expires_at, .. } if expires_at == invited.expires_at), "{state:?}");
    assert!(!world.list().await[0].is_expired);
    world.wait(1);
    assert_eq!(world.accounts.inspect(&token, &cx()).await.unwrap(), TokenState::Expired);
    assert!(world.list().await[0].is_expired);
    assert!(matches!(world.accept(&token).await, Err(AcceptInvitationError::InvalidToken)));

    world.accounts.resend_invitation(&world.admin, &invited.user.id, &cx()).await.unwrap();
    world.wait(7 * 86_400 - 1);
    world.accept(&world.token()).await.unwrap();
}

#[tokio::test]
async fn the_lifetime_is_set_by_the_part() {
    let world = World::with(MemoryStore::default(), |engine| engine);
    assert_eq!(world.invite().await.expires_at, world.token().expires_at().unwrap());
    let clock = world.clock.clone();
    let engine = Engine::builder(MemoryStore::<Member>::default())
        .backend(Backend::bearer("bearer", Database::new()))
        .clock(clock)
        .with(Invitations::new().lifetime(std::time::Duration::from_secs(60)));
    let probe = crate::testing::Probe::default();
    let accounts = super::rig::Accounts {
        engine: engine.build().unwrap(),
        probe: probe.clone(),
        heard: std::sync::Mutex::default(),
    };
    let email = super::rig::address(ADA);
    let invited = accounts.invite(&Admin::system("test"), email, Member::default(), &cx()).await.unwrap();
    assert_eq!(invited.expires_at, invited.sent_at + jiff::SignedDuration::from_secs(60));
}

/// The password and the profile are judged before the token is used up.
#[tokio::test]
async fn in1_a_refused_password_or_profile_leaves_the_invitation_as_it_was() {
    let world = World::open(MemoryStore::default());
    world.invite().await;
    let token = world.token();
    let weak = world.accounts.accept_invitation(&token, "short".into(), unchanged(), &cx()).await;
    assert!(matches!(weak, Err(AcceptInvitationError::InvalidPassword(_))), "{weak:?}");
    let like_address = world.accounts.accept_invitation(&token, "ada@example.com.".into(), unchanged(), &cx()).await;
    assert!(matches!(like_address, Err(AcceptInvitationError::InvalidPassword(_))), "{like_address:?}");
    let refused = world.accounts.accept_invitation(&token, PASSWORD.into(), nickname("root"), &cx()).await;
    assert!(matches!(refused, Err(AcceptInvitationError::Rejected(_))), "{refused:?}");
    assert!(!world.ada().await.unwrap().is_verified);
    world.accept(&token).await.unwrap();
}

/// With an outbox, the row is written with the account, and the token is made at delivery.
async fn in6_the_outbox_sends_what_is_still_good_and_holds_no_token<S: TestStore>(store: S) {
    let world = World::with(store, |engine| engine.limits(crate::Limits::dangerous_none()).outbox());
    let invited = world.invite().await;
    assert!(world.probe.token::<crate::token::Invitation>(ADA).is_none(), "it is not sent yet");
    assert_eq!(world.probe.count(EventKind::UserInvited), 1);
    assert_eq!(world.accounts.deliver_due().await.unwrap(), 1);
    let token = world.token();
    assert_eq!(world.probe.count(EventKind::UserInvited), 1);

    // What the rows say opens nothing.
    let store = world.accounts.engine.store();
    world.accounts.resend_invitation(&world.admin, &invited.user.id, &cx()).await.unwrap();
    let now = world.accounts.engine.now();
    let rows = store.claim(9, now, now + jiff::SignedDuration::from_secs(1)).await.unwrap();
    let held: String = rows.iter().map(|row| row.payload.clone()).collect();
    let credential = &store.credentials(&invited.user.id, now).await.unwrap()[0];
    for secret in [&token, &world.token()] {
        let signature = secret.expose().rsplit('.').next().unwrap();
        assert!(!held.contains(signature) && !credential.data.contains(signature));
    }
    world.wait(60);
    world.accounts.deliver_due().await.unwrap();
    assert!(
        matches!(world.accept(&token).await, Err(AcceptInvitationError::InvalidToken)),
        "the second mail replaces it"
    );

    // A mail that comes too late is not sent.
    let other = super::rig::address("bob@example.com");
    let bob = world.accounts.invite(&world.admin, other, Member::default(), &cx()).await.unwrap();
    world.accounts.withdraw_invitation(&world.admin, &bob.user.id, &cx()).await.unwrap();
    world.accounts.deliver_due().await.unwrap();
    assert!(world.probe.token::<crate::token::Invitation>("bob@example.com").is_none());
    world.accept(&world.token()).await.unwrap();
    world.accounts.deliver_due().await.unwrap();
    assert_eq!(world.heard().last(), Some(&format!("on_after_accept_invitation {ADA}")));
}
