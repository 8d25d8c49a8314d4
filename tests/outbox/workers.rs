//! Those who deliver: woken at once, side by side, and ended without leaving anything half done.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::sync::oneshot;
use usermgr::{
    Fault, MysqlStore, PgStore,
    engine::Deadline,
    prelude::*,
    testing::{FakeClock, Probe},
};
use usermgr_tests::{DatabaseServer, Folder};

use crate::world::{ADA, Accounts, Journal, Store};

/// A worker, and what ends it.
fn worker<S: Store>(accounts: &Arc<Accounts<S>>) -> (oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let (stop, stopped) = oneshot::channel();
    let accounts = accounts.clone();
    let work = async move { accounts.deliver(async { drop(stopped.await) }).await.unwrap() };
    (stop, tokio::spawn(work))
}

#[tokio::test(start_paused = true)]
async fn a_push_wakes_the_worker_of_the_same_process_at_once() {
    let (clock, journal) = (FakeClock::start(), Journal::default());
    let accounts = Accounts::over(MemoryStore::new(), &clock, &journal);
    let (stop, work) = worker(&accounts);
    for number in 0..3 {
        accounts.registered(&format!("user{number}@example.com")).await;
        let begun = tokio::time::Instant::now();
        while journal.len() <= number {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(begun.elapsed() < Duration::from_millis(100), "{:?}", begun.elapsed());
    }
    drop(stop);
    work.await.unwrap();
}

/// The account of a discreet registration is written in the background, when the server may have ended.
#[tokio::test(start_paused = true)]
async fn x6_x28_a_shutdown_awaits_the_background_delivers_what_it_has_left_and_ends_the_tasks() {
    let (clock, journal) = (FakeClock::start(), Journal::default());
    let accounts = Accounts::over(MemoryStore::new(), &clock, &journal);
    accounts.start_delivery().unwrap();
    accounts.start_purging(Duration::from_secs(3600)).unwrap();
    let ada = Register::new(ADA, "correct horse battery");
    accounts.register_discreetly(ada, &Context::default()).await.unwrap();
    accounts.shutdown(Deadline::after(Duration::from_secs(10))).await;
    accounts.user(ADA).await;
    assert_eq!(journal.len(), 1);
    tokio::task::yield_now().await;
    assert_eq!(Arc::strong_count(&accounts), 1, "no task is left");
}

#[tokio::test]
async fn without_an_outbox_no_delivery_starts() {
    let (engine, journal) = (Engine::new(MemoryStore::new()), Journal::default());
    let accounts = Arc::new(Accounts { engine, journal, probe: Probe::default() });
    let refused = accounts.start_delivery();
    assert!(matches!(refused, Err(Fault::Config(_))), "{refused:?}");
}

#[test]
fn outside_of_a_runtime_no_task_starts() {
    let accounts = Accounts::over(MemoryStore::new(), &FakeClock::start(), &Journal::default());
    for refused in [accounts.start_delivery(), accounts.start_purging(Duration::from_secs(3600))] {
        assert!(matches!(refused, Err(Fault::Config(_))), "{refused:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_process_pushed_is_found_within_a_second() {
    let (clock, journal, store) = (FakeClock::start(), Journal::default(), MemoryStore::new());
    let (delivers, pushes) =
        (Accounts::over(store.clone(), &clock, &journal), Accounts::over(store, &clock, &Journal::default()));
    let (stop, work) = worker(&delivers);
    tokio::time::sleep(Duration::from_millis(100)).await;
    pushes.registered(ADA).await;
    tokio::time::sleep(Duration::from_millis(1001)).await;
    assert_eq!(journal.len(), 1);
    drop(stop);
    work.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_stopped_finishes_what_it_has_begun() {
    let (clock, journal) = (FakeClock::start(), Journal::slow(Duration::from_secs(3)));
    let accounts = Accounts::over(MemoryStore::new(), &clock, &journal);
    accounts.registered(ADA).await;
    let (stop, work) = worker(&accounts);
    while journal.under_way() == 0 {
        tokio::task::yield_now().await;
    }
    drop(stop);
    work.await.unwrap();
    assert_eq!((journal.len(), journal.under_way()), (1, 0));
    assert_eq!(accounts.deliver_due().await.unwrap(), 0, "it is done");
}

#[tokio::test]
async fn a_worker_outlasts_a_store_that_fails() {
    let (clock, journal) = (FakeClock::start(), Journal::default());
    let store: SqliteStore = SqliteStore::in_memory().await.unwrap();
    let accounts = Accounts::over(store.clone(), &clock, &journal);
    let (stop, work) = worker(&accounts);
    store.close().await;
    assert!(accounts.deliver_due().await.is_err(), "it has failed");
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert!(!work.is_finished());
    drop(stop);
    work.await.unwrap();
}

/// Three engines over one store, as in three processes, deliver fifty rows while more come in.
async fn side_by_side<S: Store + Clone>(store: S) {
    let clock = FakeClock::start();
    let journal = Journal::slow(Duration::from_millis(20));
    let all: Vec<_> = (0..3).map(|_| Accounts::over(store.clone(), &clock, &journal)).collect();
    let workers: Vec<_> = all.iter().map(worker).collect();
    let mut expected = BTreeSet::new();
    for number in 0..50 {
        let user = all[number % 3].registered(&format!("user{number}@example.com")).await;
        expected.insert(format!("register({}) by no actor from nowhere, without an agent", user.email));
    }
    let end = tokio::time::Instant::now() + Duration::from_secs(30);
    while journal.len() < expected.len() && tokio::time::Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for (stop, work) in workers {
        drop(stop);
        work.await.unwrap();
    }
    let lines = journal.take();
    assert_eq!(lines.len(), expected.len(), "each once");
    assert_eq!(lines.into_iter().collect::<BTreeSet<_>>(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn x6_of_several_workers_over_memory_one_delivers_each_row() {
    side_by_side(MemoryStore::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn x6_of_several_workers_over_sqlite_one_delivers_each_row() {
    let folder = Folder::over(None);
    side_by_side(SqliteStore::open(folder.file("users.db")).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn x6_of_several_workers_over_postgres_one_delivers_each_row() {
    let Some(database) = DatabaseServer::Postgres.database() else { return };
    let store: PgStore = PgStore::connect(database.url()).await.unwrap();
    side_by_side(store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn x6_of_several_workers_over_mariadb_one_delivers_each_row() {
    let Some(database) = DatabaseServer::MariaDb.database() else { return };
    let store: MysqlStore = MysqlStore::connect(database.url()).await.unwrap();
    side_by_side(store).await;
}
