//! A table of the application's own beside the accounts, written through the real transaction of each database.

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    time::Duration,
};

use sqlx::{AssertSqlSafe, Executor, mysql::MySqlPoolOptions, postgres::PgPoolOptions, sqlite::SqlitePoolOptions};
use usermgr::{
    Admin, Administration, Backend, Context, Credentials, EmailAddress, Engine, Fault, HookError, Jwt, MysqlStore,
    Operations, PgStore, Register, RegisterError, Rejection, SqliteStore, StoreError, Tx, UpdateError, UpdateMe,
    UserChange,
    audit::{AuditSink, Event, EventKind},
    http::Problem,
    user_manager,
};
use usermgr_tests::{Database, DatabaseServer};
use uuid::Uuid;

const ADA: &str = "ada@example.com";
const GOOD: &str = "correct horse battery";
const NEW: &str = "another long enough one";

/// What the hook does when it has written its row.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Plan {
    Pass,
    /// Says no.
    Refuse,
    /// Runs a statement that no database knows.
    Break,
    /// Writes a row that its own table has already.
    Double,
    /// Runs a statement that no database knows, and passes over its error.
    Swallow,
    /// Never ends.
    Hang,
    /// Loses the database.
    Lose,
    /// Writes a row with an unknown user, which SQLite and PostgreSQL find at the commit.
    Stray,
    /// Writes a row that the account cannot go without.
    Note,
    /// Fails this many times, as if the transaction was given up in favor of another one.
    GiveUp(u32),
    /// Waits for an operation.
    Call,
}

