//! What a mail proves: the owner of the address gets an account that it never verified, and nothing else of it stays. And
//! a mail is one factor, never two.

use super::rig::{ADA, BADGE, Badges, PASSWORD, TestStore, World, address, cx, over_both};
use crate::{
    Limits, LoginError, MemoryStore,
    amr::{Amr, Method},
    audit::EventKind,
    engine::Proof,
    prelude::*,
};

over_both! {
    t16_a_link_takes_over_an_account_that_a_stranger_registered
    t16_a_code_takes_over_an_account_that_a_stranger_registered
    t16_of_many_who_prove_an_unverified_address_one_takes_over
}

/// A world in which a stranger has registered Ada's address, with a session and a credential.
async fn hijacked<S: TestStore>(store: S) -> (World<S>, String) {
    let world = World::with(store, MailLogin::new(), |engine| {
        engine.limits(Limits::dangerous_none()).with(Badges(Method::ONE_TIME_PASSWORD))
    });
    let ada = world.accounts.register(Register::new(ADA, PASSWORD), &cx()).await.unwrap();
    let session = world.accounts.login(Credentials::new(ADA, PASSWORD), "bearer", &cx()).await.unwrap();
    world.give_badge(&ada).await;
    (world, session.token.expose().to_owned())
}

/// The stranger has nothing any more, and the owner everything.
async fn taken<S: TestStore>(world: &World<S>, session: &str, proof: &MailProof) {
    let login = world.enter(proof).await.unwrap();
    assert!(login.user.is_verified);
    let accounts = &world.accounts;
    assert!(accounts.identify("bearer", session).await.unwrap().is_none(), "the stranger's session");
    let password = accounts.login(Credentials::new(ADA, PASSWORD), "bearer", &cx()).await;
    assert!(matches!(password, Err(LoginError::BadCredentials)), "the stranger's password: {password:?}");
    let store = accounts.engine.store();
    assert_eq!(
        store.credentials(&login.user.id, accounts.engine.now()).await.unwrap(),
        [],
        "the stranger's credential"
    );
    assert!(accounts.identify("bearer", login.token.expose()).await.unwrap().is_some(), "the owner's session");
    assert_eq!(world.probe.count(EventKind::AccountClaimed), 1);
}

async fn t16_a_link_takes_over_an_account_that_a_stranger_registered<S: TestStore>(store: S) {
    let (world, session) = hijacked(store).await;
    let proof = world.link_proof().await;
    taken(&world, &session, &proof).await;
    assert!(matches!(world.enter(&proof).await, Err(LoginError::BadToken)));
}

async fn t16_a_code_takes_over_an_account_that_a_stranger_registered<S: TestStore>(store: S) {
    let (world, session) = hijacked(store).await;
    let proof = world.code_proof().await;
    taken(&world, &session, &proof).await;
    assert!(matches!(world.enter(&proof).await, Err(LoginError::BadCode)));
}

async fn t16_of_many_who_prove_an_unverified_address_one_takes_over<S: TestStore>(store: S) {
    let (world, _) = hijacked(store).await;
    assert_eq!(world.race(&world.link_proof().await).await, 1);
    assert_eq!(world.probe.count(EventKind::AccountClaimed), 1);
}

#[tokio::test]
async fn t16_a_verified_account_keeps_its_password_its_sessions_and_its_credentials() {
    let world = World::open(MemoryStore::new()).await;
    let session = world.accounts.login(Credentials::new(ADA, PASSWORD), "bearer", &cx()).await.unwrap();
    world.enter(&world.link_proof().await).await.unwrap();
    world.enter(&world.code_proof().await).await.unwrap();
    assert!(world.accounts.identify("bearer", session.token.expose()).await.unwrap().is_some());
    assert!(world.accounts.login(Credentials::new(ADA, PASSWORD), "bearer", &cx()).await.is_ok());
    assert_eq!(world.probe.count(EventKind::AccountClaimed), 0);
}

