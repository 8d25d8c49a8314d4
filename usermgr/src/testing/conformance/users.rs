//! The rules for accounts: what a lookup finds, what an insert, an update and a deletion do, and that the store itself decides who
//! was first.

use serde_json::to_value;

use super::{RIVALS, add, added, change, compete, remove, sample, stored};
use crate::{
    StoreError, UserStore,
    store::{Lookup, RecordOf},
    user::{NewRecord, PasswordHash, Record, Stamp, User, Username},
};

pub(super) fn assert_same<S: UserStore>(found: &RecordOf<S>, expected: &RecordOf<S>) {
    let User { id, email, username, is_active, is_superuser, is_verified, created_at, profile } = &expected.user;
    assert_eq!(found.user.id, *id, "the id");
    assert_eq!(found.user.email.as_str(), email.as_str(), "the shown form of the address");
    let shown = |name: &Option<Username>| name.as_ref().map(|name| name.as_str().to_owned());
    assert_eq!(shown(&found.user.username), shown(username), "the shown form of the user name");
    assert_eq!(found.user.is_active, *is_active, "is_active");
    assert_eq!(found.user.is_superuser, *is_superuser, "is_superuser");
    assert_eq!(found.user.is_verified, *is_verified, "is_verified");
    assert_eq!(found.user.created_at, *created_at, "created_at, to the microsecond");
    assert_eq!(to_value(&found.user.profile).ok(), to_value(profile).ok(), "the profile");
    assert_eq!(exposed(&found.password_hash), exposed(&expected.password_hash), "the password hash");
    assert_eq!(found.stamp, expected.stamp, "the stamp");
    assert_eq!(found.version, expected.version, "the version");
}

fn exposed(hash: &Option<PasswordHash>) -> Option<&str> {
    hash.as_ref().map(PasswordHash::expose)
}

/// Every field of a new account is read back, at version 0, by id and by address.
pub async fn an_insert_keeps_every_field<S: UserStore>(store: S, profile: S::Profile) {
    let new =
        NewRecord { is_superuser: true, is_active: false, ..sample::account("Ada.Lovelace@example.com", profile) };
    let id = add(&store, &new).await.expect("a new account is accepted");
    let expected = new.with_id(id);
    for by in [Lookup::Id(&expected.user.id), Lookup::Email(&new.email)] {
        let found = store.find(by).await.expect("looking up does not fail").expect("what was committed is found");
        assert_same::<S>(&found, &expected);
    }
}

/// An account without a password stays without one.
pub async fn an_account_may_have_no_password<S: UserStore>(store: S, profile: S::Profile) {
    let found = added(&store, &NewRecord { password_hash: None, ..sample::account("ada@example.com", profile) }).await;
    assert!(found.password_hash.is_none());
}

/// Every field of an update is read back, and the version is one more.
pub async fn an_update_keeps_every_field_and_counts_the_version<S: UserStore>(store: S, profile: S::Profile) {
    let first = added(&store, &sample::account("ada@example.com", profile)).await;
    let user = User {
        email: sample::address("Countess@example.com"),
        is_active: false,
        is_superuser: true,
        is_verified: true,
        ..first.user.clone()
    };
    let hash = Some(PasswordHash::new("$argon2id$another"));
    let changed = Record { user, password_hash: hash, stamp: Stamp::from_bytes([0xff; 16]), version: first.version };
    change(&store, &changed).await.expect("the update applies");
    let found = stored(&store, &changed.user.id).await.expect("the account is still there");
    assert_same::<S>(&found, &Record { version: first.version + 1, ..changed });
}

/// A lookup compares canonical addresses and returns the stored form.
pub async fn an_account_is_found_by_any_spelling_of_its_address<S: UserStore>(store: S, profile: S::Profile) {
    let id = added(&store, &sample::account("Zo\u{e9}@example.com", profile)).await.user.id;
    let found =
        store.find(Lookup::Email(&sample::address("ZOE\u{301}@EXAMPLE.com"))).await.expect("looking up does not fail");
    let user = found.expect("it is the same address").user;
    assert_eq!((user.id, user.email.as_str()), (id, "Zo\u{e9}@example.com"));
}

