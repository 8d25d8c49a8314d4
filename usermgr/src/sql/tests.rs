//! The contract over every kind of database file, and the further guarantees of SQLite stores.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{
    AssertSqlSafe, Pool, Sqlite, query, query_scalar,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use uuid::Uuid;

use super::{SqlId, SqlOptions, SqliteStore};
use crate::{
    NoProfile, Profile, StoreError, UserStore,
    store::{Lookup, SessionFilter, SessionStore},
    store_conformance,
    testing::conformance::{
        profiles::Fragile,
        sample::{Card, account, address, session},
    },
};

/// A directory that is deleted at the end of the test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("usermgr-{}", Uuid::now_v7()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("shop.db")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

thread_local! {
    /// The directories of the test on this thread.
    static DIRECTORIES: RefCell<Vec<Directory>> = const { RefCell::new(Vec::new()) };
}

fn new_file() -> PathBuf {
    let directory = Directory::new();
    let file = directory.file();
    DIRECTORIES.with_borrow_mut(|all| all.push(directory));
    file
}

async fn file<P: Profile, I: SqlId>() -> SqliteStore<P, I> {
    SqliteStore::open(new_file()).await.unwrap()
}

/// Returns the pool of an application over a file, with sqlx's defaults except for the arguments.
async fn application(connections: u32, foreign_keys: bool) -> Pool<Sqlite> {
    let options = SqliteConnectOptions::new().filename(new_file()).create_if_missing(true).foreign_keys(foreign_keys);
    SqlitePoolOptions::new().max_connections(connections).connect_with(options).await.unwrap()
}

store_conformance!(memory_uuids, SqliteStore::<NoProfile>::in_memory().await.unwrap());
store_conformance!(memory_numbers, SqliteStore::<NoProfile, i64>::in_memory().await.unwrap());
store_conformance!(memory_texts, SqliteStore::<NoProfile, String>::in_memory().await.unwrap());
store_conformance!(memory_with_a_profile, SqliteStore::<Card>::in_memory().await.unwrap(), profile: Card::sample());
store_conformance!(file_uuids, file::<NoProfile, Uuid>().await);
store_conformance!(file_numbers, file::<NoProfile, i64>().await);
store_conformance!(file_texts, file::<NoProfile, String>().await);
store_conformance!(file_with_a_profile, file::<Card, i64>().await, profile: Card::sample());
store_conformance!(fragile, file::<Fragile, Uuid>().await, profile: Fragile::named("Ada"), rules: [profiles]);
store_conformance!(a_pool_of_one, SqliteStore::<NoProfile>::with_pool(application(1, true).await).await.unwrap());
store_conformance!(a_pool_of_five, SqliteStore::<NoProfile>::with_pool(application(5, true).await).await.unwrap());
store_conformance!(under_another_prefix, prefixed().await);
store_conformance!(
    no_foreign_keys,
    SqliteStore::<NoProfile, i64>::with_pool(application(3, false).await).await.unwrap()
);
store_conformance!(
    history_without_foreign_keys,
    SqliteStore::<NoProfile, i64>::with_pool(application(3, false).await).await.unwrap(),
    rules: [history]
);
store_conformance!(usernames_in_memory, SqliteStore::<NoProfile>::in_memory().await.unwrap(), rules: [usernames]);
store_conformance!(outbox_in_memory, SqliteStore::<NoProfile>::in_memory().await.unwrap(), rules: [outbox]);
store_conformance!(outbox_uuids, file::<NoProfile, Uuid>().await, rules: [outbox]);
store_conformance!(outbox_numbers, file::<NoProfile, i64>().await, rules: [outbox]);
store_conformance!(outbox_texts, file::<NoProfile, String>().await, rules: [outbox]);

/// Returns a store with another prefix, beside the tables of other users.
async fn prefixed() -> SqliteStore<NoProfile, i64> {
    let other: SqliteStore = SqliteStore::in_memory().await.unwrap();
    SqlOptions::new().prefix("staff_").with_pool(other.pool().clone()).await.unwrap()
}

