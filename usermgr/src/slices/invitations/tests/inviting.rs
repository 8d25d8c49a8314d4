//! Inviting, listing, sending again and withdrawing.

use super::rig::{ADA, Member, TestStore, World, address, cx, over_both, unchanged};
use crate::{
    DeleteError, Fault, MemoryStore, RegisterError,
    audit::EventKind,
    error::RightLost,
    invitations::{AcceptInvitationError, InvitationError},
    prelude::*,
    store::ListQuery,
};

over_both! {
    an_invitation_makes_an_account_that_waits_and_sends_one_mail
    in2_a_new_mail_ends_the_earlier_token_and_begins_the_time_again
    in2_a_withdrawn_invitation_leaves_nothing
    the_pages_hold_every_invitation_once
}

async fn an_invitation_makes_an_account_that_waits_and_sends_one_mail<S: TestStore>(store: S) {
    let world = World::open(store);
    let profile = Member { nickname: Some("Countess".into()), plan: "gold".into() };
    let invited = world.accounts.invite(&world.admin, address(ADA), profile.clone(), &cx()).await.unwrap();
    let ada = world.ada().await.unwrap();
    assert_eq!((ada.is_active, ada.is_verified, ada.is_superuser), (true, false, false));
    assert_eq!((&ada.id, &ada.profile), (&invited.user.id, &profile));
    assert_eq!(world.heard(), [format!("registered {ADA}"), format!("on_after_invite {ADA}")]);
    assert_eq!((world.probe.count(EventKind::UserInvited), world.probe.count(EventKind::UserCreated)), (1, 0));
    assert_eq!(invited.invited_by.as_deref(), Some("system:test"));
    assert_eq!(invited.expires_at, invited.sent_at + jiff::SignedDuration::from_hours(7 * 24));
    assert!(!invited.is_expired);

    let again = world.accounts.invite(&world.admin, address("ADA@example.com"), Member::default(), &cx()).await;
    assert!(matches!(again, Err(RegisterError::AlreadyExists)), "{again:?}");
    world.add("bob@example.com", |new| new).await;
    let known = world.accounts.invite(&world.admin, address("bob@example.com"), Member::default(), &cx()).await;
    assert!(matches!(known, Err(RegisterError::AlreadyExists)), "{known:?}");
    assert_eq!(world.list().await.len(), 1);
}

async fn in2_a_new_mail_ends_the_earlier_token_and_begins_the_time_again<S: TestStore>(store: S) {
    let world = World::open(store);
    let invited = world.invite().await;
    let first = world.token();
    world.wait(8 * 86_400);
    assert!(world.list().await[0].is_expired, "it is still listed");
    world.accounts.resend_invitation(&world.admin, &invited.user.id, &cx()).await.unwrap();
    let second = world.token();
    let listed = &world.list().await[0];
    assert_eq!(
        (listed.is_expired, listed.invited_at, &listed.invited_by),
        (false, invited.invited_at, &invited.invited_by)
    );
    assert!(listed.sent_at > invited.sent_at && listed.expires_at > invited.expires_at);
    assert!(matches!(world.accept(&first).await, Err(AcceptInvitationError::InvalidToken)));
    world.accept(&second).await.unwrap();
    assert_eq!(world.probe.count(EventKind::UserInvited), 2);

    let gone = world.accounts.resend_invitation(&world.admin, &invited.user.id, &cx()).await;
    assert!(matches!(gone, Err(InvitationError::NotFound)), "{gone:?}");
    let unknown = world.accounts.resend_invitation(&world.admin, &uuid::Uuid::now_v7(), &cx()).await;
    assert!(matches!(unknown, Err(InvitationError::NotFound)), "{unknown:?}");
}

/// A token that is not expired, but not the last one either.
#[tokio::test]
async fn in2_of_two_mails_within_their_time_the_later_one_is_good() {
    let world = World::open(MemoryStore::default());
    let invited = world.invite().await;
    let first = world.token();
    world.accounts.resend_invitation(&world.admin, &invited.user.id, &cx()).await.unwrap();
    assert!(matches!(world.accept(&first).await, Err(AcceptInvitationError::InvalidToken)));
    world.accept(&world.token()).await.unwrap();
}

