//! Links: used once, for a time, and bound to the stamp and the address.

use super::rig::{ADA, PASSWORD, TestStore, World, cx, over_both};
use crate::{
    LoginError, MemoryStore, TokenState, UpdateMe,
    amr::Method,
    audit::EventKind,
    prelude::*,
    testing::claims_of,
    token::{MagicLink, Reset, Verify},
};

over_both! {
    ml1_a_link_logs_in_once
    ml1_of_many_who_use_a_link_one_gets_in
    ml1_a_link_ends_with_a_new_stamp_a_new_address_and_a_deactivation
}

async fn ml1_a_link_logs_in_once<S: TestStore>(store: S) {
    let world = World::open(store).await;
    let proof = world.link_proof().await;
    let login = world.enter(&proof).await.unwrap();
    assert_eq!((login.user.email.as_str(), login.login.session.amr.clone()), (ADA, Method::MAIL.into()));
    let known = world.accounts.identify("bearer", login.token.expose()).await.unwrap();
    assert_eq!(known.unwrap().user().id, login.user.id);
    for _ in 0..2 {
        assert!(matches!(world.enter(&proof).await, Err(LoginError::BadToken)));
    }
    // A mail works once: the code of the same mail is used up too, and the other way round.
    let (request, link, code) = (world.ask(ADA).await, world.link(ADA).unwrap(), world.code(ADA).unwrap());
    let [by_link, by_code] = [MailProof::link(link), MailProof::code(request, code)];
    assert!(world.enter(&by_link).await.is_ok());
    assert!(matches!(world.enter(&by_code).await, Err(LoginError::BadCode)));
    let (request, link, code) = (world.ask(ADA).await, world.link(ADA).unwrap(), world.code(ADA).unwrap());
    assert!(world.enter(&MailProof::code(request, code)).await.is_ok());
    assert!(matches!(world.enter(&MailProof::link(link)).await, Err(LoginError::BadToken)));
    // Another request makes another link, and its own one.
    assert!(world.enter(&world.link_proof().await).await.is_ok());
    assert_eq!((world.probe.count(EventKind::LoggedIn), world.probe.count(EventKind::LoginFailed)), (4, 3));
    assert_eq!(world.probe.count(EventKind::LoginRequested), 4);
}

async fn ml1_of_many_who_use_a_link_one_gets_in<S: TestStore>(store: S) {
    let world = World::open(store).await;
    assert_eq!(world.race(&world.link_proof().await).await, 1);
    assert_eq!(world.probe.count(EventKind::LoggedIn), 1);
}

async fn ml1_a_link_ends_with_a_new_stamp_a_new_address_and_a_deactivation<S: TestStore>(store: S) {
    let world = &World::open(store).await;
    let (admin, accounts) = (Admin::system("test"), &world.accounts);
    let ada = || async { accounts.get_by_email(&EmailAddress::for_lookup(ADA)).await.unwrap().unwrap() };
    let refused = |proof: MailProof| async move { matches!(world.enter(&proof).await, Err(LoginError::BadToken)) };

    let proof = world.link_proof().await;
    accounts.revoke_all(&ada().await, &cx()).await.unwrap();
    assert!(refused(proof).await, "all sessions were ended");

    let proof = world.link_proof().await;
    accounts.forgot_password(&ada().await, &cx()).await.unwrap();
    let token = world.probe.token::<Reset>(ADA).unwrap();
    accounts.reset_password(&token, "another horse battery".into(), &cx()).await.unwrap();
    assert!(refused(proof).await, "the password was reset");

    let proof = world.link_proof().await;
    accounts.set_active(&admin, &ada().await.id, false, &cx()).await.unwrap();
    assert!(refused(proof.clone()).await, "inactive");
    accounts.set_active(&admin, &ada().await.id, true, &cx()).await.unwrap();
    assert!(refused(proof).await, "active again, with a new stamp");

    let proof = world.link_proof().await;
    let moved = UpdateMe::default().email("new@example.com");
    let user = accounts.update(&ada().await, moved, &Context::system("test")).await.unwrap();
    assert_eq!(user.email.as_str(), "new@example.com");
    assert!(refused(proof).await, "another address");
}

#[tokio::test]
async fn ml1_a_link_lives_for_fifteen_minutes() {
    for (seconds, is_good) in [(899, true), (900, false), (901, false)] {
        let world = World::open(MemoryStore::new()).await;
        let proof = world.link_proof().await;
        world.wait(seconds);
        assert_eq!(world.enter(&proof).await.is_ok(), is_good, "after {seconds} s");
    }
}

#[tokio::test]
async fn ml1_a_link_has_128_random_bits_and_no_other_token_is_one() {
    let world = World::open(MemoryStore::new()).await;
    let mut ids = std::collections::HashSet::new();
    for _ in 0..8 {
        world.ask(ADA).await;
        let claims = claims_of(world.link(ADA).unwrap().expose()).unwrap();
        let id = claims["jti"].as_str().unwrap().to_owned();
        assert_eq!((id.len(), claims["aud"].as_str()), (22, Some("usermgr:mail_login")));
        assert!(ids.insert(id));
    }
    let ada = world.accounts.get_by_email(&EmailAddress::for_lookup(ADA)).await.unwrap().unwrap();
    world.accounts.forgot_password(&ada, &cx()).await.unwrap();
    let reset = world.probe.token::<Reset>(ADA).unwrap();
    let link = world.link(ADA).unwrap();
    for other in [reset.expose(), "", "a.b.c"] {
        assert!(matches!(world.enter(&MailProof::link(other)).await, Err(LoginError::BadToken)), "{other}");
    }
    // And it is no token of another purpose.
    let text = link.expose();
    assert!(world.accounts.reset_password(&text.into(), PASSWORD.into(), &cx()).await.is_err());
    assert!(world.accounts.verify(&crate::token::Token::<Verify>::from(text), &cx()).await.is_err());
    assert!(world.accounts.identify("bearer", text).await.unwrap().is_none());
    assert!(world.enter(&MailProof::link(text)).await.is_ok(), "it is good still");
}

#[tokio::test]
async fn ml1_looking_at_a_link_names_its_state_and_changes_nothing() {
    let world = World::open(MemoryStore::new()).await;
    world.ask(ADA).await;
    let link = world.link(ADA).unwrap();
    let until = world.accounts.engine.now() + std::time::Duration::from_secs(900);
    let state = |link: MagicLinkToken| {
        let accounts = world.accounts.clone();
        async move { accounts.inspect::<MagicLink>(&link, &cx()).await.unwrap() }
    };
    let good = TokenState::Good { email: EmailAddress::for_lookup(ADA), expires_at: until };
    for _ in 0..3 {
        assert_eq!(state(link.clone()).await, good);
    }
    assert_eq!(state("a.b.c".into()).await, TokenState::Invalid);
    world.wait(900);
    assert_eq!(state(link).await, TokenState::Expired);

    let proof = world.link_proof().await;
    let spent = world.link(ADA).unwrap();
    world.enter(&proof).await.unwrap();
    assert_eq!(state(spent).await, TokenState::Spent);
}
