//! The rules for lists: every account once, in one order, whatever changes between two pages.

use super::{added, remove, sample};
use crate::store::{Directory, ListQuery};

/// The ids of all accounts, read in pages of `limit`.
async fn pages<S: Directory>(store: &S, limit: u32) -> Vec<S::Id> {
    let mut ids: Vec<S::Id> = Vec::new();
    loop {
        let page = store.list(&ListQuery { after: ids.last().cloned(), limit }).await.expect("listing does not fail");
        assert!(page.len() <= limit as usize, "a page of {} where {limit} were asked for", page.len());
        if page.is_empty() {
            return ids;
        }
        ids.extend(page.into_iter().map(|listed| listed.id().clone()));
        assert!(ids.len() <= 100, "the pages never end");
    }
}

/// The list of an empty store is empty.
pub async fn an_empty_store_has_an_empty_page<S: Directory>(store: S, _profile: S::Profile) {
    assert!(store.list(&ListQuery::default()).await.expect("listing does not fail").is_empty());
}

/// Pages of any size hold every account once, whole, and in the same order.
pub async fn the_pages_hold_every_account_once<S: Directory>(store: S, profile: S::Profile) {
    let mut expected = Vec::new();
    for number in 0..11 {
        expected
            .push(added(&store, &sample::account(&format!("user{number}@example.com"), profile.clone())).await.user);
    }
    let all = store.list(&ListQuery::default()).await.expect("listing does not fail");
    let all: Vec<_> = all.into_iter().map(|listed| listed.into_user().expect("the profile can be read")).collect();
    assert_eq!(all.len(), expected.len());
    for user in &expected {
        let listed: Vec<_> = all.iter().filter(|listed| listed.id == user.id).collect();
        assert_eq!(listed.len(), 1, "{} times {}", listed.len(), user.id);
        assert_eq!((&listed[0].email, listed[0].created_at), (&user.email, user.created_at));
    }
    let order: Vec<_> = all.into_iter().map(|user| user.id).collect();
    for limit in [1, 2, 3, 11, 12] {
        assert_eq!(pages(&store, limit).await, order);
    }
}

/// A page begins after its cursor even if the account of the cursor was deleted.
pub async fn a_cursor_outlives_its_account<S: Directory>(store: S, profile: S::Profile) {
    for email in ["ada@example.com", "bob@example.com", "cy@example.com"] {
        added(&store, &sample::account(email, profile.clone())).await;
    }
    let order = pages(&store, 3).await;
    remove(&store, &order[1]).await;
    let rest = store.list(&ListQuery { after: Some(order[1].clone()), limit: 3 }).await.expect("listing does not fail");
    assert_eq!(rest.iter().map(|listed| listed.id().clone()).collect::<Vec<_>>(), order[2..]);
}