macro_rules! over {
    ($database:ident, $store:ty, $pool:ident, $user_id:literal, $insert:literal, $lose:expr, $connect:expr) => {
        mod $database {
            use std::sync::Mutex;

            use super::*;

            struct Accounts {
                engine: Engine<$store>,
                plan: Mutex<Plan>,
            }

            async fn note(tx: &mut Tx<$store>, user: Uuid) -> Result<(), sqlx::Error> {
                tx.execute(sqlx::query($insert).bind(user)).await.map(drop)
            }

            #[user_manager(store = $store, secret = "only-for-tests-0123456789abcdef-x")]
            impl Accounts {
                async fn on_before_commit(
                    &self,
                    change: &UserChange<'_>,
                    tx: &mut Tx<$store>,
                ) -> Result<(), HookError> {
                    let (what, email) = (super::name(change), &change.user().email);
                    let write = || AssertSqlSafe(format!("INSERT INTO trail (line) VALUES ('{what} {email}')"));
                    tx.execute(sqlx::query(write())).await?;
                    let plan = *self.plan.lock().unwrap();
                    match plan {
                        Plan::Pass => {}
                        Plan::Refuse => return Err(Rejection::new("NO").status(409).into()),
                        Plan::Break => _ = tx.execute("NO SUCH STATEMENT").await?,
                        Plan::Swallow => drop(tx.execute("NO SUCH STATEMENT").await),
                        Plan::Double => _ = tx.execute(sqlx::query(write())).await?,
                        Plan::Hang => std::future::pending().await,
                        // SQLite has nothing to lose: this is what its pool says where the hook asks it instead of `tx`.
                        Plan::Lose => match $lose {
                            Some(lose) => _ = tx.execute(lose).await?,
                            None => return Err(sqlx::Error::PoolTimedOut.into()),
                        },
                        Plan::Stray => note(tx, NOBODY).await?,
                        Plan::Note => note(tx, change.user().id).await?,
                        Plan::GiveUp(times) => {
                            *self.plan.lock().unwrap() =
                                times.checked_sub(2).map_or(Plan::Pass, |left| Plan::GiveUp(left + 1));
                            return Err(StoreError::Stale.into());
                        }
                        Plan::Call => drop(self.get_by_email(email).await?),
                    }
                    Ok(())
                }
            }

            /// Accounts over a fresh database with one connection, so that code that holds a second one hangs.
            async fn accounts() -> Option<(Accounts, sqlx::$pool, Option<Database>)> {
                let (accounts, pool, database, _) = observed().await?;
                Some((accounts, pool, database))
            }

            /// The same, with what its events say of hooks.
            async fn observed() -> Option<(Accounts, sqlx::$pool, Option<Database>, Receiver<Event>)> {
                let (pool, database): Kept<sqlx::$pool> = $connect?;
                let store = <$store>::with_pool(pool.clone()).await.unwrap();
                pool.execute("CREATE TABLE trail (line VARCHAR(200) PRIMARY KEY)").await.unwrap();
                let notes = concat!("CREATE TABLE notes (user_id ", $user_id, ")");
                pool.execute(notes).await.unwrap();
                let (sender, events) = channel();
                let engine = Engine::builder(store)
                    .backend(Backend::bearer("bearer", Jwt::new()))
                    .hook_timeout(Duration::from_secs(2))
                    .audit(Trail(sender))
                    .build()
                    .unwrap();
                Some((Accounts { engine, plan: Plan::Pass.into() }, pool, database, events))
            }

            /// The application's rows, sorted.
            async fn trail(pool: &sqlx::$pool) -> Vec<String> {
                sqlx::query_scalar("SELECT line FROM trail ORDER BY line").fetch_all(pool).await.unwrap()
            }

            #[tokio::test]
            async fn what_the_hook_writes_is_kept_with_the_account() {
                let Some((accounts, pool, _database)) = accounts().await else { return };
                let (cx, admin) = (Context::system("test"), Admin::system("test"));
                let ada = accounts.register(Register::new(ADA, GOOD), &cx).await.unwrap();
                accounts.change_password(&ada, GOOD.into(), NEW.into(), &cx).await.unwrap();
                accounts.set_active(&admin, &ada.id, false, &cx).await.unwrap();
                accounts.delete(&ada, &cx).await.unwrap();
                let words = ["deleted", "password", "registered", "updated"];
                assert_eq!(trail(&pool).await, words.map(|word| format!("{word} {ADA}")));
            }

            #[tokio::test]
            async fn x5_what_the_hook_refuses_or_fails_at_is_not_written_at_all() {
                let Some((accounts, pool, _database)) = accounts().await else { return };
                let cx = Context::system("test");
                let set = |plan| *accounts.plan.lock().unwrap() = plan;
                let found = async || accounts.get_by_email(&EmailAddress::parse(ADA).unwrap()).await.unwrap();

                for plan in [Plan::Refuse, Plan::Break, Plan::Double, Plan::Hang] {
                    set(plan);
                    let error = accounts.register(Register::new(ADA, GOOD), &cx).await.unwrap_err();
                    super::is_of(plan, &error);
                    assert_eq!((found().await, trail(&pool).await.len()), (None, 0), "{plan:?}");
                }

                set(Plan::Pass);
                let ada = accounts.register(Register::new(ADA, GOOD), &cx).await.unwrap();
                set(Plan::Refuse);
                let update = UpdateMe::default().email("new@example.com");
                assert!(matches!(accounts.update(&ada, update, &cx).await, Err(UpdateError::Rejected(_))));
                assert!(accounts.change_password(&ada, GOOD.into(), NEW.into(), &cx).await.is_err());
                assert!(accounts.delete(&ada, &cx).await.is_err());
                assert!(accounts.authenticate(Credentials::new(ADA, GOOD), &cx).await.is_ok());
                assert_eq!((found().await, trail(&pool).await.len()), (Some(ada), 1));
            }

            #[tokio::test]
            async fn what_the_hook_writes_amiss_is_its_failure_and_a_lost_database_is_an_outage_and_both_name_it() {
                let Some((accounts, pool, _database, events)) = observed().await else { return };
                let cx = Context::system("test");
                let set = |plan| *accounts.plan.lock().unwrap() = plan;
                let observed = || {
                    let all: Vec<_> = events.try_iter().filter(|event| event.kind == EventKind::HookFailed).collect();
                    assert_eq!(all.len(), 1, "{all:?}");
                    let detail = all[0].detail.clone().unwrap();
                    assert!(detail.starts_with("on_before_commit: "), "{detail}");
                };
                for plan in [Plan::Break, Plan::Double, Plan::Stray] {
                    set(plan);
                    let refused = accounts.register(Register::new(ADA, GOOD), &cx).await;
                    assert_eq!(super::status(refused.unwrap_err()), 500, "{plan:?}");
                    observed();
                }
                set(Plan::Lose);
                let refused = accounts.register(Register::new(ADA, GOOD), &cx).await;
                assert_eq!(super::status(refused.unwrap_err()), 503);
                observed();

                // Its row stays behind, and holds the account.
                set(Plan::Note);
                let ada = accounts.register(Register::new(ADA, GOOD), &cx).await.unwrap();
                set(Plan::Pass);
                assert_eq!(super::status(accounts.delete(&ada, &cx).await.unwrap_err()), 500);
                observed();
                pool.execute("DELETE FROM notes").await.unwrap();
                accounts.delete(&ada, &cx).await.unwrap();
            }

            #[tokio::test]
            async fn what_is_answered_as_done_is_done_where_the_hook_passes_over_an_error_too() {
                let Some((accounts, pool, _database, events)) = observed().await else { return };
                let (cx, address) = (Context::system("test"), EmailAddress::parse(ADA).unwrap());
                *accounts.plan.lock().unwrap() = Plan::Swallow;
                let registered = accounts.register(Register::new(ADA, GOOD), &cx).await;
                let found = accounts.get_by_email(&address).await.unwrap();
                assert_eq!(registered.is_ok(), found.is_some());
                assert_eq!(trail(&pool).await.len(), usize::from(found.is_some()));
                // PostgreSQL keeps nothing of a transaction in which a statement has failed.
                if let Err(error) = registered {
                    assert_eq!(super::status(error), 500);
                    assert_eq!(events.try_iter().filter(|event| event.kind == EventKind::HookFailed).count(), 1);
                }
            }

            #[tokio::test]
            async fn a_transaction_that_is_given_up_is_tried_again_with_the_hook_and_not_indefinitely() {
                let Some((accounts, pool, _database)) = accounts().await else { return };
                let cx = Context::system("test");
                *accounts.plan.lock().unwrap() = Plan::GiveUp(3);
                accounts.register(Register::new(ADA, GOOD), &cx).await.unwrap();
                assert_eq!(trail(&pool).await, [format!("registered {ADA}")]);
                *accounts.plan.lock().unwrap() = Plan::GiveUp(4);
                let busy = accounts.register(Register::new("bob@example.com", GOOD), &cx).await;
                assert!(matches!(busy, Err(RegisterError::Fault(Fault::Busy))), "{busy:?}");
                assert_eq!(trail(&pool).await.len(), 1);
            }

            #[tokio::test]
            async fn an_operation_inside_is_refused_at_once_instead_of_waiting_for_the_only_connection() {
                let Some((accounts, pool, _database)) = accounts().await else { return };
                *accounts.plan.lock().unwrap() = Plan::Call;
                let begun = std::time::Instant::now();
                let refused = accounts.register(Register::new(ADA, GOOD), &Context::default()).await;
                let Err(RegisterError::Fault(Fault::Hook { hook: "on_before_commit", .. })) = refused else {
                    panic!("{refused:?}");
                };
                assert!(begun.elapsed() < Duration::from_secs(2), "it waited");
                assert_eq!(trail(&pool).await.len(), 0);
            }
        }
    };
}

