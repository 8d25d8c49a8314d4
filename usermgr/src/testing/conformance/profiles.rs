//! The rules for profiles that serde writes and cannot read back: they are not written, and one that cannot be read any more does not affect
//! other accounts. The users of the store have the profile [`Fragile`].

use std::{
    collections::HashSet,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use serde::{Deserialize, Serialize};

use super::{add, added, change, remove, sample, stored};
use crate::{
    Profile, StoreError, UserStore,
    store::{Directory, ListQuery, Listed, Lookup, RecordOf},
    user::{NewRecord, Record, Stamp, User},
};

/// A profile with mistakes that applications make: JSON has no number for every `f32`, and `tags` are left out if they are
/// empty, but required when they are read.
///
/// ```
/// use usermgr::{user::StoredProfile, testing::conformance::profiles::Fragile};
///
/// assert!(StoredProfile::of(&Fragile::named("Ada")).is_ok());
/// assert_eq!(StoredProfile::of(&Fragile { score: f32::NAN, ..Fragile::named("Ada") }).unwrap_err().place(), "score");
/// assert_eq!(StoredProfile::of(&Fragile { tags: Vec::new(), ..Fragile::named("Ada") }).unwrap_err().place(), "tags");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Fragile {
    /// The name, which identifies the profile.
    pub name: String,
    /// A number.
    pub score: f32,
    /// At least one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// The form in JSON.
#[derive(Deserialize)]
struct Written {
    name: String,
    score: f32,
    tags: Vec<String>,
}

/// The names that can no longer be read.
static FORGOTTEN: Mutex<Option<HashSet<String>>> = Mutex::new(None);

impl TryFrom<Written> for Fragile {
    type Error = &'static str;

    fn try_from(Written { name, score, tags }: Written) -> Result<Self, &'static str> {
        let forgotten = FORGOTTEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        match forgotten.as_ref().is_some_and(|names| names.contains(&name)) {
            true => Err("a field is missing"),
            false => Ok(Self { name, score, tags }),
        }
    }
}

impl Fragile {
    /// Returns a profile that can be read back.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), score: 0.5, tags: vec!["one".to_owned()] }
    }

    /// Makes profiles of this name unreadable, as if a later version of the application had another type.
    pub fn forget(name: &str) {
        let mut forgotten = FORGOTTEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        forgotten.get_or_insert_default().insert(name.to_owned());
    }
}

impl Profile for Fragile {
    type Register = Fragile;
    type Update = Fragile;
    type AdminUpdate = Fragile;

    fn create(input: Fragile) -> Self {
        input
    }

    fn apply(&mut self, update: Fragile) {
        *self = update;
    }

    fn apply_admin(&mut self, update: Fragile) {
        *self = update;
    }
}

