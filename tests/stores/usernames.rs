//! User names in every database: a search by them in pages, beside a prefix of addresses, and an import that keeps them.

use usermgr::{
    EmailAddress, MemoryStore, NoProfile, StoreError, UserStore,
    store::{Directory, Import, ListQuery, Lookup, UserFilter},
    user::{NewRecord, Username},
};
use uuid::Uuid;

use crate::rig::{account, mariadb, postgres, sqlite};

fn named(email: &str, username: &str) -> NewRecord<NoProfile> {
    let mut new = account(email, NoProfile);
    new.username = Some(Username::from_stored(username));
    new
}

async fn add<S: UserStore<Profile = NoProfile>>(store: &S, new: &NewRecord<NoProfile>) -> Result<S::Id, StoreError> {
    let mut tx = store.begin().await?;
    let id = store.insert(&mut tx, new).await?;
    store.commit(tx).await?;
    Ok(id)
}

/// The addresses that a search finds, read in pages of `limit`.
async fn found<S: Directory>(store: &S, filter: &UserFilter, limit: u32) -> Vec<String> {
    let (mut addresses, mut after) = (Vec::new(), None::<EmailAddress>);
    loop {
        let mut query = ListQuery::default().limit(limit);
        query.after = after;
        let page = store.search(filter, &query).await.unwrap();
        let Some(last) = page.last() else { return addresses };
        after = Some(last.email().clone());
        addresses.extend(page.iter().map(|listed| listed.email().to_string()));
        assert!(addresses.len() <= 50, "the pages never end");
    }
}

async fn un6_a_search_finds_by_the_beginning_of_the_name<S: Directory<Profile = NoProfile>>(store: S) {
    for (email, username) in [
        ("z@example.com", "ada"),
        ("a@example.com", "Adam"),
        ("m@example.com", "ad_m"),
        ("n@example.com", "adb"),
        ("o@example.com", "zoe"),
    ] {
        add(&store, &named(email, username)).await.unwrap();
    }
    add(&store, &account("ada@example.com", NoProfile)).await.unwrap();
    let any = UserFilter::default;
    for (filter, expected) in [
        (any().username_prefix("ad"), &["a", "m", "n", "z"][..]),
        (any().username_prefix(" ADA "), &["a", "z"]),
        (any().username_prefix("ad_"), &["m"]),
        (any().username_prefix("%"), &[]),
        (any().username_prefix("dam"), &[]),
        (any().username_prefix("\u{10ffff}"), &[]),
        (any().username_prefix("ada\0"), &[]),
        (any().username_prefix("ad").email_prefix("n"), &["n"]),
        (any().username_prefix("ad").email_prefix("ada"), &[]),
        (any().username_prefix("ad").superuser(true), &[]),
        (any().username_prefix("z").active(true), &["o"]),
        (any().username_prefix(""), &["a", "ada", "m", "n", "o", "z"]),
    ] {
        let expected: Vec<_> = expected.iter().map(|name| format!("{name}@example.com")).collect();
        for limit in [1, 3, 50] {
            assert_eq!(found(&store, &filter, limit).await, expected, "{filter:?} in pages of {limit}");
        }
    }
}

async fn un2_an_import_keeps_the_name_and_takes_no_others<S: Import<Profile = NoProfile>>(store: S) {
    let mut records = Vec::new();
    for (email, username) in [("ada@example.com", "Ada"), ("bob@example.com", "ADA")] {
        let id = add(&store, &account(email, NoProfile)).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        store.delete(&mut tx, &id).await.unwrap();
        store.commit(tx).await.unwrap();
        records.push(named(email, username).with_id(id));
    }
    let import = async |number: usize| {
        let mut tx = store.begin().await.unwrap();
        store.insert_record(&mut tx, &records[number]).await?;
        store.commit(tx).await
    };
    import(0).await.unwrap();
    let outcome = import(1).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    let found = store.find(Lookup::Username(&Username::for_lookup("ada"))).await.unwrap().unwrap();
    assert_eq!((&found.user.id, found.user.username.unwrap().as_str()), (&records[0].user.id, "Ada"));
}

macro_rules! over {
    ($($test:ident)*) => {$(
        mod $test {
            use super::*;

            #[tokio::test]
            async fn memory() {
                super::$test(MemoryStore::new()).await;
            }

            #[tokio::test]
            async fn sqlite_file() {
                super::$test(sqlite::<NoProfile, Uuid>().await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                if let Some(store) = postgres::<NoProfile, i64>().await {
                    super::$test(store).await;
                }
            }

            #[tokio::test]
            async fn on_mariadb() {
                if let Some(store) = mariadb::<NoProfile, Uuid>().await {
                    super::$test(store).await;
                }
            }
        }
    )*};
}

over!(
    un6_a_search_finds_by_the_beginning_of_the_name
    un2_an_import_keeps_the_name_and_takes_no_others
);
