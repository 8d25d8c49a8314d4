//! What others cannot do with an invitation, or with an account that waits for its owner.

use super::rig::{ADA, Member, MemberRegister, PASSWORD, TestStore, World, address, cx, over_both, unchanged};
use crate::{
    MemoryStore, RegisterError, TokenState,
    audit::EventKind,
    invitations::AcceptInvitationError,
    limits::{Limit, Limits},
    prelude::*,
    session::Method,
    store::{CredentialKind, NewCredential},
    user::AdminUpdate,
};

over_both! {
    in3_nothing_that_was_in_the_account_stays_in_it
    in2_a_token_is_good_for_one_address_and_one_account
    in3_a_login_by_mail_ends_the_invitation_of_a_verified_account
}

/// A stranger who has somehow got into the account before: a session, and a way to log in.
async fn in3_nothing_that_was_in_the_account_stays_in_it<S: TestStore>(store: S) {
    let world = World::open(store);
    let id = world.invite().await.user.id;
    let (accounts, token) = (&world.accounts, world.token());
    // The address is taken for a registration, and there is no password to guess.
    let squatting = Register::<Member>::with_profile(ADA, PASSWORD, MemberRegister { nickname: None });
    let taken = accounts.register(squatting, &cx()).await;
    assert!(matches!(taken, Err(RegisterError::AlreadyExists)), "{taken:?}");
    assert!(!world.login(ADA).await);

    let ada = world.ada().await.unwrap();
    let session = accounts.sign_in(&ada, Method::new("test:door").into(), "bearer", &cx()).await.unwrap();
    let mut tx = accounts.engine.store().begin().await.unwrap();
    let key = NewCredential::new(id, CredentialKind::new("test:key"), "{}", accounts.engine.now());
    accounts.engine.store().insert_credential(&mut tx, &key).await.unwrap();
    accounts.engine.store().commit(tx).await.unwrap();
    assert!(accounts.identify("bearer", session.token.expose()).await.unwrap().is_some());

    world.accept(&token).await.unwrap();
    assert!(accounts.identify("bearer", session.token.expose()).await.unwrap().is_none(), "the stranger's session");
    let rows = accounts.engine.store().credentials(&id, accounts.engine.now()).await.unwrap();
    assert_eq!(rows, [], "the stranger's key, and the invitation");
    assert!(accounts.sessions(&ada, &cx()).await.unwrap().is_empty());
}

async fn in2_a_token_is_good_for_one_address_and_one_account<S: TestStore>(store: S) {
    let world = World::open(store);
    let id = world.invite().await.user.id;
    let token = world.token();
    let bob = world.accounts.invite(&world.admin, address("bob@example.com"), Member::default(), &cx()).await.unwrap();
    let update = AdminUpdate::with_profile(unchanged()).email("countess@example.com");
    world.accounts.update_user(&world.admin, &id, update, &cx()).await.unwrap();
    assert!(matches!(world.accept(&token).await, Err(AcceptInvitationError::InvalidToken)));
    assert_eq!(world.accounts.inspect(&token, &cx()).await.unwrap(), TokenState::Spent);
    // The new address gets a mail of its own.
    world.accounts.resend_invitation(&world.admin, &id, &cx()).await.unwrap();
    let user = world.accept(&world.token_of("countess@example.com")).await.unwrap();
    assert_eq!(user.email.as_str(), "countess@example.com");
    assert!(!world.accounts.get(&bob.user.id).await.unwrap().unwrap().is_verified);
}

#[tokio::test]
async fn in2_a_deactivated_account_accepts_nothing_and_gets_no_mail() {
    let world = World::open(MemoryStore::default());
    let id = world.invite().await.user.id;
    let token = world.token();
    world.accounts.set_active(&world.admin, &id, false, &cx()).await.unwrap();
    assert!(matches!(world.accept(&token).await, Err(AcceptInvitationError::InvalidToken)));
    let inactive = world.accounts.resend_invitation(&world.admin, &id, &cx()).await;
    assert!(matches!(inactive, Err(crate::invitations::InvitationError::Inactive)), "{inactive:?}");
    world.accounts.set_active(&world.admin, &id, true, &cx()).await.unwrap();
    assert!(matches!(world.accept(&token).await, Err(AcceptInvitationError::InvalidToken)), "its stamp is another one");
}

