//! The rules for user names, for stores that keep them: what a look-up finds, and that the store itself decides who was first.

use super::{RIVALS, add, added, change, compete, remove, sample, stored, users::assert_same};
use crate::{
    StoreError, UserStore,
    store::Lookup,
    user::{NewRecord, Username},
};

fn name(text: &str) -> Username {
    Username::from_stored(text)
}

fn named<P>(email: &str, username: &str, profile: P) -> NewRecord<P> {
    NewRecord { username: Some(name(username)), ..sample::account(email, profile) }
}

/// A name is read back as it was written, by each kind of look-up, and is found in any case.
pub async fn a_name_is_kept_and_found_in_any_case<S: UserStore>(store: S, profile: S::Profile) {
    let new = named("ada@example.com", "Ada.Lovelace", profile);
    let expected = new.with_id(add(&store, &new).await.expect("a new account is accepted"));
    let (upper, lower) = (name("ADA.LOVELACE"), name("ada.lovelace"));
    for by in
        [Lookup::Id(&expected.user.id), Lookup::Email(&new.email), Lookup::Username(&upper), Lookup::Username(&lower)]
    {
        let found = store.find(by).await.expect("looking up does not fail").expect("what was committed is found");
        assert_same::<S>(&found, &expected);
    }
}

/// No character of a name is a wildcard, and an unknown or impossible name is `None`.
pub async fn x9_a_name_is_compared_letter_by_letter<S: UserStore>(store: S, profile: S::Profile) {
    let names = ["a_b", "axb", "a.b", "a-b", "a%b", "o'brien", "a--b"];
    for (number, username) in names.into_iter().enumerate() {
        let new = named(&format!("user{number}@example.com"), username, profile.clone());
        add(&store, &new).await.expect(username);
    }
    for username in names {
        let found = store.find(Lookup::Username(&name(username))).await.expect(username).expect(username);
        assert_eq!(found.user.username.as_ref().map(Username::as_str), Some(username));
    }
    let long = "a".repeat(4096);
    for unknown in ["", " ", "a", "a_", "%", "_", "a\0b", "\u{1f980}", "user0@example.com", &long] {
        let found = store.find(Lookup::Username(&name(unknown))).await.expect("looking up does not fail");
        assert!(found.is_none(), "{unknown:?}");
    }
}

/// Any number of accounts may have no name.
pub async fn accounts_may_have_no_name<S: UserStore>(store: S, profile: S::Profile) {
    for email in ["ada@example.com", "bob@example.com", "cy@example.com"] {
        let found = added(&store, &sample::account(email, profile.clone())).await;
        assert!(found.user.username.is_none());
    }
}

/// The second account of one canonical name is refused, and the first stays as it is.
pub async fn un2_a_taken_name_is_a_conflict_on_insert<S: UserStore>(store: S, profile: S::Profile) {
    let first = added(&store, &named("ada@example.com", "ada", profile.clone())).await;
    let second = add(&store, &named("bob@example.com", "ADA", profile)).await;
    assert!(matches!(second, Err(StoreError::Conflict)), "{second:?}");
    let bob = store.find(Lookup::Email(&sample::address("bob@example.com"))).await.expect("looking up does not fail");
    assert!(bob.is_none());
    assert_same::<S>(&stored(&store, &first.user.id).await.expect("the first stays"), &first);
}

/// An account cannot take the name of another.
pub async fn un2_a_taken_name_is_a_conflict_on_update<S: UserStore>(store: S, profile: S::Profile) {
    added(&store, &named("ada@example.com", "ada", profile.clone())).await;
    let bob = added(&store, &named("bob@example.com", "bob", profile)).await;
    let mut renamed = bob.clone();
    renamed.user.username = Some(name("Ada"));
    let outcome = change(&store, &renamed).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_same::<S>(&stored(&store, &bob.user.id).await.expect("the account remains"), &bob);
}

/// A name can be set, spelled otherwise, replaced and removed.
pub async fn a_name_is_changed_by_an_update<S: UserStore>(store: S, profile: S::Profile) {
    let mut ada = added(&store, &sample::account("ada@example.com", profile)).await;
    for username in [Some("ada"), Some("Ada"), Some("countess"), None, Some("ada")] {
        ada.user.username = username.map(name);
        change(&store, &ada).await.expect("the update applies");
        ada.version += 1;
        assert_same::<S>(&stored(&store, &ada.user.id).await.expect("the account remains"), &ada);
    }
    let left = store.find(Lookup::Username(&name("countess"))).await.expect("looking up does not fail");
    assert!(left.is_none(), "a name that was left finds its account");
}

/// A name that its account has left, or whose account was deleted, can be taken.
pub async fn un5_a_left_name_is_free<S: UserStore>(store: S, profile: S::Profile) {
    let mut ada = added(&store, &named("ada@example.com", "ada", profile.clone())).await;
    ada.user.username = Some(name("countess"));
    change(&store, &ada).await.expect("the update applies");
    add(&store, &named("bob@example.com", "ada", profile.clone())).await.expect("the name is free again");
    remove(&store, &ada.user.id).await;
    add(&store, &named("cy@example.com", "countess", profile)).await.expect("the account was deleted");
}

/// Sixteen tasks write one name in two spellings at the same time: one account, fifteen conflicts.
pub async fn un2_of_sixteen_inserts_of_one_name_one_wins<S: UserStore>(store: S, profile: S::Profile) {
    let (store, outcomes) = compete(store, |store, number| {
        let username = if number % 2 == 0 { "ada" } else { "Ada" };
        let new = named(&format!("user{number}@example.com"), username, profile.clone());
        async move { add(&*store, &new).await }
    })
    .await;
    let winners: Vec<_> = outcomes.iter().flatten().collect();
    let conflicts = outcomes.iter().filter(|outcome| matches!(outcome, Err(StoreError::Conflict))).count();
    assert_eq!((winners.len(), conflicts), (1, RIVALS - 1), "{outcomes:?}");
    let found = store.find(Lookup::Username(&name("ada"))).await.expect("looking up does not fail");
    assert_eq!(&found.expect("there is one").user.id, winners[0]);
}