fn bad() -> [(Fragile, &'static str); 3] {
    let good = || Fragile::named("bad");
    [
        (Fragile { score: f32::INFINITY, ..good() }, "score"),
        (Fragile { score: f32::NAN, ..good() }, "score"),
        (Fragile { tags: Vec::new(), ..good() }, "tags"),
    ]
}

fn assert_refused<T>(outcome: Result<T, StoreError>, place: &str) {
    match outcome.err() {
        Some(StoreError::InvalidProfile(error)) => assert_eq!(error.place(), place),
        other => panic!("a profile that cannot be read back at `{place}`: {other:?}"),
    }
}

/// An account whose profile could be read when it was written. Each has its own name, since stores are tested in parallel.
async fn unreadable<S: UserStore<Profile = Fragile>>(store: &S, email: &str) -> RecordOf<S> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("forgotten-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let new = NewRecord { is_superuser: true, ..sample::account(email, Fragile::named(name.clone())) };
    let record = added(store, &new).await;
    Fragile::forget(&name);
    record
}

/// A profile that cannot be read back is not inserted, and the address stays free.
pub async fn m4_what_could_not_be_read_back_is_not_inserted<S: UserStore<Profile = Fragile>>(store: S, good: Fragile) {
    for (profile, place) in bad() {
        assert_refused(add(&store, &sample::account("ada@example.com", profile)).await, place);
    }
    added(&store, &sample::account("ada@example.com", good)).await;
}

/// A profile that cannot be read back replaces nothing.
pub async fn m4_what_could_not_be_read_back_replaces_nothing<S: UserStore<Profile = Fragile>>(store: S, good: Fragile) {
    let record = added(&store, &sample::account("ada@example.com", good.clone())).await;
    for (profile, place) in bad() {
        let user = User { profile, is_active: false, ..record.user.clone() };
        assert_refused(change(&store, &Record { user, ..record.clone() }).await, place);
    }
    let found = stored(&store, &record.user.id).await.expect("it is there");
    assert_eq!((found.user.profile, found.user.is_active, found.version), (good, true, record.version));
}

/// A lookup of an account whose profile cannot be read reports this, and finds the rest of the account.
pub async fn m5_an_unreadable_account_is_found_without_its_profile<S: UserStore<Profile = Fragile>>(
    store: S,
    _: Fragile,
) {
    let record = unreadable(&store, "ada@example.com").await;
    for by in [Lookup::Id(&record.user.id), Lookup::Email(&record.user.email)] {
        match store.find(by).await.err() {
            Some(StoreError::UnreadableProfile { id, .. }) => assert_eq!(id, record.user.id.to_string()),
            other => panic!("a profile that cannot be read: {other:?}"),
        }
    }
    let found = store.find_stored(&record.user.id).await.expect("looking up does not fail").expect("it is there");
    assert_eq!((&found.user.id, &found.user.email), (&record.user.id, &record.user.email));
    assert_eq!((found.stamp, found.version, found.user.is_superuser), (record.stamp, record.version, true));
}

/// Such an account can be changed, if it is still the version that was read, counted, and deleted.
pub async fn m5_an_unreadable_account_is_changed_and_deleted<S: UserStore<Profile = Fragile>>(store: S, _: Fragile) {
    let id = unreadable(&store, "ada@example.com").await.user.id;
    let old = store.find_stored(&id).await.expect("looking up does not fail").expect("it is there");
    let user = User { is_active: false, ..old.user.clone() };
    let new = Record { user, stamp: Stamp::from_bytes([9; 16]), ..old };
    for stale in [false, true] {
        let mut tx = store.begin().await.expect("a transaction opens");
        match store.update_stored(&mut tx, &new).await {
            Ok(()) if !stale => store.commit(tx).await.expect("the transaction commits"),
            Err(StoreError::Stale) if stale => {}
            other => panic!("an update of an unreadable account, at an old version: {stale}: {other:?}"),
        }
    }
    let found = store.find_stored(&id).await.expect("looking up does not fail").expect("it is there");
    assert_eq!((found.user.is_active, found.stamp, found.version), (false, new.stamp, new.version + 1));
    let mut tx = store.begin().await.expect("a transaction opens");
    assert_eq!(store.lock_and_count_superusers(&mut tx).await.expect("counting does not fail"), 0);
    drop(tx);
    assert!(remove(&store, &id).await, "it was there");
    assert!(store.find_stored(&id).await.expect("looking up does not fail").is_none());
}

/// A list contains such an account in its place, and all the others.
pub async fn m5_an_unreadable_account_is_listed_beside_the_others<S: Directory<Profile = Fragile>>(
    store: S,
    good: Fragile,
) {
    added(&store, &sample::account("ada@example.com", good.clone())).await;
    let broken = unreadable(&store, "bob@example.com").await;
    added(&store, &sample::account("cy@example.com", good)).await;
    let all = store.list(&ListQuery::default()).await.expect("listing does not fail");
    assert_eq!(all.len(), 3);
    let (mut readable, mut unreadable) = (0, Vec::new());
    for listed in all {
        match listed {
            Listed::User(_) => readable += 1,
            Listed::Unreadable(user, error) => unreadable.push((user.id, user.email, error.to_string())),
        }
    }
    assert_eq!((readable, unreadable.len()), (2, 1));
    let (id, email, error) = unreadable.remove(0);
    assert_eq!((&id, &email), (&broken.user.id, &broken.user.email));
    assert!(error.contains(&id.to_string()), "{error}");
}
