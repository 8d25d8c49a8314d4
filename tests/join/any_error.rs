//! What the hook inside the transaction says by an error of another crate: the database's word counts behind it too.

use std::sync::Mutex;

use anyhow::Context as _;
use sqlx::{AssertSqlSafe, Executor};
use usermgr::{Fault, PgStore, RegisterError, prelude::*};
use usermgr_tests::DatabaseServer;

struct Accounts {
    engine: Engine<PgStore>,
    /// What the database says in the next transactions.
    said: Mutex<Vec<&'static str>>,
    /// Whether the hook adds its own context.
    explains: bool,
}

#[user_manager(store = PgStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_before_commit(&self, _: &UserChange<'_>, tx: &mut Tx<PgStore>) -> anyhow::Result<()> {
        let said = self.said.lock().unwrap().pop();
        if let Some(code) = said {
            let raise = format!("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$");
            let outcome = tx.execute(sqlx::raw_sql(AssertSqlSafe(raise))).await;
            match self.explains {
                true => outcome.context("the cart")?,
                false => outcome?,
            };
        }
        Ok(())
    }
}

#[tokio::test]
async fn what_a_database_says_is_found_behind_an_error_of_anyhow() {
    let Some(database) = DatabaseServer::Postgres.database() else { return };
    let store = PgStore::connect(database.url()).await.unwrap();
    for explains in [false, true] {
        let engine = Engine::builder(store.clone()).backend(Backend::bearer("bearer", Jwt::new())).build().unwrap();
        let accounts = Accounts { engine, said: Mutex::default(), explains };
        let register = async |name: &str, said: &[&'static str]| {
            *accounts.said.lock().unwrap() = said.to_vec();
            let register = Register::new(format!("{name}{explains}@example.com"), "correct horse battery");
            accounts.register(register, &Context::default()).await.map(drop)
        };
        register("ada", &["40001"; 3]).await.expect("a transaction that is given up is decided again");
        let full = register("bob", &["53100"]).await;
        assert!(matches!(full, Err(RegisterError::Fault(Fault::Store(_)))), "{full:?}");
        let refused = register("eve", &["23514"]).await;
        assert!(matches!(refused, Err(RegisterError::Fault(Fault::Hook { .. }))), "{refused:?}");
    }
    store.close().await;
}