async fn add<P: Profile, I: SqlId>(store: &SqliteStore<P, I>, email: &str, profile: P) -> I {
    let mut tx = store.begin().await.unwrap();
    let id = store.insert(&mut tx, &account(email, profile)).await.unwrap();
    store.commit(tx).await.unwrap();
    id
}

fn message<T>(outcome: Result<T, StoreError>) -> String {
    outcome.err().expect("this fails").to_string()
}

#[tokio::test]
async fn a_typed_profile_is_read_back() {
    let store = file::<Card, Uuid>().await;
    let id = add(&store, "ada@example.com", Card::sample()).await;
    assert_eq!(store.find(Lookup::Id(&id)).await.unwrap().unwrap().user.profile, Card::sample());
}

#[tokio::test]
async fn a_second_opening_finds_the_rows_of_the_first() {
    let path = new_file();
    let first: SqliteStore = SqliteStore::open(&path).await.unwrap();
    let id = add(&first, "ada@example.com", NoProfile).await;
    first.close().await;
    assert!(first.find(Lookup::Id(&id)).await.is_err(), "it is closed");

    let second: SqliteStore = SqliteStore::open(&path).await.unwrap();
    let third: SqliteStore = SqliteStore::open(&path).await.unwrap();
    add(&third, "bob@example.com", NoProfile).await;
    assert!(second.find(Lookup::Id(&id)).await.unwrap().is_some());
    assert!(second.find(Lookup::Email(&address("bob@example.com"))).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_open_a_new_file_at_once() {
    let path = new_file();
    let openings: Vec<_> = (0..8).map(|_| tokio::spawn(SqliteStore::<NoProfile, Uuid>::open(path.clone()))).collect();
    for (number, opening) in openings.into_iter().enumerate() {
        let store = opening.await.unwrap().unwrap();
        add(&store, &format!("user{number}@example.com"), NoProfile).await;
    }
}

#[tokio::test]
async fn x6_what_is_acknowledged_is_durable() {
    let store = file::<NoProfile, Uuid>().await;
    for pool in [store.pool(), store.writer()] {
        for (pragma, expected) in
            [("synchronous", "2"), ("foreign_keys", "1"), ("busy_timeout", "5000"), ("journal_mode", "wal")]
        {
            let text =
                format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}").replace("busy_timeout AS", "timeout AS");
            let value: String = query_scalar(AssertSqlSafe(text)).fetch_one(pool).await.unwrap();
            assert_eq!(value, expected, "{pragma}");
        }
        assert_eq!(pool.options().get_acquire_timeout(), Duration::from_secs(5));
    }
    assert_eq!(store.writer().options().get_max_connections(), 1);
}

#[tokio::test]
async fn readers_do_not_wait_for_an_open_transaction() {
    let store = file::<NoProfile, Uuid>().await;
    let ada = add(&store, "ada@example.com", NoProfile).await;
    let mut tx = store.begin().await.unwrap();
    store.delete(&mut tx, &ada).await.unwrap();
    let waiting: Vec<_> = (0..32)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.begin().await.map(drop) })
        })
        .collect();
    tokio::task::yield_now().await;
    let found = tokio::time::timeout(Duration::from_secs(1), store.find(Lookup::Id(&ada))).await.unwrap().unwrap();
    assert!(found.is_some(), "nothing is committed yet");
    store.commit(tx).await.unwrap();
    for writer in waiting {
        writer.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_reader_that_is_kept_sees_every_write_and_takes_nothing_from_the_application() {
    let store = file::<NoProfile, Uuid>().await;
    let ada = add(&store, "ada@example.com", NoProfile).await;
    let find = || async { store.find(Lookup::Id(&ada)).await.unwrap() };
    assert!(find().await.is_some());
    let mut tx = store.begin().await.unwrap();
    store.delete(&mut tx, &ada).await.unwrap();
    assert!(find().await.is_some());
    store.commit(tx).await.unwrap();
    assert!(find().await.is_none(), "its last statement has ended");
    assert_eq!(store.pool().size(), 0, "it is of another pool");
    let limit = Duration::from_secs(5);
    tokio::time::timeout(limit, store.pool().close()).await.unwrap();
    assert!(find().await.is_none());
    let reads: Vec<_> = (0..40)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.find(Lookup::Id(&ada)).await.map(drop) })
        })
        .collect();
    for read in reads {
        read.await.unwrap().unwrap();
    }
    tokio::time::timeout(limit, store.close()).await.unwrap();
    assert!(store.find(Lookup::Id(&ada)).await.is_err());
}

