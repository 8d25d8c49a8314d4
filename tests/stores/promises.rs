//! What the stores on a server promise beyond the contract: how their tables come about, how they compare texts, and that neither
//! callers who go away nor others who want the same harm them.

use std::time::Duration;

use sqlx::{query, query_scalar};
use usermgr::{
    EmailAddress, MysqlStore, NoProfile, PgStore, StoreError, UserStore,
    store::{Lookup, Session, SessionDigest, SessionId, SessionLookup, SessionStore},
    user::Stamp,
};
use usermgr_tests::DatabaseServer;
use uuid::Uuid;

use crate::rig::{add, fresh, postgres_pool};

fn session<I>(user_id: I, name: &str, digest: &str) -> Session<I> {
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let (id, digest, stamp) = (SessionId::new(name), SessionDigest::from_stored(digest), Stamp::from_bytes([7; 16]));
    Session::new(id, digest, user_id, stamp, "cookie", now, now)
}

fn message<T>(outcome: Result<T, StoreError>) -> String {
    outcome.err().expect("this fails").to_string()
}

/// The tests of one store. `sums` are the first digits of the checksums of its migrations, `id` is the type of a column that refers to a user.
macro_rules! promises {
    ($module:ident, $store:ident, $server:expr, id: $id:literal, sums: $sums:expr) => {
        mod $module {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            async fn many_may_begin_with_a_new_database_at_once() {
                let Some(url) = fresh($server) else { return };
                let connecting = |_| {
                    let url = url.clone();
                    tokio::spawn(async move { $store::<NoProfile, Uuid>::connect(&url).await })
                };
                let all: Vec<_> = (0..6).map(connecting).collect();
                for (number, connected) in all.into_iter().enumerate() {
                    let store = connected.await.unwrap().unwrap();
                    add(&store, &format!("user{number}@example.com"), NoProfile).await;
                    store.close().await;
                }
            }

            /// A database that was opened with a migration could not be opened again. Only what was never published may change, with its
            /// sum here.
            #[tokio::test]
            async fn a_migration_does_not_change() {
                let Some(url) = fresh($server) else { return };
                let store: $store = $store::connect(&url).await.unwrap();
                let sums = query_scalar("SELECT checksum FROM usermgr_migrations ORDER BY version");
                let sums: Vec<String> = sums.fetch_all(store.pool()).await.unwrap();
                assert_eq!(sums.iter().map(|sum| &sum[..16]).collect::<Vec<_>>(), $sums);
            }

            #[tokio::test]
            async fn ids_of_another_type_are_distinguished() {
                let Some(url) = fresh($server) else { return };
                $store::<NoProfile, i64>::connect(&url).await.unwrap();
                $store::<NoProfile, i64>::connect(&url).await.unwrap();
                let said = message($store::<NoProfile, Uuid>::connect(&url).await);
                assert!(
                    said.contains("for ids of type Uuid, but the database was made with ids of type i64"),
                    "{said}"
                );
                let said = message($store::<NoProfile, String>::connect(&url).await);
                assert!(said.contains("for ids of type String"), "{said}");
            }

            #[tokio::test]
            async fn x9_no_collation_makes_one_of_two_texts() {
                let Some(url) = fresh($server) else { return };
                let store = $store::<NoProfile, String>::connect(&url).await.unwrap();
                let emails =
                    ["jose@example.com", "jos\u{e9}@example.com", "stra\u{df}e@example.com", "strasse@example.com"];
                for email in emails {
                    let id = add(&store, email, NoProfile).await;
                    let found = store.find(Lookup::Email(&EmailAddress::parse(email).unwrap())).await.unwrap().unwrap();
                    assert_eq!((found.user.id, found.user.email.as_str()), (id, email));
                }
                let ada = add(&store, "ada@example.com", NoProfile).await;
                for (name, digest) in [("one", "abc"), ("ONE", "ABC"), ("\u{f6}ne", "\u{e4}bc")] {
                    store.insert_session(&session(ada.clone(), name, digest)).await.unwrap();
                    let found = store
                        .find_session(SessionLookup::Digest(&SessionDigest::from_stored(digest)))
                        .await
                        .unwrap()
                        .unwrap();
                    assert_eq!(found.0.id.as_str(), name);
                }
                assert!(
                    store
                        .find_session(SessionLookup::Digest(&SessionDigest::from_stored("aBC")))
                        .await
                        .unwrap()
                        .is_none()
                );
                assert!(store.find(Lookup::Id(&ada.to_uppercase())).await.unwrap().is_none());
            }

            #[tokio::test]
            async fn a_session_of_a_deleted_user_is_stale() {
                let Some(url) = fresh($server) else { return };
                let store: $store = $store::connect(&url).await.unwrap();
                let outcome = store.insert_session(&session(Uuid::now_v7(), "ada", "abc")).await;
                assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
            }

            #[tokio::test]
            async fn deleting_a_user_that_the_application_still_needs_fails_and_says_so() {
                let Some(url) = fresh($server) else { return };
                let store: $store = $store::connect(&url).await.unwrap();
                let ada = add(&store, "ada@example.com", NoProfile).await;
                let table =
                    concat!("CREATE TABLE orders (owner ", $id, ", FOREIGN KEY (owner) REFERENCES usermgr_users (id))");
                query(table).execute(store.pool()).await.unwrap();
                query("INSERT INTO orders SELECT id FROM usermgr_users").execute(store.pool()).await.unwrap();
                let mut tx = store.begin().await.unwrap();
                let outcome = store.delete(&mut tx, &ada).await;
                assert!(matches!(&outcome, Err(StoreError::Backend(_))), "{outcome:?}");
                assert!(message(outcome).to_lowercase().contains("foreign key"));
            }

            /// Requests are dropped wherever they are when a client hangs up.
            #[tokio::test]
            async fn callers_who_go_away_leave_nothing_behind() {
                let Some(url) = fresh($server) else { return };
                let store: $store = $store::connect(&url).await.unwrap();
                let ada = add(&store, "ada@example.com", NoProfile).await;
                for microseconds in (0..4000).step_by(50) {
                    let patience = Duration::from_micros(microseconds);
                    let _ = tokio::time::timeout(patience, async {
                        let mut tx = store.begin().await.unwrap();
                        store.delete(&mut tx, &ada).await.unwrap();
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    })
                    .await;
                }
                let mut all = Vec::new();
                for number in 0..10 {
                    let (store, email) = (store.clone(), format!("user{number}@example.com"));
                    all.push(tokio::spawn(async move { add(&store, &email, NoProfile).await }));
                }
                for one in all {
                    one.await.unwrap();
                }
                assert!(store.find(Lookup::Id(&ada)).await.unwrap().is_some());
            }
        }
    };
}

