//! Requests look the same for every address: the answer, the steps in the store, and the rows. And they are limited.

use std::{sync::Arc, time::Duration};

use super::rig::{ADA, PASSWORD, World, address, at, cx};
use crate::{
    Fault, Limits, LoginError, MemoryStore,
    audit::EventKind,
    limits::Limit,
    prelude::*,
    testing::{Calls, Counted, FakeClock},
};

type Store = Counted<MemoryStore>;

const KINDS: [&str; 5] = ["active", "verified", "inactive", "root", "no-password"];

/// A world over a store whose calls are counted, with a user of each kind.
async fn counted(has_outbox: bool) -> (World<Store>, Calls) {
    let calls = Calls::default();
    let store = Counted::new(MemoryStore::new(), calls.clone());
    let world = World::with(store, MailLogin::new(), |engine| {
        let engine = engine.limits(Limits::dangerous_none());
        if has_outbox { engine.outbox() } else { engine }
    });
    for kind in KINDS {
        let set = |new: NewUser| new.verified(kind == "verified").superuser(kind == "root").active(kind != "inactive");
        world.add(&format!("{kind}@example.com"), set).await;
    }
    calls.take();
    (world, calls)
}

fn addresses() -> impl Iterator<Item = String> {
    KINDS.into_iter().chain(["unknown"]).map(|kind| format!("{kind}@example.com"))
}

#[tokio::test]
async fn e4_ml3_a_request_takes_the_same_steps_for_every_address() {
    for (has_outbox, expected) in
        [(true, &["put_pending", "begin", "push", "commit"][..]), (false, &["put_pending"][..])]
    {
        let (world, calls) = counted(has_outbox).await;
        for email in addresses() {
            let request = world.accounts.request_login(&address(&email), &cx()).await.unwrap();
            // The work after the answer has not begun: it is on another task of this thread.
            assert_eq!(calls.take(), expected, "{email}");
            assert_eq!(request.expose().len(), 43);
            world.accounts.engine.settle().await;
            calls.take();
        }
        world.accounts.deliver_due().await.ok();
        let mailed: Vec<_> = addresses().filter(|email| world.link(email).is_some()).collect();
        assert_eq!(mailed, ["active@example.com", "verified@example.com", "no-password@example.com"]);
    }
}

#[tokio::test]
async fn e1_ml3_a_wrong_code_takes_the_same_steps_for_every_address() {
    let (world, calls) = counted(true).await;
    for email in addresses() {
        let request = world.accounts.request_login(&address(&email), &cx()).await.unwrap();
        world.accounts.deliver_due().await.unwrap();
        let code = world.code(&email).map_or("12345678".to_owned(), |code| {
            format!("{:08}", (code.expose().parse::<u32>().unwrap() + 1) % 100_000_000)
        });
        let wrong = MailProof::code(request, code);
        for attempt in 0..7 {
            calls.take();
            let error = world.enter(&wrong).await.unwrap_err();
            assert!(matches!(error, LoginError::BadCode), "{error:?}");
            let expected: &[&str] =
                if attempt < 5 { &["find_pending", "try_pending", "find"] } else { &["find_pending", "try_pending"] };
            assert_eq!(calls.take(), expected, "{email}, attempt {attempt}");
        }
    }
}

#[tokio::test]
async fn ml3_rows_of_the_outbox_are_the_same_for_every_address_and_hold_no_secret() {
    use crate::store::{CredentialDigest, OutboxRecipient, OutboxStore as _};
    let world = World::with(MemoryStore::new(), MailLogin::new(), |engine| engine.outbox());
    world.add(ADA, |new| new.verified(true)).await;
    world.accounts.deliver_due().await.unwrap();
    let mut shapes = Vec::new();
    for email in [ADA, "bob@example.com"] {
        let request = world.accounts.request_login(&address(email), &cx()).await.unwrap();
        let now = world.accounts.engine.now();
        let rows = world.accounts.engine.store().claim(8, now, now + Duration::from_secs(1)).await.unwrap();
        let row = rows.into_iter().find(|row| row.event == "request_login").unwrap();
        assert!(matches!(&row.recipient, OutboxRecipient::Address(to) if to.as_str() == email));
        assert!(!row.payload.contains(request.expose()));
        let digest = CredentialDigest::of(request.expose());
        shapes.push(row.payload.replace(digest.as_str(), "DIGEST"));
        world.accounts.engine.store().done(&row.id).await.unwrap();
    }
    assert_eq!(shapes[0], shapes[1]);
    assert!(shapes[0].contains("DIGEST"), "{}", shapes[0]);
}

