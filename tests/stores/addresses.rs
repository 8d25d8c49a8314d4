//! Keys of addresses that were made by other rules, as by a program with other features: they stay until the address is another, and stand
//! not in the way of others.

use sqlx::{query, query_scalar};
use usermgr::{EmailAddress, NoProfile, StoreError, UserStore, store::Lookup};
use uuid::Uuid;

use crate::rig::{account, add, mariadb, postgres, sqlite};

const LETTERS: &str = "Ada@b\u{fc}cher.example";
/// What a program might have written that made no difference between a key and an address in small letters.
const OLD_KEY: &str = "ada@b\u{fc}cher.example";

macro_rules! over {
    ($module:ident, $open:expr, $first:literal, $second:literal) => {
        mod $module {
            use super::*;

            #[tokio::test]
            async fn u9_a_write_that_leaves_the_address_alone_leaves_its_key_alone() {
                let Some(store) = $open else { return };
                let id: Uuid = add(&store, LETTERS, NoProfile).await;
                let key = async |id: &Uuid| {
                    let text = concat!("SELECT email_key FROM usermgr_users WHERE email = ", $first);
                    let found = store.find(Lookup::Id(id)).await.unwrap().unwrap();
                    let key =
                        query_scalar::<_, String>(text).bind(found.user.email.as_str()).fetch_one(store.pool()).await;
                    key.unwrap()
                };
                assert_eq!(key(&id).await, "ada@xn--bcher-kva.example");
                let set = concat!("UPDATE usermgr_users SET email_key = ", $first, " WHERE email = ", $second);
                query(set).bind(OLD_KEY).bind(LETTERS).execute(store.pool()).await.unwrap();

                // Another account has taken the address meanwhile, by the present rules.
                let other = "ada@xn--bcher-kva.example";
                add(&store, other, NoProfile).await;
                let mut record = store.find(Lookup::Id(&id)).await.unwrap().unwrap();
                record.user.is_active = false;
                let mut tx = store.begin().await.unwrap();
                store.update(&mut tx, &record).await.unwrap();
                store.commit(tx).await.unwrap();
                let mut record = store.find(Lookup::Id(&id)).await.unwrap().unwrap();
                assert_eq!((record.user.is_active, record.version, record.user.email.as_str()), (false, 1, LETTERS));
                assert_eq!(key(&id).await, OLD_KEY);

                // Another address has another key, and the unique index decides as ever.
                record.user.email = EmailAddress::parse("Countess@example.com").unwrap();
                let mut tx = store.begin().await.unwrap();
                store.update(&mut tx, &record).await.unwrap();
                store.commit(tx).await.unwrap();
                assert_eq!(key(&id).await, "countess@example.com");
                let found = store
                    .find(Lookup::Email(&EmailAddress::for_lookup("COUNTESS@example.com")))
                    .await
                    .unwrap()
                    .unwrap();
                assert_eq!((found.user.id, found.user.email.as_str(), found.version), (id, "Countess@example.com", 2));
                record.version = 2;
                record.user.email = EmailAddress::for_lookup(LETTERS);
                let mut tx = store.begin().await.unwrap();
                let taken = store.update(&mut tx, &record).await;
                assert!(matches!(taken, Err(StoreError::Conflict)), "{taken:?}");
            }

            #[tokio::test]
            async fn u9_an_address_that_no_rule_takes_is_one_address_all_the_same() {
                let Some(store) = $open else { return };
                for stored in
                    ["Admin@localhost", "ada@b\u{fc}cher.example", "x@xn--a.com", "\u{3a3}\u{3c2}@example.com"]
                {
                    let mut new = account("a@example.com", NoProfile);
                    new.email = EmailAddress::from_stored(stored);
                    let mut tx = store.begin().await.unwrap();
                    let id: Uuid = store.insert(&mut tx, &new).await.unwrap();
                    store.commit(tx).await.unwrap();
                    let typed = stored.to_uppercase();
                    let found = store.find(Lookup::Email(&EmailAddress::for_lookup(&typed))).await.unwrap();
                    assert_eq!(found.map(|found| found.user.id), Some(id), "{typed}");
                    let mut tx = store.begin().await.unwrap();
                    new.email = EmailAddress::from_stored(typed);
                    assert!(matches!(store.insert(&mut tx, &new).await, Err(StoreError::Conflict)), "{stored}");
                }
            }
        }
    };
}

over!(sqlite_file, Some(sqlite::<NoProfile, Uuid>().await), "?", "?");
over!(on_postgres, postgres::<NoProfile, Uuid>().await, "$1", "$2");
over!(on_mariadb, mariadb::<NoProfile, Uuid>().await, "?", "?");
