//! The rules for pending steps of a proof: attempts are counted, only one caller takes a step, and no step outlives its expiry.

use jiff::Timestamp;

use super::{
    compete,
    credentials::{DATA, person},
    remove, sample,
};
use crate::{
    StoreError,
    store::{CredentialDigest, CredentialStore, Pending, PendingPurpose},
};

const DOOR: PendingPurpose = PendingPurpose::new("shop:door");
const GATE: PendingPurpose = PendingPurpose::new("shop:gate");

fn digest(name: &str) -> CredentialDigest {
    CredentialDigest::of(name)
}

/// A step without a user that lives for a minute.
fn step<I>(name: &str) -> Pending<I> {
    Pending::new(digest(name), DOOR, DATA, sample::later(60))
}

async fn put<S: CredentialStore>(store: &S, pending: Pending<S::Id>) -> Pending<S::Id> {
    store.put_pending(&pending).await.expect("a new step is accepted");
    pending
}

async fn found<S: CredentialStore>(store: &S, name: &str) -> Option<Pending<S::Id>> {
    store.find_pending(&digest(name), &DOOR, sample::moment()).await.expect("looking up does not fail")
}

async fn tried<S: CredentialStore>(store: &S, name: &str, most: u32) -> Option<Pending<S::Id>> {
    store.try_pending(&digest(name), &DOOR, most, sample::moment()).await.expect("trying does not fail")
}

async fn taken<S: CredentialStore>(store: &S, name: &str) -> Option<Pending<S::Id>> {
    store.take_pending(&digest(name), &DOOR, sample::moment()).await.expect("taking does not fail")
}

/// Every field is read back in each of the three ways, and looking up does not count as an attempt.
pub async fn a_pending_step_keeps_every_field<S: CredentialStore>(store: S, profile: S::Profile) {
    let ada = person(&store, "ada", &profile).await;
    for (name, mut pending) in [("a", step("a").user(ada)), ("b", step("b"))] {
        put(&store, pending.clone()).await;
        for _ in 0..2 {
            assert_eq!(found(&store, name).await.as_ref(), Some(&pending));
        }
        pending.attempts = 1;
        assert_eq!(tried(&store, name, 5).await.as_ref(), Some(&pending));
        assert_eq!(found(&store, name).await.as_ref(), Some(&pending));
        assert_eq!(taken(&store, name).await.as_ref(), Some(&pending));
        assert_eq!(found(&store, name).await, None);
    }
}

/// A step is found only under its own digest and purpose. A wrong lookup does not count as an attempt.
pub async fn a_pending_step_serves_one_purpose<S: CredentialStore>(store: S, _: S::Profile) {
    let pending = put(&store, step("a")).await;
    for (name, purpose) in [("a", &GATE), ("b", &DOOR), ("", &DOOR)] {
        let (digest, now) = (digest(name), sample::moment());
        assert_eq!(store.find_pending(&digest, purpose, now).await.expect("looking up does not fail"), None);
        assert_eq!(store.try_pending(&digest, purpose, 5, now).await.expect("trying does not fail"), None);
        assert_eq!(store.take_pending(&digest, purpose, now).await.expect("taking does not fail"), None);
    }
    assert_eq!(found(&store, "a").await, Some(pending));
}

/// A step never replaces another of the same digest, whatever its purpose.
pub async fn a_pending_step_never_replaces_another<S: CredentialStore>(store: S, _: S::Profile) {
    let pending = put(&store, step("a")).await;
    for purpose in [DOOR, GATE] {
        let outcome = store.put_pending(&Pending::new(digest("a"), purpose, "{}", sample::later(99))).await;
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    }
    assert_eq!(found(&store, "a").await, Some(pending));
}

/// A step of a deleted user is refused.
pub async fn x13_a_pending_step_of_an_unknown_user_is_refused<S: CredentialStore>(store: S, profile: S::Profile) {
    let gone = person(&store, "ada", &profile).await;
    assert!(remove(&store, &gone).await);
    let outcome = store.put_pending(&step("a").user(gone)).await;
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
}

/// From the time at which a step expires, no answer is accepted, to the microsecond.
pub async fn an_expired_pending_step_takes_no_answer<S: CredentialStore>(store: S, _: S::Profile) {
    put(&store, step("a")).await;
    let (digest, end) = (digest("a"), sample::later(60));
    let before = Timestamp::from_microsecond(end.as_microsecond() - 1).expect("in range");
    for (now, lives) in [(end, false), (before, true)] {
        let found = store.find_pending(&digest, &DOOR, now).await.expect("looking up does not fail");
        let tried = store.try_pending(&digest, &DOOR, 5, now).await.expect("trying does not fail");
        let taken = store.take_pending(&digest, &DOOR, now).await.expect("taking does not fail");
        assert_eq!([found.is_some(), tried.is_some(), taken.is_some()], [lives; 3]);
    }
}