promises!(postgres, PgStore, DatabaseServer::Postgres, id: "UUID", sums: ["653f94524c323f53"]);
promises!(
    mariadb, MysqlStore, DatabaseServer::MariaDb,
    id: "BINARY(16)", sums: ["b719718a8231f998"]
);

#[tokio::test]
async fn a_postgres_database_of_another_encoding_is_refused() {
    let Some(url) = fresh(DatabaseServer::Postgres) else { return };
    let (_, name) = url.rsplit_once('/').unwrap();
    let store: PgStore = PgStore::connect(&url).await.unwrap();
    let latin = format!("CREATE DATABASE {name}_latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    query(sqlx::AssertSqlSafe(latin)).execute(store.pool()).await.unwrap();
    let said = message(PgStore::<NoProfile, Uuid>::connect(&format!("{url}_latin")).await);
    query(sqlx::AssertSqlSafe(format!("DROP DATABASE {name}_latin WITH (FORCE)"))).execute(store.pool()).await.unwrap();
    assert!(said.contains(&format!("{name}_latin: its encoding is LATIN1, and must be UTF8")), "{said}");
}

/// Each statement of a migration commits at once there.
#[tokio::test]
async fn a_mariadb_migration_that_was_cut_short_is_done_again() {
    let Some(url) = fresh(DatabaseServer::MariaDb) else { return };
    let store: MysqlStore = MysqlStore::connect(&url).await.unwrap();
    add(&store, "ada@example.com", NoProfile).await;
    for statement in ["DELETE FROM usermgr_migrations", "DROP TABLE usermgr_sessions"] {
        query(statement).execute(store.pool()).await.unwrap();
    }
    let store: MysqlStore = MysqlStore::connect(&url).await.unwrap();
    let ada = store.find(Lookup::Email(&EmailAddress::parse("ada@example.com").unwrap())).await.unwrap().unwrap();
    store.insert_session(&session(ada.user.id, "ada", "abc")).await.unwrap();
    let done: i64 = query_scalar("SELECT COUNT(*) FROM usermgr_migrations").fetch_one(store.pool()).await.unwrap();
    assert_eq!(done, 1);
}

/// Where several servers write, a lock of rows holds on one of them only. Two changes collide only in what both have written.
#[tokio::test]
async fn m2_a_count_of_superusers_writes_a_row_in_mariadb() {
    let Some(url) = fresh(DatabaseServer::MariaDb) else { return };
    let store: MysqlStore = MysqlStore::connect(&url).await.unwrap();
    let turn = async || {
        let text = "SELECT turn FROM usermgr_guards WHERE name = 'superusers'";
        query_scalar::<_, i64>(text).fetch_optional(store.pool()).await.unwrap()
    };
    for expected in [None, Some(1), Some(2)] {
        assert_eq!(turn().await, expected);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(store.lock_and_count_superusers(&mut tx).await.unwrap(), 0);
        store.commit(tx).await.unwrap();
    }
}

/// A setting of the session would reach other programs through a pooler, and an application's own pool has none.
#[tokio::test]
async fn a_transaction_of_postgres_brings_its_own_lock_timeout_and_takes_it_along() {
    let Some(pool) = postgres_pool(1).await else { return };
    let store: PgStore = PgStore::with_pool(pool).await.unwrap();
    let shown = "SELECT current_setting('lock_timeout')";
    for _ in 0..2 {
        assert_eq!(query_scalar::<_, String>(shown).fetch_one(store.pool()).await.unwrap(), "0");
        let mut tx = store.begin().await.unwrap();
        assert_eq!(query_scalar::<_, String>(shown).fetch_one(&mut *tx).await.unwrap(), "5s");
        store.commit(tx).await.unwrap();
    }
}

/// Without a pooler in between, statements outside of transactions have it too.
#[tokio::test]
async fn a_connection_to_postgres_begins_with_a_lock_timeout() {
    let Some(url) = fresh(DatabaseServer::Postgres) else { return };
    for url in [url.clone(), format!("{url}?options=-c%20geqo%3Doff")] {
        let store: PgStore = PgStore::connect(&url).await.unwrap();
        let shown = "SELECT current_setting('lock_timeout')";
        assert_eq!(query_scalar::<_, String>(shown).fetch_one(store.pool()).await.unwrap(), "5s", "{url}");
    }
}

/// Of a login and a deletion that wait for each other the server gives one up, and there may be many such logins.
#[tokio::test]
async fn x13_a_login_stands_in_no_deletions_way_while_it_waits_in_mariadb() {
    let Some(url) = fresh(DatabaseServer::MariaDb) else { return };
    let store: MysqlStore = MysqlStore::connect(&url).await.unwrap();
    let ada = add(&store, "ada@example.com", NoProfile).await;
    let mut deletion = store.begin().await.unwrap();
    query("SELECT id FROM usermgr_users FOR UPDATE").execute(&mut *deletion).await.unwrap();
    let login = tokio::spawn({
        let store = store.clone();
        async move { store.insert_session(&session(ada, "ada", "abc")).await }
    });
    let mut watch = store.pool().acquire().await.unwrap();
    query("SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED").execute(&mut *watch).await.unwrap();
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let written = query("SELECT backend FROM usermgr_sessions").fetch_all(&mut *watch).await.unwrap().len();
        assert_eq!((written, login.is_finished()), (0, false));
    }
    assert!(store.delete(&mut deletion, &ada).await.unwrap());
    store.commit(deletion).await.unwrap();
    let outcome = login.await.unwrap();
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
}

