//! A store in memory, for tests, examples and first steps. The rows are in maps behind one lock. Dropping the last
//! clone of the store drops them.

mod credential;
mod history;
mod import;
mod outbox;
mod sessions;
mod state;
mod transaction;
mod users;

use std::{fmt, marker::PhantomData, sync::Arc};

use tokio::sync::Mutex;
use uuid::Uuid;

use self::state::State;
pub use self::transaction::MemoryTx;
use crate::user::NoProfile;

/// A store in memory that fulfills the whole contract of [`UserStore`](crate::UserStore). Clones share the same rows.
///
/// Only one transaction is open at a time. All other callers, readers included, wait for its end, as with a database
/// over a single connection. Profiles are stored as JSON, as databases store them. If the id type [does not generate
/// ids](crate::user::UserId::generate), the store numbers the accounts from 1.
///
/// ```
/// use usermgr::{MemoryStore, NoProfile};
///
/// let plain = MemoryStore::new();
/// let numbered = MemoryStore::<NoProfile, i64>::default();
/// # let _ = (plain, numbered);
/// ```
pub struct MemoryStore<P = NoProfile, I = Uuid> {
    state: Arc<Mutex<State<I>>>,
    realm: Option<Arc<str>>,
    profile: PhantomData<fn() -> P>,
}

impl MemoryStore {
    /// Creates an empty store of users without a profile, whose ids are UUIDs. [`MemoryStore::default`] creates stores
    /// of other types.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<P, I> Default for MemoryStore<P, I> {
    fn default() -> Self {
        Self { state: Arc::default(), realm: None, profile: PhantomData }
    }
}

impl<P, I> MemoryStore<P, I> {
    /// Sets the [realm](crate::UserStore::realm) of the users. Default: none.
    ///
    /// ```
    /// use usermgr::{MemoryStore, UserStore};
    /// let staff = MemoryStore::new().in_realm("staff");
    /// assert_eq!(staff.realm(), Some("staff"));
    /// ```
    #[must_use]
    pub fn in_realm(self, name: &str) -> Self {
        Self { realm: Some(name.into()), ..self }
    }
}

impl<P, I> Clone for MemoryStore<P, I> {
    fn clone(&self) -> Self {
        Self { state: Arc::clone(&self.state), realm: self.realm.clone(), profile: PhantomData }
    }
}

impl<P, I> fmt::Debug for MemoryStore<P, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use crate::{
        UserStore,
        store::Lookup,
        testing::conformance::{profiles::Fragile, sample::Card},
    };

    crate::store_conformance!(uuids, MemoryStore::new());
    crate::store_conformance!(numbers, MemoryStore::<NoProfile, i64>::default());
    crate::store_conformance!(texts, MemoryStore::<NoProfile, String>::default());
    crate::store_conformance!(with_a_profile, MemoryStore::<Card>::default(), profile: Card::sample());

    crate::store_conformance!(
        fragile,
        MemoryStore::<Fragile>::default(),
        profile: Fragile::named("Ada"),
        rules: [profiles]
    );

    crate::store_conformance!(usernames_of_uuids, MemoryStore::new(), rules: [usernames]);
    crate::store_conformance!(usernames_of_numbers, MemoryStore::<NoProfile, i64>::default(), rules: [usernames]);
    crate::store_conformance!(credentials_of_uuids, MemoryStore::new(), rules: [credentials]);
    crate::store_conformance!(credentials_of_numbers, MemoryStore::<NoProfile, i64>::default(), rules: [credentials]);

    crate::store_conformance!(history_of_uuids, MemoryStore::new(), rules: [history]);
    crate::store_conformance!(history_of_numbers, MemoryStore::<NoProfile, i64>::default(), rules: [history]);

    crate::store_conformance!(outbox_uuids, MemoryStore::new(), rules: [outbox]);
    crate::store_conformance!(outbox_numbers, MemoryStore::<NoProfile, i64>::default(), rules: [outbox]);

    #[tokio::test]
    async fn clones_share_their_rows() {
        let store = MemoryStore::new();
        let mut tx = store.begin().await.unwrap();
        let id = store
            .insert(&mut tx, &crate::testing::conformance::sample::account("ada@example.com", NoProfile))
            .await
            .unwrap();
        store.commit(tx).await.unwrap();
        assert!(store.clone().find(Lookup::Id(&id)).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn x13_a_number_is_not_used_again_even_after_a_rollback() {
        let store = MemoryStore::<NoProfile, i64>::default();
        let new = crate::testing::conformance::sample::account("ada@example.com", NoProfile);
        let mut tx = store.begin().await.unwrap();
        let undone = store.insert(&mut tx, &new).await.unwrap();
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        assert_ne!(store.insert(&mut tx, &new).await.unwrap(), undone);
    }
}
