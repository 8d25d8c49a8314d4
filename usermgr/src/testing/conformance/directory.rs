//! The rules for lists and searches: every account once, in one order, whatever changes between two pages.

use super::{added, remove, sample};
use crate::{
    store::{Directory, ListQuery, UserFilter},
    user::{EmailAddress, NewRecord},
};

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

/// The canonical addresses that a search finds, read in pages of `limit`.
async fn found<S: Directory>(store: &S, filter: &UserFilter, limit: u32) -> Vec<String> {
    let (mut addresses, mut after) = (Vec::new(), None);
    loop {
        let page = store.search(filter, &ListQuery { after, limit }).await.expect("a search does not fail");
        assert!(page.len() <= limit as usize, "a page of {} where {limit} were asked for", page.len());
        let Some(last) = page.last() else { return addresses };
        after = Some(last.email().clone());
        addresses.extend(page.iter().map(|listed| listed.email().canonical().to_owned()));
        assert!(addresses.len() <= 100, "the pages never end");
    }
}

/// A search finds the accounts whose canonical address begins with the prefix, in the order of these addresses. No
/// character stands for others.
pub async fn a_search_finds_what_begins_with_the_prefix<S: Directory>(store: S, profile: S::Profile) {
    let names = ["adb", "Adam", "ad_m", "ada", "ad%m", "bob", "a\u{10ffff}z", "\u{10ffff}b", "\u{d7ff}", "\u{e000}"];
    for name in names {
        let email = EmailAddress::from_stored(format!("{name}@example.com"));
        added(&store, &NewRecord { email, ..sample::account("any@example.com", profile.clone()) }).await;
    }
    let all = ["ad%m", "ad_m", "ada", "adam", "adb", "a\u{10ffff}z", "bob", "\u{d7ff}", "\u{e000}", "\u{10ffff}b"];
    let long = "ada".repeat(200);
    for (prefix, expected) in [
        ("", &all[..]),
        ("ad", &all[..5]),
        ("ada", &all[2..4]),
        (" ADA", &all[2..4]),
        ("ada@", &all[2..3]),
        ("Ada@Example.com", &all[2..3]),
        ("ad_", &all[1..2]),
        ("ad%", &all[..1]),
        ("a\u{10ffff}", &all[5..6]),
        ("\u{10ffff}", &all[9..]),
        ("\u{d7ff}", &all[7..8]),
        ("%", &[]),
        ("_", &[]),
        ("dam", &[]),
        ("ada@example.com.", &[]),
        ("ada\0", &[]),
        ("\0", &[]),
        (&long, &[]),
    ] {
        let expected: Vec<_> = expected.iter().map(|name| format!("{name}@example.com")).collect();
        let filter = UserFilter::default().email_prefix(prefix);
        for limit in [1, 2, 3, 50] {
            assert_eq!(found(&store, &filter, limit).await, expected, "{prefix:?} in pages of {limit}");
        }
    }
}

/// A search finds the accounts with the flags that it asks for, with and without a prefix.
pub async fn a_search_finds_by_flags<S: Directory>(store: S, profile: S::Profile) {
    for number in 0..8 {
        let [is_active, is_superuser, is_verified] = [1, 2, 4].map(|bit| number & bit != 0);
        let account = sample::account(&format!("user{number}@example.com"), profile.clone());
        added(&store, &NewRecord { is_active, is_superuser, is_verified, ..account }).await;
    }
    let any = UserFilter::default;
    for (filter, numbers) in [
        (any(), &[0, 1, 2, 3, 4, 5, 6, 7][..]),
        (any().active(true), &[1, 3, 5, 7]),
        (any().active(false), &[0, 2, 4, 6]),
        (any().superuser(true), &[2, 3, 6, 7]),
        (any().superuser(false), &[0, 1, 4, 5]),
        (any().verified(true), &[4, 5, 6, 7]),
        (any().verified(false), &[0, 1, 2, 3]),
        (any().active(true).superuser(true).verified(false), &[3]),
        (any().active(true).email_prefix("user5"), &[5]),
        (any().active(false).email_prefix("user5"), &[]),
    ] {
        let expected: Vec<_> = numbers.iter().map(|number| format!("user{number}@example.com")).collect();
        for limit in [1, 3, 50] {
            assert_eq!(found(&store, &filter, limit).await, expected, "{filter:?} in pages of {limit}");
        }
    }
}

/// A page of a search begins after its cursor even if the account of the cursor was deleted, or the cursor is outside
/// of the prefix.
pub async fn a_cursor_of_a_search_outlives_its_account<S: Directory>(store: S, profile: S::Profile) {
    for email in ["ada@example.com", "adb@example.com", "adc@example.com"] {
        added(&store, &sample::account(email, profile.clone())).await;
    }
    let filter = UserFilter::default().email_prefix("ad");
    let behind = async |after: &str| {
        let query = ListQuery::default().after(EmailAddress::from_stored(after));
        let page = store.search(&filter, &query).await.expect("a search does not fail");
        page.iter().map(|listed| listed.email().to_string()).collect::<Vec<_>>()
    };
    let page = store.search(&filter, &ListQuery::default()).await.expect("a search does not fail");
    remove(&store, page[1].id()).await;
    assert_eq!(behind("adb@example.com").await, ["adc@example.com"]);
    assert_eq!(behind("abc@example.com").await, ["ada@example.com", "adc@example.com"]);
    for beyond in ["adc@example.com", "zed@example.com"] {
        assert_eq!(behind(beyond).await, [""; 0], "{beyond:?}");
    }
}
