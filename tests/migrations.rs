//! How the tables of the stores on a server come about: who may create them, what starts when they are there, how versions that differ get on
//! with each other, and several kinds of users in one database.

use std::time::Duration;

use sqlx::{Executor, query, query_scalar};
use usermgr::{
    EmailAddress, MysqlStore, NoProfile, PgStore, StoreError, UserStore,
    sql::SqlOptions,
    store::{Lookup, Session, SessionDigest, SessionId, SessionStore},
    user::{NewRecord, Stamp},
};
use usermgr_tests::{DatabaseServer, Rights};
use uuid::Uuid;

async fn add<S: UserStore<Profile = NoProfile>>(store: &S, email: &str) -> S::Id {
    let (email, created_at) = (EmailAddress::parse(email).unwrap(), "2026-01-01T00:00:00Z".parse().unwrap());
    let new = NewRecord::new(email, created_at, NoProfile, Stamp::from_bytes([7; 16]));
    let mut tx = store.begin().await.unwrap();
    let id = store.insert(&mut tx, &new).await.unwrap();
    store.commit(tx).await.unwrap();
    id
}

fn session<I>(user_id: I) -> Session<I> {
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let (id, digest, stamp) = (SessionId::new("one"), SessionDigest::from_stored("abc"), Stamp::from_bytes([7; 16]));
    Session::new(id, digest, user_id, stamp, "cookie", now, now)
}

fn message<T>(outcome: Result<T, StoreError>) -> String {
    outcome.err().expect("this fails").to_string()
}

