//! The rules for credentials: a lookup belongs to one of them, each use is one swap, and all are deleted with their user. The rules for
//! pending steps are in [`pending`](super::pending).

use jiff::Timestamp;

use super::{add, added, change, compete, remove, sample};
use crate::{
    StoreError,
    store::{
        Credential, CredentialDigest, CredentialFilter, CredentialId, CredentialKind, CredentialStore, Identity,
        NewCredential,
    },
};

const BADGE: CredentialKind = CredentialKind::new("shop:badge");
const PHONE: CredentialKind = CredentialKind::new("shop:phone");

/// Text that a careless store would change.
pub(super) const DATA: &str = r#"{"agent":"\u0000 \ud83e\udd80 é '; DROP TABLE usermgr_credentials; --"}"#;

/// More than any rule writes.
const ALL: u32 = 1000;

fn digest(text: &str) -> CredentialDigest {
    CredentialDigest::of(text)
}

/// A badge, identified by `name`.
pub(super) fn badge<I: Clone>(user_id: &I, name: &str) -> NewCredential<I> {
    let mut new = NewCredential::new(user_id.clone(), BADGE, DATA, sample::moment()).lookup(digest(name));
    new.id = CredentialId::new(format!("badge-{name}"));
    new
}

pub(super) async fn person<S: CredentialStore>(store: &S, name: &str, profile: &S::Profile) -> S::Id {
    let new = sample::account(&format!("{name}@example.com"), profile.clone());
    add(store, &new).await.expect("a new account is accepted")
}

async fn insert<S: CredentialStore>(store: &S, new: &NewCredential<S::Id>) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    store.insert_credential(&mut tx, new).await?;
    store.commit(tx).await
}

/// Writes a credential and returns it as it is stored.
pub(super) async fn inserted<S: CredentialStore>(store: &S, new: NewCredential<S::Id>) -> Credential<S::Id> {
    insert(store, &new).await.expect("a new credential is accepted");
    Credential::from(new)
}

async fn found<S: CredentialStore>(store: &S, name: &str, now: Timestamp) -> Option<Credential<S::Id>> {
    let outcome = store.find_credential(&BADGE, &digest(name), now).await;
    outcome.expect("looking up does not fail").map(|(credential, _)| credential)
}

pub(super) async fn of<S: CredentialStore>(store: &S, user_id: &S::Id) -> Vec<Credential<S::Id>> {
    store.credentials(user_id, sample::moment()).await.expect("looking up does not fail")
}

async fn delete<S: CredentialStore>(store: &S, filter: CredentialFilter<'_, S::Id>) -> u64 {
    let mut tx = store.begin().await.expect("a transaction opens");
    let count = store.delete_credentials(&mut tx, filter).await.expect("deleting does not fail");
    store.commit(tx).await.expect("the transaction commits");
    count
}

fn names<I>(credentials: &[Credential<I>]) -> Vec<&str> {
    credentials.iter().map(|credential| credential.id.as_str()).collect()
}

/// Everything that is inserted is read back, by the lookup, by the user and in the list of all.
pub async fn a_credential_keeps_every_field<S: CredentialStore>(store: S, profile: S::Profile) {
    let ada = person(&store, "ada", &profile).await;
    let full = badge(&ada, "a").label("the \"blue\" one \u{1f980}").expires_at(sample::later(60));
    let mut bare = NewCredential::new(ada.clone(), PHONE, "v1.key.text", sample::later(1));
    bare.id = CredentialId::generate(sample::moment());
    let (full, bare) = (inserted(&store, full).await, inserted(&store, bare).await);
    assert_eq!((full.version, full.used_at, bare.lookup.as_ref(), bare.expires_at), (0, None, None, None));
    assert_eq!(found(&store, "a", sample::moment()).await.as_ref(), Some(&full));
    assert_eq!(of(&store, &ada).await, [full.clone(), bare.clone()]);
    let mut all = store.list_credentials(None, ALL).await.expect("listing does not fail");
    all.sort_by_key(|credential| credential.created_at);
    assert_eq!(all, [full, bare]);
}