/// Tokens of other purposes, for the same account and address.
#[tokio::test]
async fn t6_no_other_token_accepts_an_invitation_and_an_invitation_opens_nothing_else() {
    let world = World::open(MemoryStore::default());
    world.invite().await;
    let ada = world.ada().await.unwrap();
    world.accounts.request_verify(&ada, &cx()).await.unwrap();
    world.accounts.forgot_password(&ada, &cx()).await.unwrap();
    let invitation = world.token();
    let verify = world.probe.token::<crate::token::Verify>(ADA).unwrap();
    let reset = world.probe.token::<crate::token::Reset>(ADA).unwrap();
    for other in [verify.expose(), reset.expose(), "", "garbage", "a.b.c"] {
        assert!(matches!(world.accept(&other.into()).await, Err(AcceptInvitationError::InvalidToken)), "{other}");
    }
    let text = invitation.expose();
    assert!(world.accounts.verify(&text.into(), &cx()).await.is_err());
    assert!(world.accounts.reset_password(&text.into(), PASSWORD.into(), &cx()).await.is_err());
    assert!(world.accounts.confirm_email_change(&text.into(), &cx()).await.is_err());
    assert!(world.accounts.identify("bearer", text).await.unwrap().is_none());
    world.accept(&invitation).await.unwrap();
}

#[tokio::test]
async fn l9_wrong_tokens_count_against_their_network() {
    let limits = Limits::default().wrong_secrets_per_network(Limit::new(3));
    let world = World::with(MemoryStore::default(), |engine| engine.limits(limits));
    world.invite().await;
    let from = |last| Context::default().ip([192, 0, 2, last].into());
    for _ in 0..3 {
        let outcome = world.accounts.accept_invitation(&"garbage".into(), PASSWORD.into(), unchanged(), &from(1)).await;
        assert!(matches!(outcome, Err(AcceptInvitationError::InvalidToken)), "{outcome:?}");
    }
    let token = world.token();
    let limited = world.accounts.accept_invitation(&token, PASSWORD.into(), unchanged(), &from(1)).await;
    assert!(matches!(limited, Err(AcceptInvitationError::Fault(crate::Fault::Limited { .. }))), "{limited:?}");
    world.accounts.accept_invitation(&token, PASSWORD.into(), unchanged(), &from(2)).await.unwrap();
}

/// Every other proof of the address ends the invitation too, and gives the account to the owner of the address.
#[tokio::test]
async fn in3_a_reset_at_the_invited_address_ends_the_invitation() {
    let world = World::open(MemoryStore::default());
    let id = world.invite().await.user.id;
    let token = world.token();
    world.accounts.forgot_password(&world.ada().await.unwrap(), &cx()).await.unwrap();
    let reset = world.probe.token::<crate::token::Reset>(ADA).unwrap();
    world.accounts.reset_password(&reset, PASSWORD.into(), &cx()).await.unwrap();
    assert!(world.login(ADA).await && world.list().await.is_empty());
    assert!(matches!(world.accept(&token).await, Err(AcceptInvitationError::InvalidToken)));
    assert!(world.accounts.withdraw_invitation(&world.admin, &id, &cx()).await.is_err());
    assert_eq!(world.probe.count(EventKind::InvitationAccepted), 0);
}

/// An account that was verified first is in use once its owner logs in by mail. The mail of the invitation may be old, and
/// others may have read it.
async fn in3_a_login_by_mail_ends_the_invitation_of_a_verified_account<S: TestStore>(store: S) {
    let world = World::with(store, |engine| engine.limits(Limits::dangerous_none()).with(MailLogin::new()));
    let id = world.invite().await.user.id;
    let (accounts, token) = (&world.accounts, world.token());
    accounts.request_verify(&world.ada().await.unwrap(), &cx()).await.unwrap();
    accounts.verify(&world.probe.token::<crate::token::Verify>(ADA).unwrap(), &cx()).await.unwrap();
    assert!(matches!(accounts.inspect(&token, &cx()).await.unwrap(), TokenState::Good { .. }), "it still waits");

    let request = accounts.request_login(&address(ADA), &cx()).await.unwrap();
    accounts.engine.settle().await;
    let proof = MailProof::code(request, world.probe.token::<crate::token::MailCode>(ADA).unwrap());
    let login = accounts.login_by_mail(&proof, "bearer", &cx()).await.unwrap();
    assert!(matches!(world.accept(&token).await, Err(AcceptInvitationError::InvalidToken)));
    assert_eq!(accounts.engine.store().credentials(&id, accounts.engine.now()).await.unwrap(), []);
    assert!(accounts.identify("bearer", login.token.expose()).await.unwrap().is_some());
}