#[test]
fn a_store_may_outlive_the_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (store, tx) = runtime.block_on(async {
        let store = file::<NoProfile, Uuid>().await;
        let ada = add(&store, "ada@example.com", NoProfile).await;
        assert!(store.find(Lookup::Id(&ada)).await.unwrap().is_some());
        let tx = store.begin().await.unwrap();
        (store, tx)
    });
    drop(runtime);
    drop(tx);
    drop(store);
}

#[tokio::test]
async fn a_caller_who_gives_up_waiting_harms_nothing() {
    let store: SqliteStore = SqliteStore::in_memory().await.unwrap();
    let ada = add(&store, "ada@example.com", NoProfile).await;
    let tx = store.begin().await.unwrap();
    for _ in 0..3 {
        assert!(tokio::time::timeout(Duration::from_millis(5), store.begin()).await.is_err());
        assert!(tokio::time::timeout(Duration::from_millis(5), store.find(Lookup::Id(&ada))).await.is_err());
    }
    drop(tx);
    assert!(store.find(Lookup::Id(&ada)).await.unwrap().is_some());
}

#[tokio::test]
async fn the_tables_live_beside_those_of_the_application() {
    let pool = application(4, true).await;
    query("CREATE TABLE users (name TEXT)").execute(&pool).await.unwrap();
    query("CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT)").execute(&pool).await.unwrap();
    query("INSERT INTO _sqlx_migrations VALUES (1, 'the application''s own')").execute(&pool).await.unwrap();

    let store: SqliteStore = SqliteStore::with_pool(pool.clone()).await.unwrap();
    let again: SqliteStore = SqliteStore::with_pool(pool.clone()).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    store.insert(&mut tx, &account("ada@example.com", NoProfile)).await.unwrap();
    query("INSERT INTO users VALUES ('Ada')").execute(&mut *tx).await.unwrap();
    drop(tx);
    add(&again, "bob@example.com", NoProfile).await;

    let count: i64 = query_scalar("SELECT COUNT(*) FROM users").fetch_one(store.pool()).await.unwrap();
    assert_eq!(count, 0, "what the application wrote in the transaction went with it");
    let applied: String =
        query_scalar("SELECT group_concat(description) FROM _sqlx_migrations").fetch_one(&pool).await.unwrap();
    assert_eq!(applied, "the application's own");
    let foreign: Vec<String> = query_scalar(
        "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'usermgr\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(foreign, ["_sqlx_migrations", "users"]);
}

#[tokio::test]
async fn deleting_a_user_that_the_application_still_needs_fails_and_says_so() {
    let store: SqliteStore<NoProfile, i64> = SqliteStore::with_pool(application(2, true).await).await.unwrap();
    query("CREATE TABLE orders (owner INTEGER REFERENCES usermgr_users (id))").execute(store.pool()).await.unwrap();
    let ada = add(&store, "ada@example.com", NoProfile).await;
    query("INSERT INTO orders VALUES (?)").bind(ada).execute(store.pool()).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let outcome = store.delete(&mut tx, &ada).await;
    assert!(matches!(&outcome, Err(StoreError::Backend(_))), "{outcome:?}");
    assert!(message(outcome).contains("FOREIGN KEY"));
}

#[tokio::test]
async fn a_session_of_a_deleted_user_is_stale() {
    let store = file::<NoProfile, Uuid>().await;
    let gone = Uuid::now_v7();
    assert!(matches!(store.insert_session(&session(&gone, "ada")).await, Err(StoreError::Stale)));
    let mut tx = store.begin().await.unwrap();
    assert_eq!(store.revoke_sessions(&mut tx, SessionFilter::User(&gone)).await.unwrap(), 0);
}

#[tokio::test]
async fn ids_of_another_type_are_distinguished() {
    async fn reopen<I: SqlId>(path: &Path, made_with: &str) {
        let name = I::KIND.name();
        match SqliteStore::<NoProfile, I>::open(path).await {
            Ok(_) => assert_eq!(name, made_with),
            Err(error) => assert_eq!(
                error.to_string(),
                format!(
                    "the store failed: the store is for ids of type {name}, but the database was made with ids of type {made_with}"
                )
            ),
        }
    }
    async fn check<I: SqlId>() {
        let path = new_file();
        SqliteStore::<NoProfile, I>::open(&path).await.unwrap().close().await;
        reopen::<Uuid>(&path, I::KIND.name()).await;
        reopen::<i64>(&path, I::KIND.name()).await;
        reopen::<String>(&path, I::KIND.name()).await;
    }
    check::<Uuid>().await;
    check::<i64>().await;
    check::<String>().await;
}

#[tokio::test]
async fn a_later_version_says_whether_this_one_may_serve_over_its_tables() {
    let path = new_file();
    let store: SqliteStore = SqliteStore::open(&path).await.unwrap();
    let add_column = "ALTER TABLE usermgr_users ADD COLUMN later TEXT";
    query(add_column).execute(store.pool()).await.unwrap();
    query("INSERT INTO usermgr_migrations VALUES (7, 'another', 1, 0)").execute(store.pool()).await.unwrap();
    let older: SqliteStore = SqliteStore::open(&path).await.unwrap();
    let id = add(&older, "ada@example.com", NoProfile).await;
    assert!(older.find(Lookup::Id(&id)).await.unwrap().is_some());

    query("UPDATE usermgr_migrations SET oldest = 6 WHERE version = 7").execute(store.pool()).await.unwrap();
    let error = message(SqliteStore::<NoProfile, Uuid>::open(&path).await);
    let expected = "later version of usermgr (migration 7), which needs one with migration 6 at least; this one has 1";
    assert!(error.contains(expected), "{error}");
}

#[tokio::test]
async fn tables_from_before_the_first_release_are_refused_and_left_alone() {
    let pool = application(2, true).await;
    let list = "CREATE TABLE usermgr_migrations (version BIGINT PRIMARY KEY, description TEXT, checksum BLOB)";
    query(list).execute(&pool).await.unwrap();
    let error = message(SqliteStore::<NoProfile, Uuid>::with_pool(pool.clone()).await);
    assert!(error.contains("before its first release") && error.contains("another table prefix"), "{error}");
    let tables: i64 =
        query_scalar("SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table'").fetch_one(&pool).await.unwrap();
    assert_eq!(tables, 1);
}

#[tokio::test]
async fn a_file_that_only_reads_is_opened_if_nothing_is_missing() {
    let path = new_file();
    let reading = async || {
        let options = SqliteConnectOptions::new().filename(&path).read_only(true);
        SqlitePoolOptions::new().connect_with(options).await.unwrap()
    };
    let store: SqliteStore = SqliteStore::open(&path).await.unwrap();
    let id = add(&store, "ada@example.com", NoProfile).await;
    let reader: SqliteStore = SqliteStore::with_pool(reading().await).await.unwrap();
    assert!(reader.find(Lookup::Id(&id)).await.unwrap().is_some());
    // The tables of the other prefix do not exist, and cannot be created.
    let staff = SqlOptions::new().prefix("staff_").with_pool::<_, NoProfile, Uuid>(reading().await).await;
    assert!(message(staff).contains("readonly database"));
}

/// Another process holds the write lock for a long time, as a backup or a batch does.
#[tokio::test]
async fn a_start_over_tables_that_are_up_to_date_waits_for_no_writer() {
    let path = new_file();
    let store: SqliteStore = SqliteStore::open(&path).await.unwrap();
    let held = store.begin().await.unwrap();
    let opening = SqliteStore::<NoProfile, Uuid>::open(&path);
    tokio::time::timeout(Duration::from_secs(2), opening).await.expect("it does not wait").unwrap();
    drop(held);
}

#[tokio::test]
async fn opening_without_migrating_names_what_is_missing_and_makes_nothing() {
    let path = new_file();
    let said = message(SqliteStore::<NoProfile, Uuid>::open_without_migrating(&path).await);
    assert!(said.contains("unable to open database file") && !path.exists(), "{said}");
    std::fs::write(&path, "").unwrap();
    let said = message(SqliteStore::<NoProfile, Uuid>::open_without_migrating(&path).await);
    assert!(
        said.contains("the tables `usermgr_..` of the database are not up to date") && said.contains("missing: 1;")
    );
    <SqliteStore>::migrate(&path).await.unwrap();
    let store: SqliteStore = SqliteStore::open_without_migrating(&path).await.unwrap();
    add(&store, "ada@example.com", NoProfile).await;
    let staff = SqlOptions::new().prefix("staff_").without_migrating().open::<NoProfile, Uuid>(&path).await;
    assert!(message(staff).contains("the tables `staff_..`"));
}

#[tokio::test]
async fn a_prefix_that_is_none_is_refused() {
    let opened = SqlOptions::new().prefix("users; --").open::<NoProfile, Uuid>(new_file()).await;
    assert!(message(opened).contains("the table prefix `users; --` is invalid"));
}

/// A database that was opened with a migration could not be opened after a change of that migration. Only an
/// unpublished migration may change, together with its checksum here.
#[tokio::test]
async fn a_migration_does_not_change() {
    let store: SqliteStore = SqliteStore::in_memory().await.unwrap();
    let sums = "SELECT version || ' ' || substr(checksum, 1, 16) FROM usermgr_migrations ORDER BY version";
    let sums: Vec<String> = query_scalar(sums).fetch_all(store.pool()).await.unwrap();
    assert_eq!(sums, ["1 abd3c9b0e6df48b3"]);
}

#[tokio::test]
async fn what_cannot_be_opened_is_named() {
    let directory = Directory::new();
    let missing = directory.0.join("missing").join("shop.db");
    let error = message(SqliteStore::<NoProfile, Uuid>::open(&missing).await);
    assert!(error.contains(&format!("cannot open the database {}: the directory ", missing.display())), "{error}");
    assert!(error.ends_with("missing does not exist"), "{error}");

    let text = directory.0.join("notes.txt");
    std::fs::write(&text, "This is no database, but it is long enough to have the header of one. ".repeat(20)).unwrap();
    let error = message(SqliteStore::<NoProfile, Uuid>::open(&text).await);
    assert!(error.contains("notes.txt") && error.contains("file is not a database"), "{error}");

    let error = message(SqliteStore::<NoProfile, Uuid>::open(&directory.0).await);
    assert!(error.contains("unable to open database file"), "{error}");
    let error = message(SqliteStore::<NoProfile, Uuid>::open(":memory:").await);
    assert!(error.contains("SqliteStore::in_memory()"), "{error}");
}

#[tokio::test]
async fn a_name_is_a_name_and_nothing_else() {
    let directory = Directory::new();
    for name in ["a?mode=memory", "b#c%20d", "file:e"] {
        let path = directory.0.join(name);
        SqliteStore::<NoProfile, Uuid>::open(&path).await.unwrap().close().await;
        assert!(std::fs::metadata(&path).unwrap().len() > 0, "{name}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let path = new_file();
    let store: SqliteStore = SqliteStore::open(&path).await.unwrap();
    add(&store, "ada@example.com", NoProfile).await;
    for suffix in ["", "-wal", "-shm"] {
        let mode = std::fs::metadata(format!("{}{suffix}", path.display())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{suffix}");
    }
}

#[tokio::test]
async fn x1_a_row_that_cannot_be_read_is_named_by_its_id_alone() {
    let store = file::<Card, i64>().await;
    let id = add(&store, "ada@example.com", Card::sample()).await;
    for (sql, expected) in [
        (
            r#"UPDATE usermgr_users SET profile = '{"name": {"canary": 1}}'"#,
            "the profile of the user 1 cannot be read (line 1 column 9)",
        ),
        (
            r#"UPDATE usermgr_users SET profile = '{"name": "canary"}'"#,
            "the profile of the user 1 cannot be read (missing field `credits`",
        ),
    ] {
        query(sql).execute(store.pool()).await.unwrap();
        let error = message(store.find(Lookup::Id(&id)).await);
        assert!(error.contains(expected) && !error.contains("canary"), "{error}");
    }
    let mut tx = store.begin().await.unwrap();
    assert!(store.delete(&mut tx, &id).await.unwrap(), "it can still be deleted");
}

#[tokio::test]
async fn an_address_that_would_be_refused_today_is_still_read() {
    let store = file::<NoProfile, i64>().await;
    let id = add(&store, "ada@example.com", NoProfile).await;
    query("UPDATE usermgr_users SET email = 'Ada@localhost'").execute(store.pool()).await.unwrap();
    let record = store.find(Lookup::Id(&id)).await.unwrap().unwrap();
    assert_eq!((record.user.email.as_str(), record.user.email.canonical()), ("Ada@localhost", "ada@localhost"));
}

#[tokio::test]
async fn superusers_are_counted_by_an_index() {
    let store = file::<NoProfile, Uuid>().await;
    let plan = "EXPLAIN QUERY PLAN SELECT COUNT(*) FROM usermgr_users WHERE is_superuser AND is_active";
    let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(plan).fetch_all(store.pool()).await.unwrap();
    assert!(rows.iter().all(|row| row.3.contains("usermgr_users_superusers")), "{rows:?}");
}

#[tokio::test]
async fn a_search_reads_a_range_of_the_index_of_addresses_in_its_order() {
    let store = file::<NoProfile, Uuid>().await;
    let users = &store.statements().users;
    for sql in [&users.search, &users.search_after] {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", sql.as_str()));
        let plan = sqlx::query_as(explain).bind("ada").bind("adb").bind(1).bind(1).bind(9);
        let rows: Vec<(i64, i64, i64, String)> = plan.fetch_all(store.pool()).await.unwrap();
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert!(row.3.ends_with("(email_key>? AND email_key<?)"), "{rows:?}");
    }
}

#[tokio::test]
async fn p15_a_new_database_has_no_account() {
    let store = file::<NoProfile, Uuid>().await;
    let count: i64 = query_scalar("SELECT COUNT(*) FROM usermgr_users").fetch_one(store.pool()).await.unwrap();
    assert_eq!(count, 0);
}

#[tokio::test]
async fn x25_after_a_moment_without_room_the_next_change_is_written() {
    let store = file::<NoProfile, Uuid>().await;
    let ada = add(&store, "ada@example.com", NoProfile).await;
    let pages: i64 = query_scalar("PRAGMA page_count").fetch_one(store.writer()).await.unwrap();
    // It applies only to this connection. The connection that replaces it has space.
    query(AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"))).execute(store.writer()).await.unwrap();

    let mut full = None;
    let mut tx = store.begin().await.unwrap();
    for number in 0..1000 {
        match store.insert(&mut tx, &account(&format!("user{number}@example.com"), NoProfile)).await {
            Ok(_) => {}
            Err(error) => {
                full = Some(error.to_string());
                break;
            }
        }
    }
    assert!(full.is_some_and(|error| error.contains("full")), "there was room");
    drop(tx);

    for number in 0..3 {
        add(&store, &format!("later{number}@example.com"), NoProfile).await;
    }
    let count: i64 = query_scalar("SELECT COUNT(*) FROM usermgr_users").fetch_one(store.pool()).await.unwrap();
    assert_eq!(count, 4, "what did not fit was taken back");
    assert!(store.find(Lookup::Id(&ada)).await.unwrap().is_some());
}