#[tokio::test]
async fn a_url_of_another_database_is_refused() {
    for url in ["mysql://ada:canary@127.0.0.1/shop", "shop", ""] {
        let said = message(PgStore::<NoProfile, Uuid>::connect(url).await);
        assert!(said.contains("it does not begin with `postgres://`") && !said.contains("canary"), "{said}");
    }
    let said = message(MysqlStore::<NoProfile, Uuid>::connect("postgres://ada:canary@127.0.0.1/shop").await);
    assert!(said.contains("it does not begin with `mysql://`") && !said.contains("canary"), "{said}");
}

/// The driver would ignore what it does not know, and connect to the first of several hosts that it does not understand either.
#[tokio::test]
async fn a_url_whose_meaning_would_be_lost_is_refused() {
    let refused = [
        ("one:5432,two:5432/shop", "it names several hosts"),
        ("one/shop?target_session_attrs=read-write", "the parameter `target_session_attrs` is not supported"),
        ("one/shop?connect_timeout=3", "the parameter `connect_timeout` is not supported; known are "),
    ];
    for (rest, expected) in refused {
        let said = message(PgStore::<NoProfile, Uuid>::connect(&format!("postgres://ada:canary@{rest}")).await);
        assert!(said.contains(expected) && !said.contains("canary"), "{said}");
        let said = message(MysqlStore::<NoProfile, Uuid>::connect(&format!("mysql://ada:canary@{rest}")).await);
        assert!(said.contains(expected) && !said.contains("canary"), "{said}");
    }
}

#[tokio::test]
async fn u11_a_number_that_is_not_a_boolean_makes_no_user_a_superuser() {
    let Some(url) = fresh(DatabaseServer::MariaDb) else { return };
    let store: MysqlStore = MysqlStore::connect(&url).await.unwrap();
    let id = add(&store, "ada@example.com", NoProfile).await;
    query("UPDATE usermgr_users SET is_active = 2, is_verified = 4").execute(store.pool()).await.unwrap();
    let user = store.find(Lookup::Id(&id)).await.unwrap().unwrap().user;
    assert_eq!([user.is_active, user.is_superuser, user.is_verified], [false; 3]);
}