over!(
    sqlite,
    SqliteStore,
    SqlitePool,
    "BLOB REFERENCES usermgr_users (id) DEFERRABLE INITIALLY DEFERRED",
    "INSERT INTO notes (user_id) VALUES (?)",
    None::<&str>,
    Some(sqlite().await)
);
over!(
    postgres,
    PgStore,
    PgPool,
    "UUID REFERENCES usermgr_users (id) DEFERRABLE INITIALLY DEFERRED",
    "INSERT INTO notes (user_id) VALUES ($1)",
    Some("SELECT pg_terminate_backend(pg_backend_pid())"),
    postgres().await
);
over!(
    mariadb,
    MysqlStore,
    MySqlPool,
    "BINARY(16), FOREIGN KEY (user_id) REFERENCES usermgr_users (id)",
    "INSERT INTO notes (user_id) VALUES (?)",
    Some("KILL CONNECTION_ID()"),
    mariadb().await
);

/// An id that no account has.
const NOBODY: Uuid = Uuid::nil();

/// Keeps the events.
struct Trail(Sender<Event>);

impl AuditSink for Trail {
    fn record(&self, event: &Event) {
        let _ = self.0.send(event.clone());
    }
}

/// What a client is answered.
fn status(error: impl Into<Problem>) -> u16 {
    error.into().into_outgoing().status.as_u16()
}

/// A pool, with what must outlive it.
type Kept<Pool> = (Pool, Option<Database>);

async fn sqlite() -> Kept<sqlx::SqlitePool> {
    (SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap(), None)
}

async fn postgres() -> Option<Kept<sqlx::PgPool>> {
    let database = DatabaseServer::Postgres.database()?;
    Some((PgPoolOptions::new().max_connections(1).connect(database.url()).await.unwrap(), Some(database)))
}

async fn mariadb() -> Option<Kept<sqlx::MySqlPool>> {
    let database = DatabaseServer::MariaDb.database()?;
    Some((MySqlPoolOptions::new().max_connections(1).connect(database.url()).await.unwrap(), Some(database)))
}

fn name(change: &UserChange<'_>) -> &'static str {
    match change {
        UserChange::Registered(_) => "registered",
        UserChange::PasswordChanged(_) => "password",
        UserChange::Updated { .. } => "updated",
        UserChange::Deleted(_) => "deleted",
        other => panic!("{other:?} is not asked for"),
    }
}

/// Whether a registration ended as the plan has it. A doubled row of the application's own is never "the address is taken".
#[track_caller]
fn is_of(plan: Plan, error: &RegisterError) {
    let fits = match plan {
        Plan::Refuse => matches!(error, RegisterError::Rejected(rejection) if rejection.http_status() == 409),
        _ => matches!(error, RegisterError::Fault(Fault::Hook { .. })),
    };
    assert!(fits, "{plan:?}: {error:?}");
}
