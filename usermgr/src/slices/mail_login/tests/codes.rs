//! Codes: five attempts, ten minutes, and only with the request that asked.

use super::rig::{ADA, PASSWORD, RIVALS, TestStore, World, address, at, cx, over_both};
use crate::{
    Fault, Limits, LoginError, MemoryStore, UpdateMe,
    amr::Method,
    audit::EventKind,
    limits::Limit,
    prelude::*,
    token::{LoginCode, LoginRequestToken},
};

over_both! {
    ml2_a_code_logs_in_once_with_its_request_alone
    ml2_of_many_who_use_a_code_one_gets_in
    ml2_five_codes_are_judged_however_many_come_at_once
    ml2_a_code_ends_with_a_new_stamp_and_a_new_address
}

/// A code that is not this one.
fn another(code: &LoginCode) -> LoginCode {
    let number: u32 = code.expose().parse().unwrap();
    format!("{:08}", (number + 1) % 100_000_000).into()
}

fn refused<T>(outcome: Result<T, LoginError>) -> bool {
    matches!(outcome, Err(LoginError::BadCode))
}

async fn ml2_a_code_logs_in_once_with_its_request_alone<S: TestStore>(store: S) {
    let world = World::open(store).await;
    world.add("eve@example.com", |new| new.verified(true)).await;
    let (mine, code) = (world.ask(ADA).await, world.code(ADA).unwrap());
    let others = [world.ask("eve@example.com").await, LoginRequestToken::opaque().unwrap(), "".into()];
    for other in others {
        assert!(refused(world.enter(&MailProof::code(other, code.clone())).await));
    }
    let spaced = format!(" {} {}\n", &code.expose()[..4], &code.expose()[4..]);
    let login = world.enter(&MailProof::code(mine.clone(), spaced)).await.unwrap();
    assert_eq!((login.user.email.as_str(), login.login.session.amr.clone()), (ADA, Method::MAIL.into()));
    assert!(refused(world.enter(&MailProof::code(mine, code)).await));
}

async fn ml2_of_many_who_use_a_code_one_gets_in<S: TestStore>(store: S) {
    let world = World::open(store).await;
    assert_eq!(world.race(&world.code_proof().await).await, 1);
    assert_eq!(world.probe.count(EventKind::LoggedIn), 1);
}

async fn ml2_five_codes_are_judged_however_many_come_at_once<S: TestStore>(store: S) {
    let world = World::open(store).await;
    let (request, code) = (world.ask(ADA).await, world.code(ADA).unwrap());
    let wrong = MailProof::code(request.clone(), another(&code));
    assert_eq!(world.race(&wrong).await, 0);
    // Every judged code is a failed login; of the others nothing is compared.
    assert_eq!((world.probe.count(EventKind::LoginFailed), RIVALS), (5, 32));
    assert!(
        refused(world.enter(&MailProof::code(request.clone(), code.clone())).await),
        "the right one comes too late"
    );
    // A new request has its own code and its own attempts, and does not revive the old one.
    let (next, fresh) = (world.ask(ADA).await, world.code(ADA).unwrap());
    assert!(refused(world.enter(&MailProof::code(request, code)).await));
    for _ in 0..4 {
        assert!(refused(world.enter(&MailProof::code(next.clone(), another(&fresh))).await));
    }
    assert!(world.enter(&MailProof::code(next, fresh)).await.is_ok(), "the fifth attempt");
}

async fn ml2_a_code_ends_with_a_new_stamp_and_a_new_address<S: TestStore>(store: S) {
    let world = World::open(store).await;
    let accounts = &world.accounts;
    let ada = || async { accounts.get_by_email(&address(ADA)).await.unwrap().unwrap() };

    let proof = world.code_proof().await;
    accounts.revoke_all(&ada().await, &cx()).await.unwrap();
    assert!(refused(world.enter(&proof).await), "all sessions were ended");

    let proof = world.code_proof().await;
    accounts.set_active(&Admin::system("test"), &ada().await.id, false, &cx()).await.unwrap();
    assert!(refused(world.enter(&proof).await), "inactive");
    accounts.set_active(&Admin::system("test"), &ada().await.id, true, &cx()).await.unwrap();

    let proof = world.code_proof().await;
    accounts
        .update(&ada().await, UpdateMe::default().email("new@example.com"), &Context::system("test"))
        .await
        .unwrap();
    world.add(ADA, |new| new.verified(true)).await;
    assert!(refused(world.enter(&proof).await), "the address belongs to another account");
}

#[tokio::test]
async fn ml2_a_code_lives_for_ten_minutes() {
    for (seconds, is_good) in [(599, true), (600, false), (601, false)] {
        let world = World::open(MemoryStore::new()).await;
        let proof = world.code_proof().await;
        world.wait(seconds);
        assert_eq!(world.enter(&proof).await.is_ok(), is_good, "after {seconds} s");
    }
}

