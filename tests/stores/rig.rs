//! Stores over fresh databases, which go when the test does, and the profile that they keep.

use std::cell::RefCell;

use sqlx::{MySqlPool, PgPool, mysql::MySqlPoolOptions, postgres::PgPoolOptions};
use usermgr::{
    MysqlStore, NoProfile, PgStore, Profile, SqliteStore, UserStore,
    limits::RedisCounters,
    sql::{SqlId, SqlOptions},
    store::RedisServer,
    user::{EmailRules, NewRecord, PasswordHash, Stamp},
};
use usermgr_tests::{Database, DatabaseServer, Folder, Rights};
use uuid::Uuid;

thread_local! {
    /// What the test on this thread works in.
    static KEPT: RefCell<(Vec<Folder>, Vec<Database>, Vec<Rights>)> = const { RefCell::new((Vec::new(), Vec::new(), Vec::new())) };
}

/// The URL of a database that lasts as long as the test on this thread; none when its server is not there, and the test is skipped.
pub(crate) fn fresh(server: DatabaseServer) -> Option<String> {
    server.database().map(kept)
}

/// The same of a schema, which is all that a store needs.
fn fresh_schema(server: DatabaseServer) -> Option<String> {
    server.schema().map(kept)
}

fn kept(database: Database) -> String {
    let url = database.url().to_owned();
    KEPT.with_borrow_mut(|(_, databases, _)| databases.push(database));
    url
}

pub(crate) async fn sqlite<P: Profile, I: SqlId>() -> SqliteStore<P, I> {
    let folder = Folder::over(None);
    let path = folder.file("users.db");
    KEPT.with_borrow_mut(|(folders, ..)| folders.push(folder));
    SqliteStore::open(path).await.unwrap()
}

pub(crate) async fn postgres<P: Profile, I: SqlId>() -> Option<PgStore<P, I>> {
    Some(PgStore::connect(&fresh_schema(DatabaseServer::Postgres)?).await.unwrap())
}

/// Under another prefix, beside the tables of other users.
pub(crate) async fn prefixed_postgres<I: SqlId>() -> Option<PgStore<NoProfile, I>> {
    let other = postgres::<NoProfile, Uuid>().await?;
    Some(SqlOptions::new().prefix("staff_").with_pool(other.pool().clone()).await.unwrap())
}

/// Under another prefix, beside the tables of other users.
pub(crate) async fn prefixed_mariadb<I: SqlId>() -> Option<MysqlStore<NoProfile, I>> {
    let other = mariadb::<NoProfile, Uuid>().await?;
    Some(SqlOptions::new().prefix("staff_").with_pool(other.pool().clone()).await.unwrap())
}

pub(crate) async fn postgres_pool(connections: u32) -> Option<PgPool> {
    let url = fresh_schema(DatabaseServer::Postgres)?;
    Some(PgPoolOptions::new().max_connections(connections).connect(&url).await.unwrap())
}

pub(crate) async fn mariadb<P: Profile, I: SqlId>() -> Option<MysqlStore<P, I>> {
    Some(MysqlStore::connect(&fresh(DatabaseServer::MariaDb)?).await.unwrap())
}

pub(crate) async fn mariadb_pool(connections: u32) -> Option<MySqlPool> {
    let url = fresh(DatabaseServer::MariaDb)?;
    Some(MySqlPoolOptions::new().max_connections(connections).connect(&url).await.unwrap())
}

/// Tables that another account has migrated, opened by one with the rights of the guide and no others.
macro_rules! serving {
    ($name:ident, $store:ident, $server:expr) => {
        pub(crate) async fn $name() -> Option<$store> {
            let rights = Rights::on($server)?;
            rights.grant_to_migrate().await;
            <$store>::migrate(&rights.owner()).await.unwrap();
            rights.grant_to_serve().await;
            let store = $store::connect_without_migrating(&rights.app()).await.unwrap();
            KEPT.with_borrow_mut(|(.., kept)| kept.push(rights));
            Some(store)
        }
    };
}

serving!(serving_postgres, PgStore, DatabaseServer::Postgres);
serving!(serving_mariadb, MysqlStore, DatabaseServer::MariaDb);

/// Counters in a corner of their own; none when there is no server, and the test is skipped.
pub(crate) async fn redis() -> Option<RedisCounters> {
    let url = usermgr_tests::redis("the counters in Redis")?;
    Some(RedisCounters::open(RedisServer::new(url).prefix(usermgr_tests::redis_corner())).await.unwrap())
}

/// A profile with what profiles are likely to hold.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Card {
    pub(crate) name: String,
    pub(crate) nickname: Option<String>,
    pub(crate) credits: u64,
    pub(crate) ratio: f64,
    pub(crate) tags: Vec<String>,
}

impl Card {
    pub(crate) fn sample() -> Self {
        let tags = ["a\0b", "'; DROP TABLE usermgr_users; --", "\u{1f980}", "\\u0000 \\\" ? $1 :x"];
        Self {
            name: "Ada \"Countess\" Lovelace".to_owned(),
            nickname: None,
            credits: u64::MAX,
            ratio: 1.0e-7,
            tags: tags.map(str::to_owned).into(),
        }
    }
}

impl Profile for Card {
    type Register = Card;
    type Update = Card;
    type AdminUpdate = Card;

    fn create(input: Card) -> Self {
        input
    }

    fn apply(&mut self, update: Card) {
        *self = update;
    }

    fn apply_admin(&mut self, update: Card) {
        *self = update;
    }
}

/// An account as a registration makes it.
pub(crate) fn account<P>(email: &str, profile: P) -> NewRecord<P> {
    let email = EmailRules::new().international(true).parse(email).unwrap();
    let created_at = "2026-01-01T00:00:00.123456Z".parse().unwrap();
    let mut new = NewRecord::new(email, created_at, profile, Stamp::from_bytes(*b"stamp of account"));
    new.password_hash = Some(PasswordHash::new("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA"));
    new
}

pub(crate) async fn add<S: UserStore>(store: &S, email: &str, profile: S::Profile) -> S::Id {
    let mut tx = store.begin().await.unwrap();
    let id = store.insert(&mut tx, &account(email, profile)).await.unwrap();
    store.commit(tx).await.unwrap();
    id
}
