//! The rules for transactions: they are atomic, and superusers that are counted do not change meanwhile.

use std::{sync::Arc, time::Duration};

use super::{add, added, sample, stored};
use crate::{
    StoreError, UserStore,
    store::Lookup,
    user::{EmailAddress, NewRecord},
};

/// Long enough for another task to look in between.
const PAUSE: Duration = Duration::from_millis(20);

async fn exists<S: UserStore>(store: &S, email: &EmailAddress) -> bool {
    store.find(Lookup::Email(email)).await.expect("looking up does not fail").is_some()
}

/// An account that was inserted but not committed does not exist, and its address is free.
pub async fn a_dropped_insert_leaves_nothing<S: UserStore>(store: S, profile: S::Profile) {
    let new = sample::account("ada@example.com", profile);
    let mut tx = store.begin().await.expect("a transaction opens");
    let undone = store.insert(&mut tx, &new).await.expect("a new account is accepted");
    drop(tx);
    assert!(!exists(&store, &new.email).await);
    assert!(stored(&store, &undone).await.is_none());
    add(&store, &new).await.expect("the address is free");
}

/// An update that was not committed has not happened.
pub async fn a_dropped_update_leaves_nothing<S: UserStore>(store: S, profile: S::Profile) {
    let old = added(&store, &sample::account("ada@example.com", profile)).await;
    let mut changed = old.clone();
    changed.user.email = sample::address("countess@example.com");
    let mut tx = store.begin().await.expect("a transaction opens");
    store.update(&mut tx, &changed).await.expect("the update applies");
    drop(tx);
    let found = stored(&store, &old.user.id).await.expect("the account remains");
    assert_eq!((found.user.email, found.version), (old.user.email.clone(), old.version));
    assert!(exists(&store, &old.user.email).await, "the old address is found");
    assert!(!exists(&store, &changed.user.email).await, "the new one is not");
}

/// A deletion that was not committed has not happened.
pub async fn a_dropped_delete_leaves_nothing<S: UserStore>(store: S, profile: S::Profile) {
    let ada = added(&store, &sample::account("ada@example.com", profile)).await.user;
    let mut tx = store.begin().await.expect("a transaction opens");
    assert!(store.delete(&mut tx, &ada.id).await.expect("deleting does not fail"));
    drop(tx);
    assert!(stored(&store, &ada.id).await.is_some());
    assert!(exists(&store, &ada.email).await);
}

/// If the second write of a transaction is refused and the transaction is dropped, the first write is undone too.
pub async fn a_refused_write_leaves_nothing_of_the_others<S: UserStore>(store: S, profile: S::Profile) {
    added(&store, &sample::account("ada@example.com", profile.clone())).await;
    let bob = sample::account("bob@example.com", profile.clone());
    let mut tx = store.begin().await.expect("a transaction opens");
    store.insert(&mut tx, &bob).await.expect("a new account is accepted");
    let refused = store.insert(&mut tx, &sample::account("ada@example.com", profile)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    drop(tx);
    assert!(!exists(&store, &bob.email).await);
}

/// A reader that sees the first account of a transaction sees the second too. It may have to wait, but never sees half.
pub async fn writes_become_visible_together<S: UserStore>(store: S, profile: S::Profile) {
    let store = Arc::new(store);
    let (ada, bob) = (sample::account("ada@example.com", profile.clone()), sample::account("bob@example.com", profile));
    let reader = {
        let (store, ada, bob) = (Arc::clone(&store), ada.email.clone(), bob.email.clone());
        tokio::spawn(async move {
            while !exists(&*store, &ada).await {
                tokio::time::sleep(PAUSE / 20).await;
            }
            exists(&*store, &bob).await
        })
    };
    let mut tx = store.begin().await.expect("a transaction opens");
    store.insert(&mut tx, &ada).await.expect("a new account is accepted");
    tokio::time::sleep(PAUSE).await;
    store.insert(&mut tx, &bob).await.expect("a new account is accepted");
    tokio::time::sleep(PAUSE).await;
    store.commit(tx).await.expect("the transaction commits");
    assert!(
        reader.await.expect("the reader does not panic"),
        "one account of a transaction was visible without the other"
    );
}

/// Two transactions change two accounts in opposite orders, from the same versions: at most one commits, and the other is stale.
pub async fn two_who_wait_for_each_other_may_try_again<S: UserStore>(store: S, profile: S::Profile) {
    let store = Arc::new(store);
    let ada = added(&*store, &sample::account("ada@example.com", profile.clone())).await;
    let bob = added(&*store, &sample::account("bob@example.com", profile)).await;
    let mut tasks = Vec::new();
    for records in [[ada.clone(), bob.clone()], [bob, ada]] {
        let store = Arc::clone(&store);
        tasks.push(tokio::spawn(async move {
            let mut tx = store.begin().await?;
            for record in &records {
                store.update(&mut tx, record).await?;
                tokio::time::sleep(PAUSE).await;
            }
            store.commit(tx).await
        }));
    }
    let mut committed = 0;
    for task in tasks {
        match task.await.expect("no task panics") {
            Ok(()) => committed += 1,
            outcome => assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}"),
        }
    }
    assert!(committed <= 1, "both changed the same versions");
}

