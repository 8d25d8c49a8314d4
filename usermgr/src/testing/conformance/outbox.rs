//! The rules for the outbox: a row is as durable as the change it reports, and one worker claims it at a time.

use jiff::Timestamp;

use super::{add, added, compete, remove, sample};
use crate::{
    StoreError,
    store::{FailedEntry, ListQuery, OutboxEntry, OutboxId, OutboxRecipient, OutboxStore},
};

/// More than any rule writes.
const ALL: u32 = 1000;

/// A row that is due this many seconds after the samples' moment.
fn entry<I>(name: &str, recipient: OutboxRecipient<I>, due: i64) -> OutboxEntry<I> {
    OutboxEntry {
        id: OutboxId::new(name),
        event: "forgot_password".to_owned(),
        recipient,
        payload: r#"{"agent":"curl \u0000 \ud83e\udd80 '; DROP TABLE usermgr_outbox; --"}"#.to_owned(),
        attempts: 0,
        due_at: sample::later(due),
    }
}

fn someone<I>() -> OutboxRecipient<I> {
    OutboxRecipient::Address(sample::address("Someone@example.com"))
}

async fn push<S: OutboxStore>(store: &S, entry: &OutboxEntry<S::Id>) {
    let mut tx = store.begin().await.expect("a transaction opens");
    store.push(&mut tx, entry).await.expect("a row is accepted");
    store.commit(tx).await.expect("the transaction commits");
}

/// Claims at this second, for ten seconds.
async fn claim<S: OutboxStore>(store: &S, limit: u32, seconds: i64) -> Vec<OutboxEntry<S::Id>> {
    let (now, until) = (sample::later(seconds), sample::later(seconds + 10));
    store.claim(limit, now, until).await.expect("claiming does not fail")
}

async fn names<S: OutboxStore>(store: &S, limit: u32, seconds: i64) -> Vec<String> {
    claim(store, limit, seconds).await.into_iter().map(|entry| entry.id.to_string()).collect()
}

/// A row that is pushed with a change is stored with the change.
pub async fn x6_a_row_stands_with_its_change<S: OutboxStore>(store: S, profile: S::Profile) {
    let mut tx = store.begin().await.expect("a transaction opens");
    let new = sample::account("ada@example.com", profile);
    let ada = store.insert(&mut tx, &new).await.expect("a new account is accepted");
    store.push(&mut tx, &entry("a", OutboxRecipient::User(ada.clone()), 0)).await.expect("a row is accepted");
    store.commit(tx).await.expect("the transaction commits");
    let claimed = claim(&store, ALL, 0).await;
    assert_eq!(claimed.into_iter().map(|entry| entry.recipient).collect::<Vec<_>>(), [OutboxRecipient::User(ada)]);
}

/// A row that is pushed with a change that was not committed is not stored.
pub async fn x6_a_row_falls_with_its_change<S: OutboxStore>(store: S, profile: S::Profile) {
    let ada = add(&store, &sample::account("ada@example.com", profile)).await.expect("a new account is accepted");
    let mut tx = store.begin().await.expect("a transaction opens");
    for (name, recipient) in [("a", OutboxRecipient::User(ada)), ("b", someone())] {
        store.push(&mut tx, &entry(name, recipient, 0)).await.expect("a row is accepted");
    }
    drop(tx);
    assert_eq!(claim(&store, ALL, 0).await, []);
}

/// A claimed row is the row that was pushed, with the attempt counted and the end of the lease as its time.
pub async fn a_row_keeps_every_field<S: OutboxStore>(store: S, profile: S::Profile) {
    let ada = add(&store, &sample::account("ada@example.com", profile)).await.expect("a new account is accepted");
    for (name, recipient) in [("a", OutboxRecipient::User(ada)), ("b", someone())] {
        let pushed = entry(name, recipient, 0);
        push(&store, &pushed).await;
        let claimed = claim(&store, ALL, 3).await;
        assert_eq!(claimed, [OutboxEntry { attempts: 1, due_at: sample::later(13), ..pushed.clone() }]);
        let shown = |entry: &OutboxEntry<S::Id>| match &entry.recipient {
            OutboxRecipient::User(id) => id.to_string(),
            OutboxRecipient::Address(email) => email.as_str().to_owned(),
        };
        assert_eq!(claimed.first().map(shown), Some(shown(&pushed)), "in the form in which it was written");
    }
}