async fn in2_a_withdrawn_invitation_leaves_nothing<S: TestStore>(store: S) {
    let world = World::open(store);
    let id = world.invite().await.user.id;
    let token = world.token();
    world.heard();
    world.accounts.withdraw_invitation(&world.admin, &id, &cx()).await.unwrap();
    assert_eq!(world.heard(), [format!("deleted {ADA}")]);
    assert!(world.ada().await.is_none() && world.list().await.is_empty());
    assert!(matches!(world.accept(&token).await, Err(AcceptInvitationError::InvalidToken)));
    assert_eq!(world.probe.count(EventKind::InvitationWithdrawn), 1);
    let again = world.accounts.withdraw_invitation(&world.admin, &id, &cx()).await;
    assert!(matches!(again, Err(DeleteError::NotFound)), "{again:?}");
    // The address is free again, and the old token is of the old account.
    world.invite().await;
    assert!(matches!(world.accept(&token).await, Err(AcceptInvitationError::InvalidToken)));
    world.accept(&world.token()).await.unwrap();
}

#[tokio::test]
async fn in2_an_account_in_use_is_not_withdrawn() {
    let world = World::open(MemoryStore::default());
    let id = world.invite().await.user.id;
    world.accept(&world.token()).await.unwrap();
    let accepted = world.accounts.withdraw_invitation(&world.admin, &id, &cx()).await;
    assert!(matches!(accepted, Err(DeleteError::NotFound)), "{accepted:?}");
    // One that has a password by another way, or whose owner has verified the address.
    for way in ["password", "verified"] {
        let world = World::open(MemoryStore::default());
        let id = world.invite().await.user.id;
        let update = match way {
            "password" => crate::user::AdminUpdate::with_profile(unchanged()).password("a better horse battery"),
            _ => crate::user::AdminUpdate::with_profile(unchanged()).verified(true),
        };
        world.accounts.update_user(&world.admin, &id, update, &cx()).await.unwrap();
        let in_use = world.accounts.withdraw_invitation(&world.admin, &id, &cx()).await;
        assert!(matches!(in_use, Err(DeleteError::NotFound)), "{way}: {in_use:?}");
        let in_use = world.accounts.resend_invitation(&world.admin, &id, &cx()).await;
        assert!(matches!(in_use, Err(InvitationError::NotFound)), "{way}: {in_use:?}");
        assert!(world.ada().await.is_some() && world.list().await.is_empty(), "{way}");
        // The link in the mail still works for the owner of a verified address, and not against a password.
        assert_eq!(world.accept(&world.token()).await.is_ok(), way == "verified");
    }
}

async fn the_pages_hold_every_invitation_once<S: TestStore>(store: S) {
    let world = World::open(store);
    for number in 0..5 {
        let email = address(&format!("user{number}@example.com"));
        world.accounts.invite(&world.admin, email, Member::default(), &cx()).await.unwrap();
        world.wait(1);
    }
    let (mut seen, mut query) = (Vec::new(), ListQuery::default().limit(2));
    loop {
        let page = world.accounts.invitations(&world.admin, query).await.unwrap();
        seen.extend(page.invitations.into_iter().map(|invitation| invitation.user.email.to_string()));
        let Some(cursor) = page.next_cursor else { break };
        query = ListQuery::default().limit(2).after(cursor);
    }
    assert_eq!(seen, [0, 1, 2, 3, 4].map(|number| format!("user{number}@example.com")));
}

#[tokio::test]
async fn in4_an_inviter_is_recorded_and_their_session_must_be_valid_when_the_account_is_written() {
    let world = World::open(MemoryStore::default());
    let leader = world.add("leader@example.com", |new| new).await;
    let login =
        world.accounts.login(Credentials::new("leader@example.com", super::rig::PASSWORD), "bearer", &cx()).await;
    let token = login.unwrap().token;
    let principal = world.accounts.identify("bearer", token.expose()).await.unwrap().unwrap();
    // The context may say anything: the principal is judged.
    let elsewhere = Context::system("somewhere");
    let invited = world.accounts.invite_by(&principal, address(ADA), Member::default(), &elsewhere).await.unwrap();
    let by = Some(format!("user:{}", leader.id));
    assert_eq!(invited.invited_by, by);
    let event = world.probe.events().into_iter().find(|event| event.kind == EventKind::UserInvited).unwrap();
    assert_eq!((event.actor, event.user), (by, Some(invited.user.id.to_string())));

    world.accounts.revoke_all(&leader, &cx()).await.unwrap();
    let late = world.accounts.invite_by(&principal, address("eve@example.com"), Member::default(), &cx()).await;
    assert!(matches!(late, Err(RegisterError::Fault(Fault::RightLost(RightLost::Session)))), "{late:?}");
    assert!(world.accounts.get_by_email(&address("eve@example.com")).await.unwrap().is_none());
}