/// No character of an address is a wildcard, and none truncates it.
pub async fn x9_an_address_is_compared_letter_by_letter<S: UserStore>(store: S, profile: S::Profile) {
    let addresses = [
        "a_b@example.com",
        "axb@example.com",
        "a%@example.com",
        "o'brien@example.com",
        "a--b@example.com",
        "a*@example.com",
    ];
    for email in addresses {
        add(&store, &sample::account(email, profile.clone())).await.expect(email);
    }
    for email in addresses {
        let found = store.find(Lookup::Email(&sample::address(email))).await.expect(email).expect(email);
        assert_eq!(found.user.email.as_str(), email);
    }
}

/// Not found is `None`, not an error.
pub async fn no_user_is_found_in_an_empty_store<S: UserStore>(store: S, profile: S::Profile) {
    let gone = added(&store, &sample::account("ada@example.com", profile)).await.user;
    remove(&store, &gone.id).await;
    assert!(stored(&store, &gone.id).await.is_none());
    assert!(store.find(Lookup::Email(&gone.email)).await.expect("looking up does not fail").is_none());
}

/// An id comes from a URL, and may be any text: an unknown or impossible one is `None` and not an error.
pub async fn u5_an_impossible_id_finds_no_user<S: UserStore>(store: S, profile: S::Profile) {
    added(&store, &sample::account("ada@example.com", profile)).await;
    for text in
        ["", "a\0b", "%", "'", "\u{1f980}", "0", "-1", "00000000-0000-0000-0000-000000000000", &"x".repeat(4096)]
    {
        if let Ok(id) = text.parse::<S::Id>() {
            assert!(stored(&store, &id).await.is_none(), "{text:?}");
        }
    }
}

/// The second account of one canonical address is refused, and the first stays as it is.
pub async fn r1_a_taken_address_is_a_conflict_on_insert<S: UserStore>(store: S, profile: S::Profile) {
    let first = added(&store, &sample::account("ada@example.com", profile.clone())).await;
    let second = add(&store, &sample::account("ADA@example.com", profile)).await;
    assert!(matches!(second, Err(StoreError::Conflict)), "{second:?}");
    let found =
        store.find(Lookup::Email(&first.user.email)).await.expect("looking up does not fail").expect("the first stays");
    assert_same::<S>(&found, &first);
}

/// An account cannot move to the address of another.
pub async fn a_taken_address_is_a_conflict_on_update<S: UserStore>(store: S, profile: S::Profile) {
    added(&store, &sample::account("ada@example.com", profile.clone())).await;
    let bob = added(&store, &sample::account("bob@example.com", profile)).await;
    let mut moved = bob.clone();
    moved.user.email = sample::address("Ada@example.com");
    let outcome = change(&store, &moved).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_same::<S>(&stored(&store, &bob.user.id).await.expect("the account remains"), &bob);
}

/// Another spelling of an account's own address is not a conflict.
pub async fn an_account_may_respell_its_own_address<S: UserStore>(store: S, profile: S::Profile) {
    let mut record = added(&store, &sample::account("ada@example.com", profile)).await;
    record.user.email = sample::address("Ada@example.com");
    change(&store, &record).await.expect("the address is its own");
    assert_eq!(
        stored(&store, &record.user.id).await.expect("the account remains").user.email.as_str(),
        "Ada@example.com"
    );
}

/// An address that its account has left, or whose account was deleted, can be taken.
pub async fn a_left_address_is_free<S: UserStore>(store: S, profile: S::Profile) {
    let mut ada = added(&store, &sample::account("ada@example.com", profile.clone())).await;
    ada.user.email = sample::address("countess@example.com");
    change(&store, &ada).await.expect("the update applies");
    add(&store, &sample::account("ada@example.com", profile.clone())).await.expect("the address is free again");
    remove(&store, &ada.user.id).await;
    add(&store, &sample::account("countess@example.com", profile)).await.expect("the account was deleted");
}