/// The oldest rows come first, and at most the requested number is claimed.
pub async fn what_is_due_longest_is_claimed_first<S: OutboxStore>(store: S, _: S::Profile) {
    for (name, due) in [("c", 3), ("a", 1), ("b", 2)] {
        push(&store, &entry(name, someone(), due)).await;
    }
    assert_eq!(names(&store, 2, 5).await, ["a", "b"]);
    assert_eq!(names(&store, 2, 5).await, ["c"]);
}

/// A row can be claimed from its time on, to the microsecond.
pub async fn a_row_is_claimed_when_it_is_due<S: OutboxStore>(store: S, _: S::Profile) {
    push(&store, &entry("a", someone(), 5)).await;
    let before = Timestamp::from_microsecond(sample::later(5).as_microsecond() - 1).expect("in range");
    assert_eq!(store.claim(ALL, before, sample::later(9)).await.expect("claiming does not fail"), []);
    assert_eq!(names(&store, ALL, 5).await, ["a"]);
}

/// During the lease no other worker gets the row. Afterwards another one does, even if the first never came back.
pub async fn a_claimed_row_has_one_worker_until_the_lease_ends<S: OutboxStore>(store: S, _: S::Profile) {
    push(&store, &entry("a", someone(), 0)).await;
    assert_eq!(names(&store, ALL, 0).await, ["a"]);
    assert_eq!(claim(&store, ALL, 0).await, []);
    assert_eq!(claim(&store, ALL, 9).await, []);
    let again = claim(&store, ALL, 10).await;
    assert_eq!(again.into_iter().map(|entry| entry.attempts).collect::<Vec<_>>(), [2]);
}

/// If several workers claim at the same time, each row goes to one of them.
pub async fn x6_of_sixteen_who_claim_at_once_one_gets_each_row<S: OutboxStore>(store: S, _: S::Profile) {
    let pushed: Vec<String> = (0..8).map(|number| format!("row-{number}")).collect();
    for name in &pushed {
        push(&store, &entry(name, someone(), 0)).await;
    }
    let (store, outcomes) = compete(store, |store, _| async move {
        // A transaction that was given up has claimed nothing.
        store.claim(ALL, sample::later(0), sample::later(10)).await.unwrap_or_default()
    })
    .await;
    let mut claimed: Vec<_> = outcomes.into_iter().flatten().map(|entry| entry.id.to_string()).collect();
    claimed.extend(names(&*store, ALL, 0).await);
    claimed.sort();
    assert_eq!(claimed, pushed);
}

/// A delivered row does not come back. Reporting it twice is not an error.
pub async fn what_is_done_is_gone<S: OutboxStore>(store: S, _: S::Profile) {
    push(&store, &entry("a", someone(), 0)).await;
    push(&store, &entry("b", someone(), 0)).await;
    claim(&store, ALL, 0).await;
    for _ in 0..2 {
        store.done(&OutboxId::new("a")).await.expect("it is done");
    }
    assert_eq!(names(&store, ALL, 100).await, ["b"]);
}

/// A postponed row comes back at the given time, which may be before or after the end of its lease.
pub async fn a_retry_waits_for_its_time<S: OutboxStore>(store: S, _: S::Profile) {
    push(&store, &entry("a", someone(), 0)).await;
    claim(&store, ALL, 0).await;
    store.retry(&OutboxId::new("a"), 1, sample::later(60), "away").await.expect("it is put off");
    assert_eq!(claim(&store, ALL, 59).await, []);
    assert_eq!(names(&store, ALL, 60).await, ["a"]);
    store.retry(&OutboxId::new("a"), 2, sample::later(61), "away").await.expect("it is put off");
    assert_eq!(names(&store, ALL, 61).await, ["a"]);
}

