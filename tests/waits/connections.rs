//! Connections that are of no use any further are closed and replaced: those whose answer no caller has read, those to a server that has become
//! read-only, and those that are inside a transaction.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::{Connection as _, MySqlConnection, PgConnection, query, query_scalar};
use usermgr::{
    StoreError, UserStore,
    limits::{CounterKey, CounterStore},
    sql::{Dialect, SqlStore},
    store::Lookup,
    user::{EmailAddress, NewRecord, NoProfile, Stamp},
};

use crate::statements::{LIMIT, Rig, mariadb, no_one, postgres};

/// How long a caller waits that goes away before the answer.
const HASTE: Duration = Duration::from_millis(40);
/// How long an answer takes meanwhile.
const DELAY: Duration = Duration::from_millis(100);

fn address(name: &str) -> EmailAddress {
    EmailAddress::from_stored(format!("{name}@example.com"))
}

async fn add<S: UserStore<Profile = NoProfile>>(store: &S, name: &str) {
    let mut tx = store.begin().await.unwrap();
    let new = NewRecord::new(address(name), Timestamp::UNIX_EPOCH, NoProfile, Stamp::from_bytes([7; 16]));
    store.insert(&mut tx, &new).await.unwrap();
    store.commit(tx).await.unwrap();
}

/// Callers go away while their answers are under way. Each later caller gets the own answer.
async fn each_gets_the_own_answer<D: Dialect>(Rig { store, proxy, .. }: &Rig<SqlStore<D>>) {
    for name in ["ada", "bob"] {
        add(store, name).await;
    }
    for round in 0..6 {
        proxy.delay(DELAY);
        for _ in 0..2 {
            let (ada, me) = (address("ada"), no_one());
            let hasty = async { tokio::join!(store.find(Lookup::Email(&ada)), store.find(Lookup::Email(&me))) };
            assert!(tokio::time::timeout(HASTE, hasty).await.is_err(), "the answer was there already");
        }
        proxy.pass();
        for name in ["bob", "ada"] {
            let found = store.find(Lookup::Email(&address(name))).await.unwrap().unwrap();
            assert_eq!(found.user.email, address(name), "round {round}");
        }
        assert!(store.find(Lookup::Email(&no_one())).await.unwrap().is_none(), "round {round}");
    }
}

/// Callers go away while a transaction begins. A later write by itself is not part of that transaction: another connection sees it.
async fn a_write_is_written<D: Dialect>(Rig { store, proxy, .. }: &Rig<SqlStore<D>>, count: impl AsyncFn() -> i64) {
    for round in 1..=4 {
        proxy.delay(DELAY);
        let hasty = async { tokio::join!(store.begin(), store.begin()) };
        assert!(tokio::time::timeout(HASTE, hasty).await.is_err(), "the answer was there already");
        proxy.pass();
        let key = CounterKey::new("test", &round.to_string());
        store.remember(&key, Duration::from_secs(3600), Timestamp::now()).await.unwrap();
        assert_eq!(count().await, round);
    }
}

#[tokio::test]
async fn x27_an_unread_answer_is_for_no_other_caller_in_postgres() {
    let Some(rig) = postgres().await else { return };
    each_gets_the_own_answer(&rig).await;
    let mut other = PgConnection::connect(rig.database.url()).await.unwrap();
    let other = tokio::sync::Mutex::new(&mut other);
    a_write_is_written(&rig, async || {
        query_scalar("SELECT COUNT(*) FROM usermgr_counters").fetch_one(&mut **other.lock().await).await.unwrap()
    })
    .await;
}

#[tokio::test]
async fn x27_an_unread_answer_is_for_no_other_caller_in_mariadb() {
    let Some(rig) = mariadb().await else { return };
    each_gets_the_own_answer(&rig).await;
    let mut other = MySqlConnection::connect(rig.database.url()).await.unwrap();
    let other = tokio::sync::Mutex::new(&mut other);
    a_write_is_written(&rig, async || {
        query_scalar("SELECT COUNT(*) FROM usermgr_counters").fetch_one(&mut **other.lock().await).await.unwrap()
    })
    .await;
}

