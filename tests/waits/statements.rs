//! Every statement of a SQL store on a connection that falls silent: it fails in time, and the pool loses no connection.

use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use sqlx::{MySqlPool, PgPool, mysql::MySqlPoolOptions, postgres::PgPoolOptions};
use usermgr::{
    MysqlStore, PgStore, StoreError, UserStore,
    sql::{Dialect, SqlOptions, SqlStore, SqlTransaction},
    store::{ListQuery, Lookup, OutboxStore as _, SessionId, SessionStore},
    user::EmailAddress,
};
use usermgr_tests::{Database, DatabaseServer, Proxy};

/// How long a statement may take.
pub(crate) const LIMIT: Duration = Duration::from_millis(300);
/// How many connections the pool has.
const CONNECTIONS: u32 = 2;
/// What a pool sends to test a connection that goes back: PostgreSQL's `Sync`, and MariaDB's `COM_PING`.
const TESTS: [&[u8]; 2] = [b"S\x00\x00\x00\x04", b"\x01\x00\x00\x00\x0e"];

type Outcome<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

/// A store over a pool of the application behind a proxy. Its pool asks no connection whether it lives before it is used, so that it is the
/// statement that finds out; and no connection keeps a statement, so that each call sends the text that the proxy looks for.
pub(crate) struct Rig<S> {
    pub(crate) store: S,
    pub(crate) proxy: Proxy,
    /// Dropped last.
    pub(crate) database: Database,
}

/// Adds the option that a connection keeps no prepared statement.
fn without_statements(url: &str) -> String {
    format!("{url}{}statement-cache-capacity=0", if url.contains('?') { '&' } else { '?' })
}

pub(crate) async fn postgres() -> Option<Rig<PgStore>> {
    let database = DatabaseServer::Postgres.database()?;
    let (proxy, url) = Proxy::before(database.url());
    let url = without_statements(&url);
    let pool: PgPool =
        PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false).connect(&url).await.unwrap();
    let store = SqlOptions::new().statement_timeout(LIMIT).with_pool(pool).await.unwrap();
    Some(Rig { store, proxy, database })
}

pub(crate) async fn mariadb() -> Option<Rig<MysqlStore>> {
    let database = DatabaseServer::MariaDb.database()?;
    let (proxy, url) = Proxy::before(database.url());
    let url = without_statements(&url);
    let pool: MySqlPool =
        MySqlPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false).connect(&url).await.unwrap();
    let store = SqlOptions::new().statement_timeout(LIMIT).with_pool(pool).await.unwrap();
    Some(Rig { store, proxy, database })
}

pub(crate) fn no_one() -> EmailAddress {
    EmailAddress::from_stored("nobody@example.com")
}

/// A statement that falls silent: its name, what the silent piece contains, and a call that sends it.
struct Place<D: Dialect> {
    name: &'static str,
    silent: fn(&[u8]) -> bool,
    call: for<'a> fn(&'a SqlStore<D>) -> Outcome<'a>,
    /// Whether the caller waits for that piece.
    fails: bool,
}

fn contains(piece: &[u8], text: &str) -> bool {
    piece.windows(text.len()).any(|part| part == text.as_bytes())
}

fn places<D: Dialect>() -> [Place<D>; 7] {
    async fn used<D: Dialect>(store: &SqlStore<D>) -> Result<SqlTransaction<D>, StoreError> {
        let mut tx = store.begin().await?;
        store.use_once(&mut tx, "token", Timestamp::now()).await?;
        Ok(tx)
    }
    [
        Place {
            name: "a look-up",
            silent: |piece| contains(piece, "email_key ="),
            call: |store| Box::pin(async { store.find(Lookup::Email(&no_one())).await.map(drop) }),
            fails: true,
        },
        Place {
            name: "a list",
            silent: |piece| contains(piece, "FROM usermgr_outbox"),
            call: |store| Box::pin(async { store.list_failed(&ListQuery::default()).await.map(drop) }),
            fails: true,
        },
        Place {
            name: "a write by itself",
            silent: |piece| contains(piece, "SET seen_at"),
            call: |store| Box::pin(async { store.touch_session(&SessionId::new("none"), Timestamp::now()).await }),
            fails: true,
        },
        Place {
            name: "the beginning of a transaction",
            silent: |piece| contains(piece, "READ COMMITTED"),
            call: |store| Box::pin(async { store.begin().await.map(drop) }),
            fails: true,
        },
        Place {
            name: "a write in a transaction",
            silent: |piece| contains(piece, "usermgr_ended_tokens"),
            call: |store| Box::pin(async { used(store).await.map(drop) }),
            fails: true,
        },
        Place {
            name: "the commit",
            silent: |piece| contains(piece, "COMMIT") && !contains(piece, "READ COMMITTED"),
            call: |store| Box::pin(async { store.commit(used(store).await?).await }),
            fails: true,
        },
        Place {
            name: "the test of a connection that goes back",
            silent: |piece| TESTS.contains(&piece),
            call: |store| Box::pin(async { store.find(Lookup::Email(&no_one())).await.map(drop) }),
            fails: false,
        },
    ]
}

/// Makes each place silent more often than the pool has connections. After each, the pool has all of them.
async fn walk<D: Dialect>(Rig { store, proxy, database }: Rig<SqlStore<D>>) {
    for Place { name, silent, call, fails } in places::<D>() {
        for round in 0..=CONNECTIONS {
            let (silenced, begun) = (proxy.silenced(), Instant::now());
            proxy.silence_on(silent);
            let outcome = call(&store).await;
            assert_eq!(outcome.is_err(), fails, "{name}, round {round}: {outcome:?}");
            assert!(begun.elapsed() < 4 * LIMIT, "{name}, round {round}: {:?}", begun.elapsed());
            // The test of a connection comes after the answer.
            while proxy.silenced() == silenced {
                assert!(begun.elapsed() < 20 * LIMIT, "{name}, round {round}: nothing was silent");
                tokio::time::sleep(LIMIT / 30).await;
            }
            proxy.pass();
            if let Err(error) = outcome {
                let text = error.to_string();
                assert!(text.contains("did not answer within 300ms"), "{name}, round {round}: {text}");
                // The silent connection is closed at once, and another one is there.
                let begun = Instant::now();
                store.find(Lookup::Email(&no_one())).await.unwrap();
                assert!(begun.elapsed() < LIMIT, "{name}, round {round}: {:?}", begun.elapsed());
            } else {
                // The test of the connection is given up.
                tokio::time::sleep(2 * LIMIT).await;
            }
        }
        let all = tokio::join!(store.begin(), store.begin());
        assert!(all.0.is_ok() && all.1.is_ok(), "{name}: connections are missing");
        drop(all);
        tokio::time::sleep(LIMIT).await;
    }
    drop((store, database));
}

#[tokio::test]
async fn x26_a_silent_postgres_fails_a_statement_in_time_and_costs_no_connection() {
    let Some(rig) = postgres().await else { return };
    walk(rig).await;
}

#[tokio::test]
async fn x26_a_silent_mariadb_fails_a_statement_in_time_and_costs_no_connection() {
    let Some(rig) = mariadb().await else { return };
    walk(rig).await;
}
