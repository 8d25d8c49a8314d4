//! Credentials and pending steps used by 32 connections at once, round after round: never more attempts than are allowed, one swap, one
//! take, one insertion.

use std::sync::Arc;

use tokio::{sync::Barrier, task::JoinSet};
use usermgr::{
    Engine, MemoryStore, MysqlStore, NoProfile, PgStore, StoreError,
    store::{
        Credential, CredentialDigest, CredentialKind, CredentialStore, NewCredential, Pending, PendingPurpose,
        SessionStore,
    },
};
use uuid::Uuid;

use crate::rig::{add, mariadb, mariadb_pool, postgres, postgres_pool, sqlite};

const RIVALS: usize = 32;
const ROUNDS: usize = 40;
const ALLOWED: u32 = 5;
const BADGE: CredentialKind = CredentialKind::new("shop:badge");
const DOOR: PendingPurpose = PendingPurpose::new("shop:door");

/// What comes of 32 who do the same at the same moment.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(attempt: impl Fn(usize) -> F) -> Vec<T> {
    let (start, mut rivals) = (Arc::new(Barrier::new(RIVALS)), JoinSet::new());
    for number in 0..RIVALS {
        let (start, attempt) = (Arc::clone(&start), attempt(number));
        rivals.spawn(async move {
            start.wait().await;
            attempt.await
        });
    }
    rivals.join_all().await
}

async fn inserted<S: CredentialStore>(store: &S, new: &NewCredential<S::Id>) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    store.insert_credential(&mut tx, new).await?;
    store.commit(tx).await
}

async fn race<S: CredentialStore<Profile = NoProfile, Id = Uuid> + Clone>(store: S) {
    let now = jiff::Timestamp::now();
    let ada = add(&store, "ada@example.com", NoProfile).await;
    for round in 0..ROUNDS {
        let digest = CredentialDigest::of(format!("round {round}"));
        let end = now + std::time::Duration::from_secs(60);
        store.put_pending(&Pending::new(digest.clone(), DOOR, "{}", end).user(ada)).await.unwrap();
        let tried = at_once(|_| {
            let (store, digest) = (store.clone(), digest.clone());
            async move { store.try_pending(&digest, &DOOR, ALLOWED, now).await.unwrap().is_some() }
        });
        assert_eq!(tried.await.into_iter().filter(|counted| *counted).count(), ALLOWED as usize, "round {round}");
        let taken = at_once(|_| {
            let (store, digest) = (store.clone(), digest.clone());
            async move { store.take_pending(&digest, &DOOR, now).await.unwrap() }
        });
        let taken: Vec<_> = taken.await.into_iter().flatten().collect();
        assert_eq!(taken.iter().map(|pending| pending.attempts).collect::<Vec<_>>(), [ALLOWED], "round {round}");

        let outcomes = at_once(|_| {
            let (store, new) = (store.clone(), NewCredential::new(ada, BADGE, "{}", now).lookup(digest.clone()));
            async move { inserted(&store, &new).await }
        });
        let outcomes = outcomes.await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "round {round}: {outcomes:?}");
        let lost = |outcome: &Result<(), StoreError>| {
            matches!(outcome, Ok(()) | Err(StoreError::Conflict | StoreError::Stale))
        };
        assert!(outcomes.iter().all(lost), "round {round}: {outcomes:?}");

        let read = store.find_credential(&BADGE, &digest, now).await.unwrap().unwrap().0;
        let swapped = at_once(|number| {
            let (store, mut mine) = (store.clone(), read.clone());
            mine.data = number.to_string();
            async move { store.swap_credential(&mine).await.unwrap().then_some(mine.data) }
        });
        let winners: Vec<_> = swapped.await.into_iter().flatten().collect();
        let kept: Credential<Uuid> = store.find_credential(&BADGE, &digest, now).await.unwrap().unwrap().0;
        assert_eq!((winners, kept.version), (vec![kept.data], 1), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_connections_of_postgres_no_more_use_a_credential_than_may() {
    let Some(pool) = postgres_pool(RIVALS as u32).await else { return };
    race(PgStore::with_pool(pool).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_connections_of_mariadb_no_more_use_a_credential_than_may() {
    let Some(pool) = mariadb_pool(RIVALS as u32).await else { return };
    race(MysqlStore::with_pool(pool).await.unwrap()).await;
}

/// The single purge of an engine deletes what has expired, with any parts.
async fn purged<S: SessionStore<Profile = NoProfile, Id = Uuid> + CredentialStore>(store: S) {
    let engine = Engine::new(store);
    let (store, now) = (engine.store(), jiff::Timestamp::now());
    let before = now - std::time::Duration::from_secs(60);
    let ada = add(store, "ada@example.com", NoProfile).await;
    inserted(store, &NewCredential::new(ada, BADGE, "{}", before).expires_at(before)).await.unwrap();
    inserted(store, &NewCredential::new(ada, BADGE, "{}", before)).await.unwrap();
    store.put_pending(&Pending::new(CredentialDigest::of("a"), DOOR, "{}", before)).await.unwrap();
    assert_eq!(engine.purge().await.unwrap(), 2);
    assert_eq!(engine.purge().await.unwrap(), 0);
    assert_eq!(store.list_credentials(None, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn one_purge_deletes_expired_credentials_and_pending_steps() {
    purged(MemoryStore::new()).await;
    purged(sqlite::<NoProfile, Uuid>().await).await;
    if let Some(store) = postgres::<NoProfile, Uuid>().await {
        purged(store).await;
    }
    if let Some(store) = mariadb::<NoProfile, Uuid>().await {
        purged(store).await;
    }
}