/// Who goes away while the server is silent gives the connection back all the same.
async fn who_goes_away_takes_no_connection<D: Dialect>(Rig { store, proxy, .. }: &Rig<SqlStore<D>>) {
    for _ in 0..3 {
        proxy.silence_all();
        let (one, other) = (no_one(), no_one());
        let hasty = async { tokio::join!(store.find(Lookup::Email(&one)), store.find(Lookup::Email(&other))) };
        assert!(tokio::time::timeout(HASTE, hasty).await.is_err(), "the answer was there already");
        proxy.pass();
        // The test of a connection that goes back may take as long as a statement.
        tokio::time::sleep(LIMIT).await;
        let all = tokio::join!(store.begin(), store.begin());
        assert!(all.0.is_ok() && all.1.is_ok(), "connections are missing");
    }
}

#[tokio::test]
async fn x27_who_goes_away_from_a_silent_server_takes_no_connection_along() {
    if let Some(rig) = postgres().await {
        who_goes_away_takes_no_connection(&rig).await;
    }
    if let Some(rig) = mariadb().await {
        who_goes_away_takes_no_connection(&rig).await;
    }
}

/// Tries to write until it works, and returns how often it did not.
async fn failures<D: Dialect>(store: &SqlStore<D>) -> usize {
    let key = CounterKey::new("test", "");
    for failures in 0..10 {
        let outcome = store.remember(&key, Duration::from_secs(3600), Timestamp::now()).await;
        match outcome {
            Ok(()) => return failures,
            Err(StoreError::Backend(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("no write gets through");
}

/// As after a failover behind a fixed address: the open connections cannot write any more, and new ones can.
#[tokio::test]
async fn x27_a_read_only_connection_is_replaced_after_its_first_write() {
    if let Some(Rig { store, database, .. }) = postgres().await {
        let (mut one, mut other) = tokio::try_join!(store.pool().acquire(), store.pool().acquire()).unwrap();
        for connection in [&mut one, &mut other] {
            query("SET default_transaction_read_only = on").execute(&mut **connection).await.unwrap();
        }
        drop((one, other));
        settle().await;
        let failed = failures(&store).await;
        assert!((1..=2).contains(&failed), "{failed}");
        store.find(Lookup::Email(&no_one())).await.unwrap();
        drop((store, database));
    }
    if let Some(Rig { store, database, .. }) = mariadb().await {
        let (mut one, mut other) = tokio::try_join!(store.pool().acquire(), store.pool().acquire()).unwrap();
        for connection in [&mut one, &mut other] {
            query("SET SESSION TRANSACTION READ ONLY").execute(&mut **connection).await.unwrap();
        }
        drop((one, other));
        settle().await;
        let failed = failures(&store).await;
        assert!((1..=2).contains(&failed), "{failed}");
        drop((store, database));
    }
}

/// Connections go back in a task.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

/// The application gives connections back inside a transaction. What the library writes is not part of it.
#[tokio::test]
async fn x27_a_connection_inside_a_transaction_is_replaced_before_it_is_used() {
    let Some(Rig { store, database, .. }) = postgres().await else { return };
    for _ in 0..2 {
        let mut connection = store.pool().acquire().await.unwrap();
        // sqlx counts it as open and does not learn of its end.
        std::mem::forget(sqlx::Connection::begin(&mut *connection).await.unwrap());
    }
    settle().await;
    let key = CounterKey::new("test", "");
    store.remember(&key, Duration::from_secs(3600), Timestamp::now()).await.unwrap();
    let mut other = PgConnection::connect(database.url()).await.unwrap();
    let count: i64 = query_scalar("SELECT COUNT(*) FROM usermgr_counters").fetch_one(&mut other).await.unwrap();
    assert_eq!(count, 1, "another connection sees it");
    drop((store, database));
}