/// A worker that returns after its lease, when another one has the row, can neither postpone the row nor give it up.
pub async fn a_worker_that_has_lost_a_row_does_not_move_it<S: OutboxStore>(store: S, _: S::Profile) {
    push(&store, &entry("a", someone(), 0)).await;
    claim(&store, ALL, 0).await;
    claim(&store, ALL, 10).await;
    store.retry(&OutboxId::new("a"), 1, sample::later(0), "away").await.expect("nothing happens");
    store.fail(&OutboxId::new("a"), 1, sample::later(0), "away").await.expect("nothing happens");
    assert_eq!(claim(&store, ALL, 19).await, []);
    assert_eq!(names(&store, ALL, 20).await, ["a"]);
}

/// A row that was given up is not tried again.
pub async fn what_has_failed_stays_and_is_not_claimed<S: OutboxStore>(store: S, _: S::Profile) {
    push(&store, &entry("a", someone(), 0)).await;
    claim(&store, ALL, 0).await;
    store.fail(&OutboxId::new("a"), 1, sample::later(1), "away").await.expect("it is given up");
    assert_eq!(claim(&store, ALL, 1000).await, []);
    assert_eq!(store.purge_failed(sample::later(2)).await.expect("purging does not fail"), 1, "it was there");
}

/// Pushes, claims and fails these rows. The reason of each is its name.
async fn fail<S: OutboxStore>(store: &S, names: &[&str]) {
    for name in names {
        push(store, &entry(name, someone(), 0)).await;
    }
    claim(store, ALL, 0).await;
    for name in names {
        store.fail(&OutboxId::new(*name), 1, sample::later(1), name).await.expect("it is given up");
    }
}

/// A list of what has failed has every field of the rows, in the order of their ids, and continues after a cursor.
pub async fn what_has_failed_is_listed_page_by_page<S: OutboxStore>(store: S, profile: S::Profile) {
    let ada = add(&store, &sample::account("ada@example.com", profile)).await.expect("a new account is accepted");
    let recipient = OutboxRecipient::User(ada);
    push(&store, &entry("a", recipient.clone(), 0)).await;
    fail(&store, &["c", "b", "d"]).await;
    store.fail(&OutboxId::new("a"), 1, sample::later(2), "away").await.expect("it is given up");
    push(&store, &entry("e", someone(), 0)).await;
    let (mut query, mut pages) = (ListQuery::default().limit(3), Vec::new());
    loop {
        let page = store.list_failed(&query).await.expect("listing does not fail");
        let Some(last) = page.last() else { break };
        query = query.after(last.entry.id.clone());
        pages.push(page);
    }
    let names = |page: &Vec<FailedEntry<_>>| page.iter().map(|row| row.entry.id.to_string()).collect::<Vec<_>>();
    assert_eq!(pages.iter().map(names).collect::<Vec<_>>(), [vec!["a", "b", "c"], vec!["d"]]);
    let expected = OutboxEntry { attempts: 1, due_at: sample::later(10), ..entry("a", recipient, 0) };
    assert_eq!(pages.concat().first(), Some(&FailedEntry::new(expected, sample::later(2), "away")));
}