/// As many attempts are counted as are allowed. A step whose attempts are used up can still be taken with the right answer.
pub async fn no_more_attempts_are_counted_than_allowed<S: CredentialStore>(store: S, _: S::Profile) {
    put(&store, step("a")).await;
    assert_eq!(tried(&store, "a", 0).await, None);
    for attempt in 1..=3 {
        assert_eq!(tried(&store, "a", 3).await.map(|pending| pending.attempts), Some(attempt));
    }
    assert_eq!(tried(&store, "a", 3).await, None);
    assert_eq!(taken(&store, "a").await.map(|pending| pending.attempts), Some(3));
    assert_eq!(tried(&store, "a", 9).await, None);
}

/// Of sixteen answers at the same time, no more than the allowed attempts are checked.
pub async fn of_sixteen_attempts_at_once_five_are_counted<S: CredentialStore>(store: S, _: S::Profile) {
    put(&store, step("a")).await;
    let (store, outcomes) = compete(store, |store, _| async move { tried(&*store, "a", 5).await.is_some() }).await;
    assert_eq!(outcomes.into_iter().filter(|counted| *counted).count(), 5);
    assert_eq!(found(&*store, "a").await.map(|pending| pending.attempts), Some(5));
}

/// Of sixteen tasks that take a step at the same time, one gets it.
pub async fn of_sixteen_who_take_one_pending_step_one_gets_it<S: CredentialStore>(store: S, _: S::Profile) {
    put(&store, step("a")).await;
    let (store, outcomes) = compete(store, |store, _| async move { taken(&*store, "a").await.is_some() }).await;
    assert_eq!(outcomes.into_iter().filter(|taken| *taken).count(), 1);
    assert_eq!(found(&*store, "a").await, None);
}

/// All steps of a user end together, whatever their purpose, and no others.
pub async fn all_pending_steps_of_a_user_end_and_no_others<S: CredentialStore>(store: S, profile: S::Profile) {
    let (ada, bob) = (person(&store, "ada", &profile).await, person(&store, "bob", &profile).await);
    put(&store, step("a").user(ada.clone())).await;
    put(&store, Pending::new(digest("b"), GATE, "{}", sample::moment()).user(ada.clone())).await;
    put(&store, step("c").user(bob)).await;
    put(&store, step("d")).await;
    let mut tx = store.begin().await.expect("a transaction opens");
    assert_eq!(store.delete_pending(&mut tx, &ada).await.expect("deleting does not fail"), 2);
    store.commit(tx).await.expect("the transaction commits");
    for (name, remains) in [("a", false), ("c", true), ("d", true)] {
        assert_eq!(found(&store, name).await.is_some(), remains, "{name}");
    }
}

/// A step that ended in a dropped transaction has not ended.
pub async fn a_dropped_transaction_leaves_pending_steps_as_they_were<S: CredentialStore>(
    store: S,
    profile: S::Profile,
) {
    let ada = person(&store, "ada", &profile).await;
    let kept = put(&store, step("a").user(ada.clone())).await;
    let mut tx = store.begin().await.expect("a transaction opens");
    assert_eq!(store.delete_pending(&mut tx, &ada).await.expect("deleting does not fail"), 1);
    drop(tx);
    let mut tx = store.begin().await.expect("a transaction opens");
    assert!(store.delete(&mut tx, &ada).await.expect("deleting does not fail"));
    drop(tx);
    assert_eq!(found(&store, "a").await, Some(kept));
}

/// Deleting a user deletes their steps, and no others.
pub async fn x13_pending_steps_go_with_their_user<S: CredentialStore>(store: S, profile: S::Profile) {
    let ada = person(&store, "ada", &profile).await;
    put(&store, step("a").user(ada.clone())).await;
    put(&store, step("b")).await;
    assert!(remove(&store, &ada).await);
    assert_eq!((found(&store, "a").await, found(&store, "b").await), (None, Some(step("b"))));
    put(&store, step("a")).await;
}

/// A purge deletes the steps that expired before the given time.
pub async fn purging_takes_expired_pending_steps<S: CredentialStore>(store: S, profile: S::Profile) {
    let ada = person(&store, "ada", &profile).await;
    put(&store, step("a").user(ada)).await;
    put(&store, Pending::new(digest("b"), DOOR, "{}", sample::later(61))).await;
    for (seconds, count) in [(60, 0), (61, 1), (62, 1), (3600, 0)] {
        let purged = store.purge_expired(sample::later(seconds)).await.expect("purging does not fail");
        assert_eq!(purged, count, "at {seconds} seconds");
    }
}