/// Two superusers check that another remains, and demote themselves at the same time: one stays.
pub async fn m2_of_two_superusers_who_demote_each_other_one_remains<S: UserStore>(store: S, profile: S::Profile) {
    let store = Arc::new(store);
    let mut tasks = Vec::new();
    for email in ["ada@example.com", "bob@example.com"] {
        let new = NewRecord { is_superuser: true, ..sample::account(email, profile.clone()) };
        let mut record = added(&*store, &new).await;
        record.user.is_superuser = false;
        let store = Arc::clone(&store);
        tasks.push(async move {
            let mut tx = store.begin().await.expect("a transaction opens");
            if store.lock_and_count_superusers(&mut tx).await.expect("counting does not fail") > 1 {
                tokio::time::sleep(PAUSE).await;
                store.update(&mut tx, &record).await.expect("the update applies");
                store.commit(tx).await.expect("the transaction commits");
            }
        });
    }
    for task in tasks.into_iter().map(tokio::spawn).collect::<Vec<_>>() {
        task.await.expect("no task panics");
    }
    let mut tx = store.begin().await.expect("a transaction opens");
    assert_eq!(store.lock_and_count_superusers(&mut tx).await.expect("counting does not fail"), 1);
}

/// A transaction that holds an account sees its final state: another one that wants to hold it waits for the end of the first, and reads
/// what the first has written.
pub async fn w1_who_is_held_is_held_until_the_transaction_ends<S: UserStore>(store: S, profile: S::Profile) {
    let store = Arc::new(store);
    let ada = added(&*store, &sample::account("ada@example.com", profile)).await;
    let mut tx = store.begin().await.expect("a transaction opens");
    store.find_locked(&mut tx, [&ada.user.id; 2]).await.expect("looking up does not fail");
    let second = {
        let (store, id) = (Arc::clone(&store), ada.user.id.clone());
        tokio::spawn(async move {
            let mut tx = store.begin().await.expect("a transaction opens");
            store.find_locked(&mut tx, [&id; 2]).await.expect("looking up does not fail")
        })
    };
    tokio::time::sleep(PAUSE).await;
    store.update(&mut tx, &ada).await.expect("the update applies");
    store.commit(tx).await.expect("the transaction commits");
    let seen = second.await.expect("the second does not panic");
    assert_eq!(seen.iter().map(|record| record.version).collect::<Vec<_>>(), [ada.version + 1]);
}

/// Two transactions that hold the same two accounts, each naming another one first, take turns: neither is given up.
pub async fn w1_two_who_hold_each_other_take_turns<S: UserStore>(store: S, profile: S::Profile) {
    let store = Arc::new(store);
    let ada = added(&*store, &sample::account("ada@example.com", profile.clone())).await.user.id;
    let bob = added(&*store, &sample::account("bob@example.com", profile)).await.user.id;
    let mut tasks = Vec::new();
    for ids in [[ada.clone(), bob.clone()], [bob, ada]] {
        let store = Arc::clone(&store);
        tasks.push(tokio::spawn(async move {
            for _ in 0..10 {
                let mut tx = store.begin().await?;
                let held = store.find_locked(&mut tx, [&ids[0], &ids[1]]).await?;
                for record in &held {
                    store.update(&mut tx, record).await?;
                }
                store.commit(tx).await?;
            }
            Ok::<_, StoreError>(())
        }));
    }
    for task in tasks {
        task.await.expect("no task panics").expect("neither is given up");
    }
}

/// A token that was used in a dropped transaction can be used.
pub async fn w4_a_dropped_use_of_a_token_is_none<S: UserStore>(store: S, _: S::Profile) {
    for _ in 0..2 {
        let mut tx = store.begin().await.expect("a transaction opens");
        assert!(
            store.use_once(&mut tx, "the digest of a token", sample::later(60)).await.expect("using does not fail")
        );
        drop(tx);
    }
}