/// A credential is found with its user's current record, active or not.
pub async fn a_credential_comes_with_its_user<S: CredentialStore>(store: S, profile: S::Profile) {
    let mut ada = added(&store, &sample::account("ada@example.com", profile.clone())).await;
    let bob = person(&store, "bob", &profile).await;
    inserted(&store, badge(&bob, "b")).await;
    inserted(&store, badge(&ada.user.id, "a")).await;
    ada.user.is_active = false;
    change(&store, &ada).await.expect("the account changes");
    let outcome = store.find_credential(&BADGE, &digest("a"), sample::moment()).await;
    let (credential, record) = outcome.expect("looking up does not fail").expect("it is there");
    assert_eq!((&credential.user_id, &record.user.id, record.version), (&ada.user.id, &ada.user.id, 1));
    assert!(!record.user.is_active);
}

/// Nothing is found under another lookup or another kind, nor a credential without a lookup.
pub async fn an_unknown_lookup_is_no_credential<S: CredentialStore>(store: S, profile: S::Profile) {
    assert_eq!(found(&store, "a", sample::moment()).await, None);
    let ada = person(&store, "ada", &profile).await;
    inserted(&store, badge(&ada, "a")).await;
    inserted(&store, NewCredential::new(ada.clone(), BADGE, "{}", sample::moment())).await;
    assert_eq!(found(&store, "b", sample::moment()).await, None);
    for (kind, lookup) in [(PHONE, digest("a")), (BADGE, CredentialDigest::from_stored(""))] {
        let outcome = store.find_credential(&kind, &lookup, sample::moment()).await;
        assert!(outcome.expect("looking up does not fail").is_none());
    }
}

/// A lookup is unique in its kind, for the same user too. It is compared byte by byte. There may be any number of credentials without
/// a lookup.
pub async fn a_lookup_is_taken_once_in_its_kind<S: CredentialStore>(store: S, profile: S::Profile) {
    let (ada, bob) = (person(&store, "ada", &profile).await, person(&store, "bob", &profile).await);
    inserted(&store, badge(&ada, "a")).await;
    for user in [&ada, &bob] {
        let again = NewCredential::new(user.clone(), BADGE, "{}", sample::moment()).lookup(digest("a"));
        let outcome = insert(&store, &again).await;
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    }
    inserted(&store, NewCredential::new(bob.clone(), PHONE, "{}", sample::moment()).lookup(digest("a"))).await;
    for letter in ["x", "X"] {
        let lookup = CredentialDigest::from_stored(letter);
        inserted(&store, NewCredential::new(bob.clone(), BADGE, "{}", sample::moment()).lookup(lookup)).await;
    }
    for _ in 0..2 {
        inserted(&store, NewCredential::new(bob.clone(), BADGE, "{}", sample::moment())).await;
    }
    assert_eq!((of(&store, &ada).await.len(), of(&store, &bob).await.len()), (1, 5));
}

/// An identity at a provider is found by provider and subject, and belongs to one user. Case matters: providers have
/// subjects that differ only in case.
pub async fn an_identity_is_linked_once<S: CredentialStore>(store: S, profile: S::Profile) {
    let (ada, bob) = (person(&store, "ada", &profile).await, person(&store, "bob", &profile).await);
    let identity = Identity::new("github", "a\u{e9}").email("ada@github.example");
    inserted(&store, identity.to_credential(ada.clone(), sample::moment())).await;
    for user in [&ada, &bob] {
        let outcome =
            insert(&store, &Identity::new("github", "a\u{e9}").to_credential(user.clone(), sample::moment())).await;
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    }
    for other in [Identity::new("github", "A\u{e9}"), Identity::new("gitlab", "a\u{e9}"), Identity::new("github", "ae")]
    {
        inserted(&store, other.to_credential(bob.clone(), sample::moment())).await;
    }
    let outcome = store.find_credential(&Identity::KIND, &identity.lookup(), sample::moment()).await;
    let (credential, record) = outcome.expect("looking up does not fail").expect("it is there");
    assert_eq!(Identity::read(&credential).expect("it is an identity"), identity);
    assert_eq!(record.user.id, ada);
}

