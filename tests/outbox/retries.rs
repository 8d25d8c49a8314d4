//! A hook that fails is called again, after growing pauses, and not indefinitely.

use std::time::Duration;

use usermgr::{
    Admin,
    audit::EventKind,
    engine::Deadline,
    prelude::*,
    store::{ListQuery, OutboxEntry, OutboxId, OutboxRecipient, OutboxStore as _},
    testing::{FakeClock, FaultAt, Faults, Faulty, Probe},
};

use crate::world::{ADA, Accounts, Behaviour, Journal, LEASE, Store};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn x5_a_hook_that_fails_panics_or_hangs_is_called_again_until_it_passes() {
    for behaviour in [Behaviour::Fail, Behaviour::Panic, Behaviour::Hang] {
        let (clock, journal) = (FakeClock::start(), Journal::default());
        let accounts = Accounts::over(MemoryStore::new(), &clock, &journal);
        accounts.registered(ADA).await;
        journal.set(behaviour);
        for (attempt, pause) in [(1, 10), (2, 20)] {
            assert_eq!(accounts.deliver_due().await.unwrap(), 0, "{behaviour:?}");
            assert_eq!(journal.take().len(), 1, "{behaviour:?} {attempt}");
            assert_eq!(accounts.events(EventKind::HookFailed).len(), attempt);
            clock.advance(Duration::from_secs(pause) - SECOND);
            accounts.deliver_due().await.unwrap();
            assert_eq!(journal.take().len(), 0, "{behaviour:?} {attempt}: it waits");
            clock.advance(SECOND);
        }
        journal.set(Behaviour::Pass);
        assert_eq!(accounts.deliver_due().await.unwrap(), 1, "{behaviour:?}");
        let attempts = journal.attempts();
        assert_eq!(attempts.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(attempts.iter().all(|attempt| attempt.id == attempts[0].id), "{attempts:?}");
        assert_eq!(accounts.events(EventKind::DeliveryFailed).len(), 0);
    }
}

#[tokio::test]
async fn what_fails_as_often_as_it_may_stays_as_failed_and_is_reported() {
    let (clock, journal, cx) = (FakeClock::start(), Journal::default(), Context::default());
    let accounts = Accounts::over(MemoryStore::new(), &clock, &journal);
    let ada = accounts.registered(ADA).await;
    accounts.deliver_due().await.unwrap();
    journal.set(Behaviour::Fail);
    accounts.forgot_password(&ada, &cx).await.unwrap();
    journal.take();
    for _ in 0..6 {
        accounts.deliver_due().await.unwrap();
        clock.advance(Duration::from_secs(3600));
    }
    assert_eq!(journal.take().len(), 3, "three attempts");
    let reported = accounts.events(EventKind::DeliveryFailed);
    assert_eq!(reported.len(), 1);
    assert_eq!(reported[0].user, Some(ada.id.to_string()));
    let detail = "forgot_password: on_after_forgot_password: the mail server is away";
    assert_eq!(reported[0].detail.as_deref(), Some(detail));

    assert_eq!(accounts.purge_undelivered(accounts.engine.now()).await.unwrap(), 1);
    assert_eq!(accounts.purge_undelivered(accounts.engine.now()).await.unwrap(), 0);
}

/// The worker sleeps between two polls; a retry wakes it.
#[tokio::test(start_paused = true)]
async fn what_was_given_up_is_listed_and_delivered_after_a_retry_and_stays_away_after_a_deletion() {
    let (clock, journal, cx) = (FakeClock::start(), Journal::default(), Context::default());
    let accounts = Accounts::over(MemoryStore::new(), &clock, &journal);
    let ada = accounts.registered(ADA).await;
    accounts.deliver_due().await.unwrap();
    journal.set(Behaviour::Fail);
    for _ in 0..2 {
        accounts.forgot_password(&ada, &cx).await.unwrap();
    }
    for _ in 0..3 {
        accounts.deliver_due().await.unwrap();
        clock.advance(Duration::from_secs(3600));
    }
    journal.take();
    let admin = Admin::system("tests");
    let failed = accounts.list_undelivered(&admin, ListQuery::default()).await.unwrap();
    let [first, second] = &failed[..] else { panic!("{failed:?}") };
    for row in [first, second] {
        assert_eq!((row.entry.event.as_str(), row.entry.attempts), ("forgot_password", 3));
        assert_eq!(row.entry.recipient, OutboxRecipient::User(ada.id));
        assert_eq!(row.error, "on_after_forgot_password: the mail server is away");
    }
    assert!(first.failed_at < accounts.engine.now());

    assert!(accounts.delete_undelivered(&admin, &second.entry.id).await.unwrap());
    assert!(!accounts.delete_undelivered(&admin, &second.entry.id).await.unwrap());
    assert!(!accounts.retry_undelivered(&admin, &second.entry.id).await.unwrap());
    journal.set(Behaviour::Pass);
    let (begun, id) = (tokio::time::Instant::now(), &first.entry.id);
    accounts.start_delivery().unwrap();
    // The worker has looked, and waits.
    tokio::time::sleep(SECOND / 2).await;
    assert_eq!(journal.len(), 0);
    assert!(accounts.retry_undelivered(&admin, id).await.unwrap());
    while journal.len() == 0 {
        tokio::time::sleep(SECOND / 100).await;
    }
    assert!(begun.elapsed() < SECOND, "{:?}", begun.elapsed());
    accounts.shutdown(Deadline::after(SECOND)).await;
    assert_eq!(journal.take().len(), 1);
    assert_eq!(accounts.list_undelivered(&admin, ListQuery::default()).await.unwrap(), []);
    assert!(!accounts.retry_undelivered(&admin, id).await.unwrap(), "it is delivered");
}

#[tokio::test]
async fn a_page_of_what_was_given_up_has_a_limit_and_continues_after_its_last_row() {
    let (clock, journal) = (FakeClock::start(), Journal::default());
    let accounts = Accounts::over(MemoryStore::new(), &clock, &journal);
    let store = accounts.engine.store();
    let mut tx = store.begin().await.unwrap();
    for number in 0..=ListQuery::<OutboxId>::MAX_LIMIT {
        let recipient = OutboxRecipient::Address(EmailAddress::parse(ADA).unwrap());
        let id = OutboxId::new(format!("{number:03}"));
        store.push(&mut tx, &OutboxEntry::new(id, "register", recipient, "{}", accounts.engine.now())).await.unwrap();
    }
    store.commit(tx).await.unwrap();
    for entry in store.claim(1000, accounts.engine.now(), accounts.engine.now()).await.unwrap() {
        store.fail(&entry.id, 1, accounts.engine.now(), "away").await.unwrap();
    }
    let (admin, all) = (Admin::system("tests"), ListQuery::default().limit(1000));
    let page = accounts.list_undelivered(&admin, all.clone()).await.unwrap();
    assert_eq!(page.len(), ListQuery::<OutboxId>::MAX_LIMIT as usize);
    let rest = accounts.list_undelivered(&admin, all.after(page[199].entry.id.clone())).await.unwrap();
    assert_eq!(rest.iter().map(|row| row.entry.id.as_str()).collect::<Vec<_>>(), ["200"]);
    assert_eq!(accounts.list_undelivered(&admin, ListQuery::default().limit(0)).await.unwrap().len(), 1);
}

/// A manager with the hook that requests a verification for every new account.
struct Eager {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Eager {
    async fn on_after_register(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        Ok(self.request_verify(user, cx).await?)
    }
}

#[tokio::test]
async fn what_an_operation_refuses_to_a_hook_is_reported_once_and_not_tried_for_hours() {
    let (clock, probe) = (FakeClock::start(), Probe::default());
    let engine =
        Engine::builder(MemoryStore::new()).clock(clock.clone()).audit(probe.clone()).outbox().build().unwrap();
    let accounts = Eager { engine };
    let email = EmailAddress::parse("root@example.com").unwrap();
    let root = NewUser::new(email, NoProfile).verified(true);
    accounts.create(root, &Context::system("test")).await.unwrap();
    for _ in 0..12 {
        assert_eq!(accounts.deliver_due().await.unwrap(), 0);
        clock.advance(Duration::from_secs(3600));
    }
    let reported: Vec<_> =
        probe.events().into_iter().map(|event| (event.kind, event.detail.unwrap_or_default())).collect();
    let why = "on_after_register: the user is already verified";
    let expected = [
        (EventKind::UserCreated, String::new()),
        (EventKind::HookFailed, why.to_owned()),
        (EventKind::DeliveryFailed, format!("register: {why}")),
    ];
    assert_eq!(reported, expected.map(|(kind, detail)| (kind, detail.into())));
    // It stays to be looked at.
    assert_eq!(accounts.purge_undelivered(accounts.engine.now()).await.unwrap(), 1);
}

/// One row must not keep the others from their users.
#[tokio::test]
async fn a_row_that_cannot_be_read_is_given_up_and_the_others_are_delivered() {
    let (clock, journal) = (FakeClock::start(), Journal::default());
    let accounts = Accounts::over(MemoryStore::new(), &clock, &journal);
    let store = accounts.engine.store();
    let ada = accounts.registered(ADA).await;
    let mut tx = store.begin().await.unwrap();
    for (name, event, payload) in
        [("a", "of_another_version", "{}"), ("b", "register", "{\"canary"), ("c", "change_email", "{}")]
    {
        let recipient = OutboxRecipient::User(ada.id);
        let entry = OutboxEntry::new(OutboxId::new(name), event, recipient, payload, accounts.engine.now());
        store.push(&mut tx, &entry).await.unwrap();
    }
    store.commit(tx).await.unwrap();
    assert_eq!(accounts.deliver_due().await.unwrap(), 1);
    for _ in 0..3 {
        clock.advance(Duration::from_secs(3600));
        accounts.deliver_due().await.unwrap();
    }
    assert_eq!(journal.take().len(), 1);
    let mut reported: Vec<_> = accounts
        .events(EventKind::DeliveryFailed)
        .into_iter()
        .map(|event| event.detail.unwrap().into_owned())
        .collect();
    reported.sort();
    assert_eq!(
        reported,
        [
            "change_email: the row has no address",
            "of_another_version: this version does not know the event",
            "register: the payload breaks at column 8",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn x6_a_row_whose_worker_died_is_delivered_when_the_lease_ends() {
    let (clock, journal) = (FakeClock::start(), Journal::default());
    let accounts = Accounts::over(MemoryStore::new(), &clock, &journal);
    accounts.registered(ADA).await;
    journal.set(Behaviour::Hang);
    let worker = tokio::spawn({
        let accounts = accounts.clone();
        async move { accounts.deliver_due().await }
    });
    while journal.under_way() == 0 {
        tokio::task::yield_now().await;
    }
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());
    journal.set(Behaviour::Pass);
    clock.advance(LEASE - SECOND);
    assert_eq!(accounts.deliver_due().await.unwrap(), 0, "it is another's");
    clock.advance(SECOND);
    assert_eq!(accounts.deliver_due().await.unwrap(), 1);
    assert_eq!(journal.take().len(), 2);
}

/// A hook that ends the process would do so indefinitely.
#[tokio::test]
async fn a_row_that_no_attempt_survives_is_given_up() {
    let (clock, journal) = (FakeClock::start(), Journal::default());
    let accounts = Accounts::over(MemoryStore::new(), &clock, &journal);
    accounts.registered(ADA).await;
    for _ in 0..3 {
        let now = accounts.engine.now();
        assert_eq!(
            accounts.engine.store().claim(1, now, now).await.unwrap().len(),
            1,
            "claimed, and never heard of again"
        );
    }
    assert_eq!(accounts.deliver_due().await.unwrap(), 0);
    assert_eq!(journal.take().len(), 0);
    let reported = accounts.events(EventKind::DeliveryFailed);
    assert_eq!(reported[0].detail.as_deref(), Some("register: no attempt came to an end"));
}

/// Three mails are pending while the outbox fails at one call, or from it on; the mailer works, or fails at the first attempt.
async fn no_fault_loses_a_mail<S: Store>(fresh: impl AsyncFn() -> S) {
    let mut injected = 0;
    for behaviour in [Behaviour::Pass, Behaviour::Fail] {
        let mut calls = 1;
        for (at, lasting) in [(FaultAt::Before, false), (FaultAt::After, false), (FaultAt::Before, true)] {
            // The first round counts the calls, and nothing fails in it.
            let mut n = 0;
            while n <= calls {
                let what = format!("{behaviour:?}, {at:?} at call {n} of {calls}, for good: {lasting}");
                let (clock, journal, faults) = (FakeClock::start(), Journal::default(), Faults::default());
                let accounts = Accounts::over(Faulty::new(fresh().await, faults.clone()), &clock, &journal);
                let (ada, cx) = (accounts.registered(ADA).await, Context::default());
                accounts.request_verify(&ada, &cx).await.unwrap();
                accounts.forgot_password(&ada, &cx).await.unwrap();
                journal.set(behaviour);
                match (n, lasting) {
                    (0, _) => faults.heal(),
                    (n, true) => faults.fail_from(n, at),
                    (n, false) => faults.fail_call(n, at),
                }
                let _ = accounts.deliver_due().await;
                if n == 0 {
                    calls = faults.calls();
                }
                injected += faults.injected() as u64;
                faults.heal();
                let mut reported = if behaviour == Behaviour::Pass { journal.take() } else { Vec::new() };
                journal.take();
                journal.set(Behaviour::Pass);
                for _ in 0..3 {
                    clock.advance(Duration::from_secs(3600) + LEASE);
                    accounts.deliver_due().await.unwrap();
                }
                reported.extend(journal.take());
                for hook in ["register(", "request_verify(", "forgot_password("] {
                    assert!(reported.iter().any(|line| line.starts_with(hook)), "{what}: {hook} is lost: {reported:?}");
                }
                assert_eq!(accounts.events(EventKind::DeliveryFailed).len(), 0, "{what}");
                let far = accounts.engine.now().checked_add(Duration::from_secs(1 << 20)).unwrap();
                assert!(accounts.engine.store().claim(9, far, far).await.unwrap().is_empty(), "{what}: a row is left");
                n += 1;
            }
        }
    }
    assert!(injected > 20, "{injected}");
    usermgr_tests::figure("faults injected", injected);
}

#[tokio::test]
async fn x6_no_fault_of_the_outbox_loses_a_mail_in_memory() {
    no_fault_loses_a_mail(async || MemoryStore::new()).await;
}

#[tokio::test]
async fn x6_no_fault_of_the_outbox_loses_a_mail_in_sqlite() {
    no_fault_loses_a_mail(async || SqliteStore::in_memory().await.unwrap()).await;
}

/// A row that cannot be marked as failed is not forgotten either: it is reported when this can be written.
#[tokio::test]
async fn x6_a_mail_that_is_given_up_while_the_outbox_fails_is_reported_later() {
    for at in [FaultAt::Before, FaultAt::After] {
        let (clock, journal, faults) = (FakeClock::start(), Journal::default(), Faults::default());
        let accounts = Accounts::over(Faulty::new(MemoryStore::new(), faults.clone()), &clock, &journal);
        accounts.registered(ADA).await;
        journal.set(Behaviour::Fail);
        for _ in 0..2 {
            accounts.deliver_due().await.unwrap();
            clock.advance(Duration::from_secs(3600));
        }
        // Claim, find, fail.
        faults.fail_call(3, at);
        accounts.deliver_due().await.unwrap();
        assert_eq!(faults.injected(), 1);
        faults.heal();
        clock.advance(LEASE);
        accounts.deliver_due().await.unwrap();
        // If the row was marked and the result was lost, there is no report; the row stays, and is found among the failed ones.
        let reported = accounts.events(EventKind::DeliveryFailed).len();
        assert_eq!(reported, usize::from(at == FaultAt::Before));
        clock.advance(SECOND);
        assert_eq!(accounts.purge_undelivered(accounts.engine.now()).await.unwrap(), 1);
    }
}