/// A failed row that is retried is claimed at the given time, as one without attempts. It is not listed any more.
pub async fn what_has_failed_is_claimed_again_after_a_retry<S: OutboxStore>(store: S, _: S::Profile) {
    fail(&store, &["a", "b"]).await;
    assert!(store.retry_failed(&OutboxId::new("a"), sample::later(5)).await.expect("retrying does not fail"));
    assert_eq!(claim(&store, ALL, 4).await, []);
    let claimed = claim(&store, ALL, 5).await;
    assert_eq!(claimed, [OutboxEntry { attempts: 1, due_at: sample::later(15), ..entry("a", someone(), 0) }]);
    let failed = store.list_failed(&ListQuery::default()).await.expect("listing does not fail");
    assert_eq!(failed.into_iter().map(|row| row.entry.id.to_string()).collect::<Vec<_>>(), ["b"]);
}

/// A row that is still to be delivered, and one that does not exist, is neither retried nor deleted.
pub async fn only_what_has_failed_is_retried_or_deleted<S: OutboxStore>(store: S, _: S::Profile) {
    fail(&store, &["a"]).await;
    push(&store, &entry("b", someone(), 0)).await;
    claim(&store, ALL, 0).await;
    for (name, is_failed) in [("a", true), ("b", false), ("c", false), ("a", false)] {
        let id = OutboxId::new(name);
        if !is_failed {
            assert!(!store.retry_failed(&id, sample::later(0)).await.expect("retrying does not fail"), "{name}");
        }
        assert_eq!(store.delete_failed(&id).await.expect("deleting does not fail"), is_failed, "{name}");
    }
    assert_eq!(claim(&store, ALL, 9).await, [], "the lease of the other was not touched");
    assert_eq!(names(&store, ALL, 10).await, ["b"]);
}

/// A purge deletes the rows that failed before the given time, and none that is still to be delivered.
pub async fn purging_takes_what_has_failed<S: OutboxStore>(store: S, _: S::Profile) {
    for name in ["a", "b", "c"] {
        push(&store, &entry(name, someone(), 0)).await;
    }
    claim(&store, ALL, 0).await;
    store.fail(&OutboxId::new("a"), 1, sample::later(1), "away").await.expect("it is given up");
    store.fail(&OutboxId::new("b"), 1, sample::later(5), "away").await.expect("it is given up");
    assert_eq!(store.purge_failed(sample::later(5)).await.expect("purging does not fail"), 1);
    assert_eq!(store.purge_failed(sample::later(6)).await.expect("purging does not fail"), 1);
    assert_eq!(names(&store, ALL, 100).await, ["c"]);
}

/// Deleting a user deletes the rows for that user and for the address, in any spelling. A deletion that is not committed deletes none.
pub async fn x13_rows_go_with_their_user<S: OutboxStore>(store: S, profile: S::Profile) {
    let ada = added(&store, &sample::account("ada@example.com", profile.clone())).await.user;
    let bob = added(&store, &sample::account("bob@example.com", profile)).await.user;
    for (name, recipient) in [
        ("ada", OutboxRecipient::User(ada.id.clone())),
        ("ada-by-address", OutboxRecipient::Address(sample::address("ADA@example.com"))),
        ("bob", OutboxRecipient::User(bob.id)),
        ("bob-by-address", OutboxRecipient::Address(bob.email)),
    ] {
        push(&store, &entry(name, recipient, 0)).await;
    }
    let mut tx = store.begin().await.expect("a transaction opens");
    assert!(store.delete(&mut tx, &ada.id).await.expect("deleting does not fail"));
    drop(tx);
    assert_eq!(claim(&store, ALL, 0).await.len(), 4);
    assert!(remove(&store, &ada.id).await);
    assert_eq!(names(&store, ALL, 10).await, ["bob", "bob-by-address"]);
}

/// A row for a deleted user is refused.
pub async fn x13_a_row_for_an_unknown_user_is_refused<S: OutboxStore>(store: S, profile: S::Profile) {
    let gone = added(&store, &sample::account("ada@example.com", profile)).await.user.id;
    remove(&store, &gone).await;
    let mut tx = store.begin().await.expect("a transaction opens");
    let outcome = store.push(&mut tx, &entry("a", OutboxRecipient::User(gone), 0)).await;
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
}