/// An insert never replaces a credential of the same id.
pub async fn an_insert_never_replaces_a_credential<S: CredentialStore>(store: S, profile: S::Profile) {
    let (ada, bob) = (person(&store, "ada", &profile).await, person(&store, "bob", &profile).await);
    let kept = inserted(&store, badge(&ada, "a")).await;
    let outcome = insert(&store, &badge(&bob, "a").lookup(digest("b"))).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_eq!(found(&store, "a", sample::moment()).await, Some(kept));
}

/// Of sixteen tasks that insert one lookup at the same time, one succeeds.
pub async fn of_sixteen_inserts_of_one_lookup_one_wins<S: CredentialStore>(store: S, profile: S::Profile) {
    let ada = person(&store, "ada", &profile).await;
    let (store, outcomes) = compete(store, move |store, number| {
        let ada = ada.clone();
        async move {
            let mut new = badge(&ada, "a");
            new.id = CredentialId::new(format!("rival-{number}"));
            insert(&*store, &new).await
        }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let refused =
        |outcome: &Result<(), StoreError>| matches!(outcome, Ok(()) | Err(StoreError::Conflict | StoreError::Stale));
    assert!(outcomes.iter().all(refused), "{outcomes:?}");
    assert!(found(&*store, "a", sample::moment()).await.is_some());
}

/// A credential for a deleted user is refused.
pub async fn x13_a_credential_of_an_unknown_user_is_refused<S: CredentialStore>(store: S, profile: S::Profile) {
    let gone = person(&store, "ada", &profile).await;
    assert!(remove(&store, &gone).await);
    let outcome = insert(&store, &badge(&gone, "a")).await;
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
}

/// A swap replaces what may change, and increments the version; the user, the kind and the lookup stay.
pub async fn a_swap_replaces_what_may_change<S: CredentialStore>(store: S, profile: S::Profile) {
    let (ada, bob) = (person(&store, "ada", &profile).await, person(&store, "bob", &profile).await);
    let before = inserted(&store, badge(&ada, "a").label("old").expires_at(sample::later(60))).await;
    let other = inserted(&store, badge(&ada, "b")).await;
    let mut wanted = before.clone();
    (wanted.label, wanted.data, wanted.used_at) = (None, "v1.key.text".to_owned(), Some(sample::later(1)));
    wanted.expires_at = None;
    let mut swapped = wanted.clone();
    (swapped.user_id, swapped.kind, swapped.lookup) = (bob, PHONE, Some(digest("c")));
    assert!(store.swap_credential(&swapped).await.expect("swapping does not fail"));
    wanted.version = 1;
    assert_eq!(found(&store, "a", sample::later(3600)).await, Some(wanted));
    assert_eq!(found(&store, "b", sample::moment()).await, Some(other));
}

/// A credential that has changed since it was read, or is gone, is not swapped.
pub async fn an_old_version_is_not_swapped<S: CredentialStore>(store: S, profile: S::Profile) {
    let ada = person(&store, "ada", &profile).await;
    let mut read = inserted(&store, badge(&ada, "a")).await;
    assert!(store.swap_credential(&read).await.expect("swapping does not fail"));
    let kept = found(&store, "a", sample::moment()).await;
    read.data = "{}".to_owned();
    for version in [0, 2] {
        read.version = version;
        assert!(!store.swap_credential(&read).await.expect("swapping does not fail"), "version {version}");
    }
    assert_eq!(found(&store, "a", sample::moment()).await, kept);
    assert_eq!(delete(&store, CredentialFilter::User(&ada)).await, 1);
    read.version = 1;
    assert!(!store.swap_credential(&read).await.expect("swapping does not fail"));
    assert_eq!(found(&store, "a", sample::moment()).await, None);
}

/// Of sixteen tasks that use one credential at the same time, one succeeds.
pub async fn of_sixteen_swaps_of_one_version_one_wins<S: CredentialStore>(store: S, profile: S::Profile) {
    let ada = person(&store, "ada", &profile).await;
    let read = inserted(&store, badge(&ada, "a")).await;
    let (store, outcomes) = compete(store, move |store, number| {
        let mut mine = read.clone();
        mine.data = number.to_string();
        async move { store.swap_credential(&mine).await.expect("swapping does not fail").then_some(mine.data) }
    })
    .await;
    let winners: Vec<_> = outcomes.into_iter().flatten().collect();
    let kept = found(&*store, "a", sample::moment()).await.expect("it is there");
    assert_eq!((winners, kept.version), (vec![kept.data], 1));
}

/// From the time at which it expires, a credential is not found, to the microsecond.
pub async fn an_expired_credential_is_not_found<S: CredentialStore>(store: S, profile: S::Profile) {
    let ada = person(&store, "ada", &profile).await;
    inserted(&store, badge(&ada, "a").expires_at(sample::later(60))).await;
    let end = sample::later(60);
    let before = Timestamp::from_microsecond(end.as_microsecond() - 1).expect("in range");
    for (now, count) in [(before, 1), (end, 0)] {
        assert_eq!(found(&store, "a", now).await.iter().count(), count);
        assert_eq!(store.credentials(&ada, now).await.expect("looking up does not fail").len(), count);
    }
}

/// A deletion deletes the named credentials of the user, and none of others.
pub async fn credentials_are_deleted_by_name_and_kind<S: CredentialStore>(store: S, profile: S::Profile) {
    let (ada, bob) = (person(&store, "ada", &profile).await, person(&store, "bob", &profile).await);
    for name in ["a", "b", "c"] {
        inserted(&store, badge(&ada, name)).await;
    }
    let phone = inserted(&store, NewCredential::new(ada.clone(), PHONE, "{}", sample::later(1))).await;
    inserted(&store, badge(&bob, "d").expires_at(sample::moment())).await;
    let id = CredentialId::new("badge-a");
    assert_eq!(delete(&store, CredentialFilter::One { user_id: &bob, id: &id }).await, 0);
    assert_eq!(delete(&store, CredentialFilter::One { user_id: &ada, id: &id }).await, 1);
    assert_eq!(names(&of(&store, &ada).await), ["badge-b", "badge-c", phone.id.as_str()]);
    assert_eq!(delete(&store, CredentialFilter::Kind { user_id: &ada, kind: &BADGE }).await, 2);
    assert_eq!(of(&store, &ada).await, [phone]);
    assert_eq!(delete(&store, CredentialFilter::User(&ada)).await, 1);
    assert_eq!(of(&store, &ada).await, []);
    assert_eq!(delete(&store, CredentialFilter::User(&bob)).await, 1, "an expired one is deleted too");
}

/// A credential that was written in a dropped transaction does not exist, and one that was deleted in it, also with its user, does.
pub async fn a_dropped_transaction_leaves_credentials_as_they_were<S: CredentialStore>(store: S, profile: S::Profile) {
    let ada = person(&store, "ada", &profile).await;
    let kept = inserted(&store, badge(&ada, "a")).await;
    let mut tx = store.begin().await.expect("a transaction opens");
    store.insert_credential(&mut tx, &badge(&ada, "b")).await.expect("a new credential is accepted");
    let filter = CredentialFilter::One { user_id: &ada, id: &kept.id };
    assert_eq!(store.delete_credentials(&mut tx, filter).await.expect("deleting does not fail"), 1);
    drop(tx);
    let mut tx = store.begin().await.expect("a transaction opens");
    assert!(store.delete(&mut tx, &ada).await.expect("deleting does not fail"));
    drop(tx);
    assert_eq!(of(&store, &ada).await, [kept]);
    inserted(&store, badge(&ada, "b")).await;
}

/// A credential of an account that was inserted in the same transaction is stored with the account.
pub async fn a_credential_stands_with_its_transaction<S: CredentialStore>(store: S, profile: S::Profile) {
    let mut tx = store.begin().await.expect("a transaction opens");
    let ada = store.insert(&mut tx, &sample::account("ada@example.com", profile)).await.expect("accepted");
    store.insert_credential(&mut tx, &badge(&ada, "a")).await.expect("a new credential is accepted");
    store.commit(tx).await.expect("the transaction commits");
    assert_eq!(names(&of(&store, &ada).await), ["badge-a"]);
}

/// The pages contain every credential once, in the order of their ids, even if the last one of a page is deleted.
pub async fn the_pages_hold_every_credential_once<S: CredentialStore>(store: S, profile: S::Profile) {
    let (ada, bob) = (person(&store, "ada", &profile).await, person(&store, "bob", &profile).await);
    for name in ["e", "b", "d", "a", "c"] {
        let user = if ["a", "d"].contains(&name) { &ada } else { &bob };
        inserted(&store, badge(user, name).expires_at(sample::moment())).await;
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.list_credentials(after.as_ref(), 2).await.expect("listing does not fail");
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 2);
        if seen.is_empty() {
            delete(&store, CredentialFilter::One { user_id: &last.user_id, id: &last.id }).await;
        }
        after = Some(last.id.clone());
        seen.extend(page.into_iter().map(|credential| credential.id.to_string()));
        assert!(seen.len() <= 5, "{seen:?}");
    }
    assert_eq!(seen, ["badge-a", "badge-b", "badge-c", "badge-d", "badge-e"]);
}

/// The pages of a kind contain every credential of this kind once, expired ones included, and none of another kind.
pub async fn the_pages_of_a_kind_hold_nothing_else<S: CredentialStore>(store: S, profile: S::Profile) {
    let (ada, bob) = (person(&store, "ada", &profile).await, person(&store, "bob", &profile).await);
    for (name, user) in [("c", &ada), ("a", &bob), ("b", &ada)] {
        inserted(&store, badge(user, name).expires_at(sample::moment())).await;
    }
    let mut phone = NewCredential::new(ada.clone(), PHONE, "{}", sample::moment());
    phone.id = CredentialId::new("badge-bb");
    inserted(&store, phone).await;
    let page = async |kind: &CredentialKind, after: Option<&CredentialId>| {
        let page = store.list_credentials_of_kind(kind, after, 2).await.expect("listing does not fail");
        page.into_iter().map(|credential| credential.id).collect::<Vec<_>>()
    };
    let ids = |names: &[&str]| names.iter().map(|name| CredentialId::new(*name)).collect::<Vec<_>>();
    let first = page(&BADGE, None).await;
    assert_eq!(first, ids(&["badge-a", "badge-b"]));
    assert_eq!(page(&BADGE, first.last()).await, ids(&["badge-c"]));
    assert_eq!(page(&PHONE, None).await, ids(&["badge-bb"]));
    assert_eq!(page(&PHONE, Some(&CredentialId::new("badge-bb"))).await, ids(&[]));
}

/// Deleting a user deletes all their credentials, and the lookups are free again.
pub async fn x13_credentials_go_with_their_user<S: CredentialStore>(store: S, profile: S::Profile) {
    let (ada, bob) = (person(&store, "ada", &profile).await, person(&store, "bob", &profile).await);
    inserted(&store, badge(&ada, "a")).await;
    inserted(&store, badge(&bob, "b")).await;
    assert!(remove(&store, &ada).await);
    assert_eq!(found(&store, "a", sample::moment()).await, None);
    assert_eq!(of(&store, &ada).await, []);
    inserted(&store, badge(&bob, "a")).await;
    assert_eq!(of(&store, &bob).await.len(), 2);
}

/// A purge deletes the credentials that expired before the given time, and none that is still valid.
pub async fn purging_takes_expired_credentials<S: CredentialStore>(store: S, profile: S::Profile) {
    let ada = person(&store, "ada", &profile).await;
    inserted(&store, badge(&ada, "a").expires_at(sample::later(1))).await;
    inserted(&store, badge(&ada, "b").expires_at(sample::later(5))).await;
    inserted(&store, badge(&ada, "c")).await;
    for (seconds, count) in [(1, 0), (5, 1), (6, 1), (3600, 0)] {
        let purged = store.purge_expired(sample::later(seconds)).await.expect("purging does not fail");
        assert_eq!(purged, count, "at {seconds} seconds");
    }
    assert_eq!(names(&of(&store, &ada).await), ["badge-c"]);
}