#[tokio::test]
async fn ml1_ml2_what_a_mail_holds_works_from_the_request_on_however_late_the_mail_is() {
    for (late, has_link, has_code) in [(599, true, true), (600, true, false), (899, true, false), (900, false, false)] {
        let world = World::with(MemoryStore::new(), MailLogin::new(), |engine| engine.outbox());
        world.add(ADA, |new| new.verified(true)).await;
        world.accounts.request_login(&address(ADA), &cx()).await.unwrap();
        world.wait(late);
        world.accounts.deliver_due().await.unwrap();
        assert_eq!((world.link(ADA).is_some(), world.code(ADA).is_some()), (has_link, has_code), "after {late} s");
        let Some(link) = world.link(ADA) else { continue };
        assert_eq!(link.expires_at().unwrap(), world.accounts.engine.now() + Duration::from_secs(900 - late));
        assert!(world.enter(&MailProof::link(link)).await.is_ok());
    }
}

#[tokio::test]
async fn ml1_a_delivery_that_is_repeated_sends_the_same_code() {
    let world = World::with(MemoryStore::new(), MailLogin::new(), |engine| engine.outbox());
    world.add(ADA, |new| new.verified(true)).await;
    let request = world.accounts.request_login(&address(ADA), &cx()).await.unwrap();
    let now = world.accounts.engine.now();
    let store = world.accounts.engine.store();
    use crate::store::OutboxStore as _;
    let row = store.claim(8, now, now).await.unwrap().into_iter().find(|row| row.event == "request_login").unwrap();
    let mut codes = Vec::new();
    for _ in 0..2 {
        let mut tx = store.begin().await.unwrap();
        let id = crate::store::OutboxId::new(uuid::Uuid::now_v7().to_string());
        store.push(&mut tx, &crate::store::OutboxEntry { id, ..row.clone() }).await.unwrap();
        store.commit(tx).await.unwrap();
        world.accounts.deliver_due().await.unwrap();
        codes.push(world.code(ADA).unwrap().expose().to_owned());
    }
    assert_eq!(codes[0], codes[1]);
    assert!(world.enter(&MailProof::code(request, codes[0].as_str())).await.is_ok());
}

#[tokio::test]
async fn l8_mails_are_limited_for_the_address_and_for_the_network() {
    let limited = |outcome: Result<_, Fault>| match outcome {
        Ok(_) => false,
        Err(Fault::Limited { .. }) => true,
        Err(fault) => panic!("{fault:?}"),
    };
    let world = World::with(MemoryStore::new(), MailLogin::new(), |engine| engine);
    for email in [ADA, "unknown@example.com"] {
        // Five from one network, and then those of others.
        for _ in 0..5 {
            assert!(!limited(world.accounts.request_login(&address(email), &at(1)).await));
        }
        assert!(limited(world.accounts.request_login(&address(email), &at(1)).await));
        for network in 2..17 {
            assert!(!limited(world.accounts.request_login(&address(email), &at(network)).await), "{network}");
        }
        assert!(limited(world.accounts.request_login(&address(email), &at(18)).await), "the twenty-first");
        // The delay is never longer than half of what a mail works.
        for _ in 0..8 {
            world.wait(300);
            assert!(!limited(world.accounts.request_login(&address(email), &at(19)).await));
            world.wait(300);
        }
    }
    let few = Limits::default().mails_per_network(Limit::new(3));
    let world = World::with(MemoryStore::new(), MailLogin::new(), |engine| engine.limits(few));
    for name in 0..3 {
        assert!(!limited(world.accounts.request_login(&address(&format!("{name}@example.com")), &at(1)).await));
    }
    assert!(limited(world.accounts.request_login(&address("4@example.com"), &at(1)).await));
}

#[tokio::test]
async fn ml3_a_hook_that_fails_or_is_slow_changes_no_answer() {
    struct Slow {
        engine: Engine<MemoryStore>,
    }

    #[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
    impl Slow {
        async fn on_after_request_login(&self, _: &User, _: &LoginMail) -> Result<(), HookError> {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Err(HookError::new("no mail server"))
        }
    }

    let probe = crate::testing::Probe::default();
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("bearer", Database::new()))
        .clock(FakeClock::start())
        .audit(probe.clone())
        .with(MailLogin::new());
    let accounts = Arc::new(Slow { engine: engine.build().unwrap() });
    accounts.register(Register::new(ADA, PASSWORD), &cx()).await.unwrap();
    for email in [ADA, "unknown@example.com"] {
        accounts.request_login(&address(email), &cx()).await.unwrap();
        assert_eq!(probe.count(EventKind::HookFailed), 0, "{email}: the answer does not wait");
    }
    accounts.engine.settle().await;
    assert_eq!(probe.count(EventKind::HookFailed), 1);
}
