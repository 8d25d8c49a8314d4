//! What MariaDB and MySQL say when a transaction was given up for another's sake, and what only sounds like it.

use std::sync::Mutex;

use sqlx::{AssertSqlSafe, Executor};
use usermgr::{MysqlStore, prelude::*};
use usermgr_tests::DatabaseServer;

struct Accounts {
    engine: Engine<MysqlStore>,
    /// What the database says in the next transactions, number and words.
    said: Mutex<Vec<(u16, &'static str)>>,
}

#[user_manager(store = MysqlStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_before_commit(&self, _: &UserChange<'_>, tx: &mut Tx<MysqlStore>) -> Result<(), HookError> {
        let said = self.said.lock().unwrap().pop();
        if let Some((number, words)) = said {
            let signal = format!("SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = {number}, MESSAGE_TEXT = \"{words}\"");
            tx.execute(sqlx::raw_sql(AssertSqlSafe(signal))).await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_conflict_of_two_writers_is_decided_again_whichever_number_it_has() {
    let Some(database) = DatabaseServer::MariaDb.database() else { return };
    let store = MysqlStore::connect(database.url()).await.unwrap();
    let engine = Engine::builder(store).backend(Backend::bearer("bearer", Jwt::new())).build().unwrap();
    let accounts = Accounts { engine, said: Mutex::default() };
    let register = async |name: &str, said: &[(u16, &'static str)]| {
        *accounts.said.lock().unwrap() = said.to_vec();
        let register = Register::new(format!("{name}@example.com"), "correct horse battery");
        accounts.register(register, &Context::default()).await.map(drop)
    };
    for (name, number, words) in [
        ("ada", 1213, "Deadlock found when trying to get lock; try restarting transaction"),
        ("bob", 3101, "Plugin instructed the server to rollback the current transaction."),
        ("eve", 1180, "Got error 149 - 'Lock deadlock; Retry transaction' during COMMIT"),
    ] {
        register(name, &[(number, words); 3]).await.unwrap_or_else(|error| panic!("{number}: {error:?}"));
    }
    // A commit that fails for lack of space is not a conflict.
    let full = [(1180, "Got error 28 - 'No space left on device' during COMMIT"); 2];
    assert!(register("dan", &full).await.is_err());
    assert_eq!(accounts.said.lock().unwrap().len(), 1, "it was tried again");
    // What was refused last may still hold the tables.
    accounts.engine.store().close().await;
}