#[tokio::test]
async fn in4_a_superuser_who_was_demoted_invites_nobody() {
    let world = World::open(MemoryStore::default());
    for email in ["root@example.com", "other@example.com"] {
        world.add(email, |new| new.superuser(true)).await;
    }
    let login = world.accounts.login(Credentials::new("root@example.com", super::rig::PASSWORD), "bearer", &cx()).await;
    let login = login.unwrap();
    let principal = world.accounts.identify("bearer", login.token.expose()).await.unwrap().unwrap();
    let admin = Admin::from_principal(&principal).unwrap();
    let invited = world.accounts.invite(&admin, address(ADA), Member::default(), &cx()).await.unwrap();
    world.accounts.set_superuser(&world.admin, &login.user.id, false, &cx()).await.unwrap();
    let lost = |fault: &Fault| matches!(fault, Fault::RightLost(RightLost::Role));
    let late = world.accounts.invite(&admin, address("eve@example.com"), Member::default(), &cx()).await;
    assert!(matches!(&late, Err(RegisterError::Fault(fault)) if lost(fault)), "{late:?}");
    let late = world.accounts.resend_invitation(&admin, &invited.user.id, &cx()).await;
    assert!(matches!(&late, Err(InvitationError::Fault(fault)) if lost(fault)), "{late:?}");
    let late = world.accounts.withdraw_invitation(&admin, &invited.user.id, &cx()).await;
    assert!(matches!(&late, Err(DeleteError::Fault(fault)) if lost(fault)), "{late:?}");
    assert_eq!(world.list().await.len(), 1);
}

/// Only the application itself may send without a limit.
#[tokio::test]
async fn in4_mails_to_an_address_are_limited() {
    let world = World::with(MemoryStore::default(), |engine| engine);
    let root = world.add("root@example.com", |new| new.superuser(true)).await;
    let login = world.accounts.login(Credentials::new("root@example.com", super::rig::PASSWORD), "bearer", &cx()).await;
    let principal = world.accounts.identify("bearer", login.unwrap().token.expose()).await.unwrap().unwrap();
    let admin = Admin::from_principal(&principal).unwrap();
    let invited = world.accounts.invite(&admin, address(ADA), Member::default(), &cx()).await.unwrap();
    let mut refused = false;
    for _ in 0..20 {
        let outcome = world.accounts.resend_invitation(&admin, &invited.user.id, &cx()).await;
        refused |= matches!(outcome, Err(InvitationError::Fault(Fault::Limited { .. })));
    }
    assert!(refused, "{}", root.email);
    world.accounts.resend_invitation(&world.admin, &invited.user.id, &cx()).await.unwrap();
}

#[tokio::test]
async fn the_part_is_checked() {
    struct Silent {
        engine: Engine<MemoryStore>,
    }
    #[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
    impl Silent {}
    let engine = Engine::builder(MemoryStore::default()).backend(Backend::bearer("bearer", Database::new()));
    let silent = Silent { engine: engine.with(Invitations::new()).build().unwrap() };
    assert!(silent.check().unwrap_err().to_string().contains("`Invitations` mails nothing"));
    for (seconds, is_good) in [(0, false), (1, true), (30 * 86_400, true), (30 * 86_400 + 1, false)] {
        let part = Invitations::new().lifetime(std::time::Duration::from_secs(seconds));
        let built = Engine::<MemoryStore>::new(MemoryStore::new()).with(part);
        assert_eq!(built.is_ok(), is_good, "{seconds}");
    }
    let without = Silent { engine: Engine::new(MemoryStore::default()) };
    let outcome = without.invite(&Admin::system("test"), address(ADA), NoProfile, &cx()).await;
    assert!(matches!(outcome, Err(RegisterError::Fault(Fault::Config(_)))), "{outcome:?}");
}
