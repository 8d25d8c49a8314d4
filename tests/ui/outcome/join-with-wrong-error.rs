// The hook inside the transaction returns an error that is none.
// Remedy: implement `std::error::Error` for it
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_before_commit(&self, _: &UserChange<'_>, _: &mut Tx) -> Result<(), StoreErrorOfMine> {
        Ok(())
    }
}

#[derive(Debug)]
struct StoreErrorOfMine;

fn main() {}