/// An update of a version that is not the stored one is refused and changes nothing.
pub async fn an_old_version_is_stale<S: UserStore>(store: S, profile: S::Profile) {
    let old = added(&store, &sample::account("ada@example.com", profile)).await;
    let mut first = old.clone();
    first.user.is_verified = true;
    change(&store, &first).await.expect("the update applies");
    let mut second = old.clone();
    second.user.is_active = false;
    let outcome = change(&store, &second).await;
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
    assert_same::<S>(
        &stored(&store, &old.user.id).await.expect("the account remains"),
        &Record { version: old.version + 1, ..first },
    );
}

/// An update of a deleted account is refused and does not restore it.
pub async fn a_missing_account_is_stale<S: UserStore>(store: S, profile: S::Profile) {
    let gone = added(&store, &sample::account("ada@example.com", profile)).await;
    remove(&store, &gone.user.id).await;
    let outcome = change(&store, &gone).await;
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
    assert!(stored(&store, &gone.user.id).await.is_none());
}

/// A deletion returns `true`, or `false` if there was nothing to delete; other accounts stay.
pub async fn deleting_tells_whether_there_was_one<S: UserStore>(store: S, profile: S::Profile) {
    let ada = added(&store, &sample::account("ada@example.com", profile.clone())).await.user.id;
    let bob = added(&store, &sample::account("bob@example.com", profile)).await.user.id;
    assert!(remove(&store, &ada).await);
    assert!(!remove(&store, &ada).await);
    assert!(stored(&store, &ada).await.is_none());
    assert!(stored(&store, &bob).await.is_some());
}

/// The id of a deleted account is not used again, not even if it was the last one.
pub async fn x13_an_id_is_never_used_again<S: UserStore>(store: S, profile: S::Profile) {
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = added(&store, &sample::account("ada@example.com", profile.clone())).await.user.id;
        assert!(!ids.contains(&id), "{id} was used again");
        remove(&store, &id).await;
        ids.push(id);
    }
}

/// Superusers count while they are active.
pub async fn m2_active_superusers_are_counted<S: UserStore>(store: S, profile: S::Profile) {
    for (email, is_superuser, is_active) in [
        ("ada@example.com", true, true),
        ("bob@example.com", true, false),
        ("cy@example.com", false, true),
        ("di@example.com", true, true),
    ] {
        added(&store, &NewRecord { is_superuser, is_active, ..sample::account(email, profile.clone()) }).await;
    }
    let mut tx = store.begin().await.expect("a transaction opens");
    assert_eq!(store.lock_and_count_superusers(&mut tx).await.expect("counting does not fail"), 2);
}

/// Sixteen tasks register one address in two spellings at the same time: one account, fifteen conflicts.
pub async fn r1_of_sixteen_inserts_of_one_address_one_wins<S: UserStore>(store: S, profile: S::Profile) {
    let (store, outcomes) = compete(store, |store, number| {
        let email = if number % 2 == 0 { "ada@example.com" } else { "Ada@example.com" };
        let new = sample::account(email, profile.clone());
        async move { add(&*store, &new).await }
    })
    .await;
    let winners: Vec<_> = outcomes.iter().flatten().collect();
    let conflicts = outcomes.iter().filter(|outcome| matches!(outcome, Err(StoreError::Conflict))).count();
    assert_eq!((winners.len(), conflicts), (1, RIVALS - 1), "{outcomes:?}");
    let found = store.find(Lookup::Email(&sample::address("ada@example.com"))).await.expect("looking up does not fail");
    assert_eq!(&found.expect("there is one").user.id, winners[0]);
}

