//! A table of the application's own that refers to a user: the words of the guide's page on stores, run in each database.

use sqlx::{AssertSqlSafe, Executor};
use usermgr::{MysqlStore, PgStore, SqliteStore, prelude::*};
use usermgr_tests::{DatabaseServer, Folder};

/// The statement that the guide has for a database.
fn ddl(database: &str) -> String {
    let page = include_str!("../../usermgr/docs/stores.md");
    let (_, behind) = page.split_once(&format!("\n-- {database}\nCREATE TABLE notebooks")).expect("the guide has it");
    format!("CREATE TABLE notebooks{}", behind.split_once(";\n").unwrap().0)
}

macro_rules! over {
    ($database:ident, $name:literal, $store:ty, $insert:literal, $find:literal, $open:expr) => {
        mod $database {
            use super::*;

            struct Accounts {
                engine: Engine<$store>,
            }

            #[user_manager(store = $store, secret = "only-for-tests-0123456789abcdef-x")]
            impl Accounts {
                async fn on_before_commit(
                    &self,
                    change: &UserChange<'_>,
                    tx: &mut Tx<$store>,
                ) -> Result<(), HookError> {
                    if let UserChange::Registered(user) = change {
                        sqlx::query($insert).bind(user.id).bind("first").execute(&mut **tx).await?;
                    }
                    Ok(())
                }
            }

            #[tokio::test]
            async fn a_row_that_refers_to_a_user_comes_and_goes_with_the_account() {
                let opened = $open;
                let Some((store, _kept)) = opened else { return };
                let store: $store = store;
                store.pool().execute(AssertSqlSafe(ddl($name))).await.unwrap();
                let engine =
                    Engine::builder(store.clone()).backend(Backend::bearer("bearer", Jwt::new())).build().unwrap();
                let accounts = Accounts { engine };
                let cx = Context::system("test");
                let ada =
                    accounts.register(Register::new("ada@example.com", "correct horse battery"), &cx).await.unwrap();
                let count = async || {
                    let joined = "SELECT COUNT(*) FROM notebooks n JOIN usermgr_users u ON u.id = n.user_id";
                    sqlx::query_scalar::<_, i64>(joined).fetch_one(store.pool()).await.unwrap()
                };
                assert_eq!(count().await, 1);
                let find = sqlx::query_scalar::<_, String>($find).bind(ada.id);
                assert_eq!(find.fetch_all(store.pool()).await.unwrap(), ["first"]);
                accounts.delete(&ada, &cx).await.unwrap();
                assert_eq!(count().await, 0);
                store.close().await;
            }
        }
    };
}

over!(
    sqlite,
    "SQLite",
    SqliteStore,
    "INSERT INTO notebooks (user_id, title) VALUES (?, ?)",
    "SELECT title FROM notebooks WHERE user_id = ?",
    {
        let folder = Folder::over(None);
        Some((SqliteStore::open(folder.file("shop.db")).await.unwrap(), folder))
    }
);
over!(
    postgres,
    "PostgreSQL",
    PgStore,
    "INSERT INTO notebooks (user_id, title) VALUES ($1, $2)",
    "SELECT title FROM notebooks WHERE user_id = $1",
    match DatabaseServer::Postgres.database() {
        Some(database) => Some((PgStore::connect(database.url()).await.unwrap(), database)),
        None => None,
    }
);
over!(
    mariadb,
    "MariaDB, MySQL",
    MysqlStore,
    "INSERT INTO notebooks (user_id, title) VALUES (?, ?)",
    "SELECT title FROM notebooks WHERE user_id = ?",
    match DatabaseServer::MariaDb.database() {
        Some(database) => Some((MysqlStore::connect(database.url()).await.unwrap(), database)),
        None => None,
    }
);