#[tokio::test]
async fn t16_with_verification_required_a_mail_logs_an_unverified_user_in() {
    let world = World::with(MemoryStore::new(), MailLogin::new(), |engine| engine.require_verified(true));
    world.accounts.register(Register::new(ADA, PASSWORD), &cx()).await.unwrap();
    assert!(world.enter(&world.code_proof().await).await.is_ok_and(|login| login.user.is_verified));
}

#[tokio::test]
async fn mf10_a_mail_is_a_first_step_and_a_second_mail_is_no_second_factor() {
    for (method, is_strong) in [(Method::ONE_TIME_PASSWORD, true), (Method::KEY, true), (Method::MAIL, false)] {
        for by_link in [true, false] {
            let world = World::with(MemoryStore::new(), MailLogin::new(), |engine| engine.with(Badges(method.clone())));
            let ada = world.add(ADA, |new| new.verified(true)).await;
            world.give_badge(&ada).await;
            let proof = if by_link { world.link_proof().await } else { world.code_proof().await };
            let pending = match world.enter(&proof).await {
                Err(LoginError::SecondFactorRequired(pending)) => pending,
                other => panic!("the badge is asked for: {other:?}"),
            };
            assert_eq!(world.probe.count(EventKind::LoggedIn), 0);
            assert!(matches!(world.enter(&proof).await, Err(LoginError::BadToken | LoginError::BadCode)), "it is used");
            let badge = Proof::new(BADGE, "1815");
            let login = world.accounts.finish_login(&pending.token, &badge, "bearer", &cx()).await.unwrap();
            let amr = login.login.session.amr;
            assert_eq!(amr.is_multi_factor(), is_strong, "{method} after a mail: {amr}");
            assert!(amr.contains(&Method::MAIL) && !amr.contains(&Method::PASSWORD));
        }
    }
    // No factor of the engine is the mail: a pending login after a password cannot be answered by one.
    let world = World::with(MemoryStore::new(), MailLogin::new(), |engine| engine.with(Badges(Method::KEY)));
    let ada = world.add(ADA, |new| new.verified(true)).await;
    world.give_badge(&ada).await;
    let pending = match world.accounts.login(Credentials::new(ADA, PASSWORD), "bearer", &cx()).await {
        Err(LoginError::SecondFactorRequired(pending)) => pending,
        other => panic!("{other:?}"),
    };
    let offered: Vec<_> = pending.factors.iter().map(|factor| factor.kind.clone()).collect();
    assert_eq!(offered, [BADGE]);
    assert_eq!(Amr::from(Method::MAIL).to_string(), "mail");
}

#[tokio::test]
async fn ml3_superusers_get_no_mail_unless_it_is_allowed_and_never_before_they_are_verified() {
    for (allowed, verified, expected) in
        [(false, true, false), (false, false, false), (true, true, true), (true, false, false)]
    {
        let part = MailLogin::new().superusers(allowed);
        let world = World::with(MemoryStore::new(), part, |engine| engine);
        world.add("root@example.com", |new| new.superuser(true).verified(verified)).await;
        for by_link in [true, false] {
            let request = world.ask("root@example.com").await;
            let sent = world.link("root@example.com").zip(world.code("root@example.com"));
            assert_eq!(sent.is_some(), expected, "allowed {allowed}, verified {verified}");
            let Some((link, code)) = sent else { continue };
            let proof = if by_link { MailProof::link(link) } else { MailProof::code(request, code) };
            assert!(world.enter(&proof).await.is_ok());
        }
    }
}

#[tokio::test]
async fn ml3_who_becomes_a_superuser_cannot_use_the_mail_that_was_sent_before() {
    let world = World::open(MemoryStore::new()).await;
    let ada = world.accounts.get_by_email(&address(ADA)).await.unwrap().unwrap();
    let (request, code, link) = (world.ask(ADA).await, world.code(ADA).unwrap(), world.link(ADA).unwrap());
    world.accounts.set_superuser(&Admin::system("test"), &ada.id, true, &cx()).await.unwrap();
    assert!(matches!(world.enter(&MailProof::link(link)).await, Err(LoginError::BadToken)));
    assert!(matches!(world.enter(&MailProof::code(request, code)).await, Err(LoginError::BadCode)));
}
