// A hook takes the transaction of another store.
// Remedy: take that of your store, `&mut Tx<..>`
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_before_commit(&self, _: &UserChange<'_>, _: &mut Tx<MemoryStore>) -> Result<(), Rejection> {
        Ok(())
    }
}

fn main() {}