/// Sixteen tasks update one version at the same time: one applies, fifteen are stale, and the winner's update is stored.
pub async fn t1_of_sixteen_updates_of_one_version_one_wins<S: UserStore>(store: S, profile: S::Profile) {
    let old = added(&store, &sample::account("ada@example.com", profile)).await;
    let (store, outcomes) = compete(store, |store, number| {
        let mine = Record { stamp: Stamp::from_bytes([number as u8; 16]), ..old.clone() };
        async move { change(&*store, &mine).await.map(|()| mine.stamp) }
    })
    .await;
    let winners: Vec<_> = outcomes.iter().flatten().collect();
    let stale = outcomes.iter().filter(|outcome| matches!(outcome, Err(StoreError::Stale))).count();
    assert_eq!((winners.len(), stale), (1, RIVALS - 1), "{outcomes:?}");
    let found = stored(&*store, &old.user.id).await.expect("the account remains");
    assert_eq!((&found.stamp, found.version), (winners[0], old.version + 1));
}

/// The accounts that a transaction holds are those of the ids, in any order: each once, in its current state.
pub async fn accounts_are_found_to_be_held<S: UserStore>(store: S, profile: S::Profile) {
    let ada = added(&store, &sample::account("ada@example.com", profile.clone())).await;
    let bob = added(&store, &sample::account("bob@example.com", profile.clone())).await;
    let gone = added(&store, &sample::account("cy@example.com", profile)).await.user.id;
    remove(&store, &gone).await;
    change(&store, &ada).await.expect("the update applies");
    let (ada, bob) = (&ada.user.id, &bob.user.id);
    for (ids, expected) in [
        ([ada, bob], vec![(ada, 1), (bob, 0)]),
        ([bob, ada], vec![(ada, 1), (bob, 0)]),
        ([ada, ada], vec![(ada, 1)]),
        ([&gone, bob], vec![(bob, 0)]),
        ([&gone, &gone], vec![]),
    ] {
        let mut tx = store.begin().await.expect("a transaction opens");
        let held = store.find_locked(&mut tx, ids).await.expect("looking up does not fail");
        let found: Vec<_> = held.iter().map(|record| (&record.user.id, record.version)).collect();
        assert_eq!(found.len(), expected.len(), "{ids:?}: {found:?}");
        assert!(expected.iter().all(|row| found.contains(row)), "{ids:?}: {found:?}");
    }
}

/// A token is used up by its first use, and not by the use of another token. It is forgotten when it would have expired, and not before.
pub async fn w4_a_token_is_used_once<S: UserStore>(store: S, _: S::Profile) {
    let uses = async |token: &str, seconds| {
        let mut tx = store.begin().await.expect("a transaction opens");
        let used = store.use_once(&mut tx, token, sample::later(seconds)).await.expect("using does not fail");
        store.commit(tx).await.expect("the transaction commits");
        used
    };
    let (one, other) = ("0123456789abcdefghijklmnopqrstuvwxyzABCDE-_", "0123456789abcdefghijklmnopqrstuvwxyzABCDE_-");
    assert!(uses(one, 60).await);
    assert!(!uses(one, 60).await);
    assert!(uses(other, 10).await);
    assert!(uses(&other.to_uppercase(), 60).await, "letters differ by their case");
    assert_eq!(store.purge_expired(sample::later(10)).await.expect("purging does not fail"), 0);
    assert_eq!(store.purge_expired(sample::later(11)).await.expect("purging does not fail"), 1);
    assert!(!uses(one, 60).await);
}

/// Sixteen tasks use one token at the same time: one succeeds.
pub async fn w4_of_sixteen_uses_of_one_token_one_wins<S: UserStore>(store: S, _: S::Profile) {
    let (_, outcomes) = compete(store, |store, _| async move {
        let mut tx = store.begin().await?;
        let used = store.use_once(&mut tx, "the digest of a token", sample::later(60)).await?;
        store.commit(tx).await.map(|()| used)
    })
    .await;
    let used = outcomes.iter().filter(|outcome| matches!(outcome, Ok(true))).count();
    // A database may give up one of many; that one has not used the token.
    let refused = outcomes.iter().filter(|outcome| matches!(outcome, Ok(false) | Err(StoreError::Stale))).count();
    assert_eq!((used, refused), (1, RIVALS - 1), "{outcomes:?}");
}
