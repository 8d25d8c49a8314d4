// The name of the store is misspelled.
// Remedy: correct the name, or import the type
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(store = SqlitStore, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, _: &User) {}
    async fn on_before_delete(&self, _: &User) -> Result<(), Rejection> {
        Ok(())
    }
}

fn main() {}