/// Everything that a server of users does with its rows.
async fn lives<S: UserStore<Profile = NoProfile, Id = Uuid> + SessionStore>(store: &S) {
    let ada = add(store, "ada@example.com").await;
    store.insert_session(&session(ada)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(store.lock_and_count_superusers(&mut tx).await.unwrap(), 0);
    assert_eq!(store.find_locked(&mut tx, [&ada, &ada]).await.unwrap().len(), 1);
    assert!(store.delete(&mut tx, &ada).await.unwrap());
    store.commit(tx).await.unwrap();
}

macro_rules! migrations {
    (
        $module:ident, $store:ident, $pool:ty, $server:expr, read_only: $read_only:expr, number: $number:literal
    ) => {
        mod $module {
            use super::*;

            #[tokio::test]
            async fn the_grants_of_the_guide_suffice_to_migrate_and_to_serve() {
                let Some(rights) = Rights::on($server) else { return };
                rights.grant_to_migrate().await;
                let said = message($store::<NoProfile, Uuid>::connect(&rights.app()).await);
                assert!(said.to_lowercase().contains("denied"), "{said}");
                <$store>::migrate(&rights.owner()).await.unwrap();
                rights.grant_to_serve().await;
                for store in
                    [$store::connect(&rights.app()).await, $store::connect_without_migrating(&rights.app()).await]
                {
                    let store: $store = store.unwrap();
                    lives(&store).await;
                    for refused in
                        ["CREATE TABLE mine (id BIGINT)", "UPDATE usermgr_migrations SET oldest = 0", "DELETE FROM usermgr_migrations"]
                    {
                        let said = store.pool().execute(refused).await.unwrap_err().to_string();
                        assert!(said.contains("denied"), "{refused}: {said}");
                    }
                    store.close().await;
                }
                // What was not migrated is named, and nothing is created.
                let staff = SqlOptions::new().prefix("staff_").without_migrating();
                let said = message(staff.connect::<_, NoProfile, Uuid>(&rights.app()).await.map(|store: $store| store));
                let expected = "the tables `staff_..` of the database are not up to date: these migrations are missing: 1";
                assert!(said.contains(expected), "{said}");
            }

            #[tokio::test]
            async fn a_server_starts_over_a_database_that_only_reads() {
                let Some(database) = $server.database() else { return };
                let url = database.url().to_owned();
                let store: $store = $store::connect(&url).await.unwrap();
                let id = add(&store, "ada@example.com").await;
                let reading = async || {
                    let pool = <$pool>::new().after_connect(|connection, _| {
                        Box::pin(async { connection.execute($read_only).await.map(drop) })
                    });
                    pool.connect(&url).await.unwrap()
                };
                let reader: $store = $store::with_pool(reading().await).await.unwrap();
                assert!(reader.find(Lookup::Id(&id)).await.unwrap().is_some());
                let mut tx = reader.begin().await.unwrap();
                assert!(reader.delete(&mut tx, &id).await.is_err(), "it only reads");
                let staff = SqlOptions::new().prefix("staff_").with_pool::<_, NoProfile, Uuid>(reading().await).await;
                assert!(message(staff).to_lowercase().contains("read"));
            }

            #[tokio::test]
            async fn a_process_starts_over_the_tables_of_a_later_version_that_allows_it() {
                let Some(database) = $server.database() else { return };
                let url = database.url().to_owned();
                let store: $store = $store::connect(&url).await.unwrap();
                for later in [
                    "ALTER TABLE usermgr_users ADD COLUMN later BIGINT",
                    "INSERT INTO usermgr_migrations (version, checksum, oldest, applied_at) VALUES (77, 'another', 1, 0)",
                ] {
                    query(later).execute(store.pool()).await.unwrap();
                }
                let older: $store = $store::connect(&url).await.unwrap();
                lives(&older).await;
                lives(&store).await;
                query("UPDATE usermgr_migrations SET oldest = 76 WHERE version = 77").execute(store.pool()).await.unwrap();
                let said = message($store::<NoProfile, Uuid>::connect(&url).await);
                let expected = "later version of usermgr (migration 77), which needs one with migration 76 at least";
                assert!(said.contains(expected), "{said}");
            }

            #[tokio::test]
            async fn tables_from_before_the_first_release_are_refused_and_left_alone() {
                let Some(database) = $server.database() else { return };
                let url = database.url().to_owned();
                let other: $store = SqlOptions::new().prefix("other_").connect(&url).await.unwrap();
                let list = "CREATE TABLE usermgr_migrations (version BIGINT PRIMARY KEY, description VARCHAR(9), success BOOLEAN)";
                query(list).execute(other.pool()).await.unwrap();
                let said = message($store::<NoProfile, Uuid>::connect(&url).await);
                assert!(said.contains("before its first release"), "{said}");
                assert!(query("SELECT id FROM usermgr_users").execute(other.pool()).await.is_err(), "a table was created");
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn processes_of_two_kinds_of_users_may_begin_with_a_new_database_at_once() {
                let Some(database) = $server.database() else { return };
                let url = database.url().to_owned();
                let opening = |number: usize| {
                    let url = url.clone();
                    let options = SqlOptions::new().prefix(["usermgr_", "staff_"][number % 2]);
                    tokio::spawn(async move { options.connect::<_, NoProfile, Uuid>(&url).await })
                };
                let all: Vec<_> = (0..8).map(opening).collect();
                for (number, opened) in all.into_iter().enumerate() {
                    let store: $store = opened.await.unwrap().unwrap();
                    add(&store, &format!("user{number}@example.com")).await;
                    store.close().await;
                }
            }

            #[tokio::test]
            async fn two_kinds_of_users_in_one_database_know_nothing_of_each_other() {
                let Some(database) = $server.database() else { return };
                let url = database.url().to_owned();
                let customers: $store<NoProfile, i64> = $store::connect(&url).await.unwrap();
                let staff: $store = SqlOptions::new().prefix("staff_").with_pool(customers.pool().clone()).await.unwrap();
                let customer = add(&customers, "ada@example.com").await;
                let employee = add(&staff, "ada@example.com").await;
                customers.insert_session(&session(customer)).await.unwrap();
                staff.insert_session(&session(employee)).await.unwrap();
                let mut tx = customers.begin().await.unwrap();
                assert!(customers.delete(&mut tx, &customer).await.unwrap());
                customers.commit(tx).await.unwrap();
                let ada = EmailAddress::parse("ada@example.com").unwrap();
                assert!(customers.find(Lookup::Email(&ada)).await.unwrap().is_none());
                assert_eq!(staff.find(Lookup::Email(&ada)).await.unwrap().unwrap().user.id, employee);
                assert_eq!(staff.list_sessions(&employee).await.unwrap().len(), 1);
                let lists = "SELECT (SELECT COUNT(*) FROM usermgr_migrations) + (SELECT COUNT(*) FROM staff_migrations)";
                assert_eq!(query_scalar::<_, i64>(lists).fetch_one(staff.pool()).await.unwrap(), 2);
            }

            #[tokio::test]
            async fn a_start_takes_the_lock_only_if_something_is_missing() {
                let Some(database) = $server.database() else { return };
                let url = database.url().to_owned();
                let store: $store = $store::connect(&url).await.unwrap();
                let mut held = store.pool().begin().await.unwrap();
                query($number).execute(&mut *held).await.unwrap();
                let start = tokio::time::timeout(Duration::from_secs(3), $store::<NoProfile, Uuid>::connect(&url));
                start.await.expect("it waits for the lock").unwrap();
                let options = SqlOptions::new().prefix("staff_");
                let waiting = options.connect::<_, NoProfile, Uuid>(&url);
                tokio::pin!(waiting);
                let early = tokio::time::timeout(Duration::from_millis(500), waiting.as_mut()).await;
                assert!(early.is_err(), "it does not wait for the lock");
                held.rollback().await.unwrap();
                store.close().await;
                let _: $store = waiting.await.unwrap();
            }
        }
    };
}

migrations!(
    postgres, PgStore, sqlx::postgres::PgPoolOptions, DatabaseServer::Postgres,
    read_only: "SET default_transaction_read_only = on",
    number: "SELECT pg_advisory_xact_lock(x'757365726d6772'::bigint)"
);
migrations!(
    mariadb, MysqlStore, sqlx::mysql::MySqlPoolOptions, DatabaseServer::MariaDb,
    read_only: "SET SESSION TRANSACTION READ ONLY",
    number: "SELECT GET_LOCK(CONCAT('usermgr ', SHA2(DATABASE(), 224)), 60)"
);
