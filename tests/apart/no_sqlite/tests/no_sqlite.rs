//! Without the default store.

use apart_no_sqlite::{Accounts, Any};
use usermgr::{
    password::{Argon2Params, Argon2id},
    prelude::*,
};

fn engine() -> Engine<MemoryStore> {
    Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("app", Database::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .build().unwrap()
}

async fn works(accounts: impl UserManager<Store = MemoryStore>) {
    accounts.check().unwrap();
    let cx = Context::default();
    accounts.register(Register::new("ada@example.com", "correct horse battery"), &cx).await.unwrap();
    let credentials = Credentials::new("ada@example.com", "correct horse battery");
    let login = accounts.login(credentials, "app", &cx).await.unwrap();
    assert!(accounts.identify("app", login.token.expose()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_manager_that_names_its_store_needs_no_default_one() {
    works(Accounts { engine: engine() }).await;
    works(Any { engine: engine() }).await;
}