#[tokio::test]
async fn ml2_a_row_has_neither_the_code_nor_the_request_and_ends_with_a_purge() {
    use crate::store::{CredentialDigest, CredentialStore as _, PendingPurpose};
    let world = World::open(MemoryStore::new()).await;
    let (request, code) = (world.ask(ADA).await, world.code(ADA).unwrap());
    let (digest, purpose) = (CredentialDigest::of(request.expose()), PendingPurpose::new("mail_login"));
    let store = world.accounts.engine.store();
    let row = store.find_pending(&digest, &purpose, world.accounts.engine.now()).await.unwrap().unwrap();
    let at = world.accounts.engine.now();
    assert_eq!((row.user_id, row.data), (None, format!(r#"{{"email":"ada@example.com","at":"{at}"}}"#)));
    assert!(!at.to_string().contains(code.expose()));
    store.purge_expired(at + std::time::Duration::from_secs(900)).await.unwrap();
    assert!(store.find_pending(&digest, &purpose, at).await.unwrap().is_some());
    store.purge_expired(at + std::time::Duration::from_secs(901)).await.unwrap();
    assert!(store.find_pending(&digest, &purpose, at).await.unwrap().is_none());
}

#[tokio::test]
async fn t9_wrong_codes_count_for_the_account_whatever_is_requested() {
    let limits = Limits::default().wrong_passwords_per_account_and_network(Limit::new(7));
    let world = World::with(MemoryStore::new(), MailLogin::new(), |engine| engine.limits(limits));
    world.add(ADA, |new| new.verified(true)).await;
    let mut judged = 0;
    for _ in 0..3 {
        let request = world.accounts.request_login(&address(ADA), &Context::system("test")).await.unwrap();
        world.accounts.engine.settle().await;
        let wrong = MailProof::code(request, another(&world.code(ADA).unwrap()));
        for _ in 0..5 {
            match world.accounts.login_by_mail(&wrong, "bearer", &at(7)).await {
                Err(LoginError::BadCode) => judged += 1,
                Err(LoginError::Fault(Fault::Limited { .. })) => {}
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(judged, 7);
    assert_eq!(world.probe.count(EventKind::LockedOut), 1);
    let password = Credentials::new(ADA, PASSWORD);
    let limited = world.accounts.login(password.clone(), "bearer", &at(7)).await.unwrap_err();
    assert!(matches!(limited, LoginError::Fault(Fault::Limited { .. })), "{limited:?}");
    // The owner proves the address, and the lock is gone.
    world.accounts.request_login(&address(ADA), &Context::system("test")).await.unwrap();
    world.accounts.engine.settle().await;
    let proof = MailProof::link(world.link(ADA).unwrap());
    world.accounts.login_by_mail(&proof, "bearer", &at(7)).await.unwrap();
    assert!(world.accounts.login(password, "bearer", &at(7)).await.is_ok());
}

#[tokio::test]
async fn l9_an_unknown_request_and_a_wrong_link_count_for_the_network() {
    let limits = Limits::default().wrong_secrets_per_network(Limit::new(4));
    let world = World::with(MemoryStore::new(), MailLogin::new(), |engine| engine.limits(limits));
    for proof in [MailProof::code("a", "12345678"), MailProof::link("a"), MailProof::code("b", ""), MailProof::link("")]
    {
        let error = world.accounts.login_by_mail(&proof, "bearer", &at(7)).await.unwrap_err();
        assert!(matches!(error, LoginError::BadCode | LoginError::BadToken), "{error:?}");
    }
    for proof in [MailProof::code("a", "12345678"), MailProof::link("a")] {
        let error = world.accounts.login_by_mail(&proof, "bearer", &at(7)).await.unwrap_err();
        assert!(matches!(error, LoginError::Fault(Fault::Limited { .. })), "{error:?}");
        assert!(!matches!(world.enter(&proof).await, Err(LoginError::Fault(_))), "another network");
    }
}

/// The longest pause that twelve requests must make.
async fn longest_pause(
    world: &World<MemoryStore>,
    ask: impl AsyncFn() -> Result<LoginRequestToken, Fault>,
    then: impl AsyncFn(LoginRequestToken),
) -> u64 {
    let mut longest = 0;
    for _ in 0..12 {
        let request = loop {
            match ask().await {
                Ok(request) => break request,
                Err(Fault::Limited { retry_after }) => {
                    longest = longest.max(retry_after.as_secs());
                    world.wait(retry_after.as_secs());
                }
                Err(fault) => panic!("{fault:?}"),
            }
        };
        world.accounts.engine.settle().await;
        then(request).await;
    }
    longest
}

#[tokio::test]
async fn l8_no_pause_between_requests_is_longer_than_half_the_life_of_their_mail() {
    let world = World::with(MemoryStore::new(), MailLogin::new(), |engine| engine);
    world.add(ADA, |new| new.verified(true)).await;
    let (ada, here) = (address(ADA), at(7));
    let accounts = &world.accounts;
    let login = async || accounts.request_login(&ada, &here).await;
    let enter = async |request| {
        let proof = MailProof::code(request, world.code(ADA).unwrap());
        accounts.login_by_mail(&proof, "bearer", &here).await.unwrap();
    };
    assert_eq!(longest_pause(&world, login, enter).await, 0, "each login forgets the request");
    assert_eq!(longest_pause(&world, login, async |_| {}).await, 300);
    let reset = async || accounts.request_reset_for(&ada, &here).await.map(|()| LoginRequestToken::from(""));
    assert_eq!(longest_pause(&world, reset, async |_| {}).await, 1_800);
}
