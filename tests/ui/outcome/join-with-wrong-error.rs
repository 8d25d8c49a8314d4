// `on_before_commit` returns a type that does not implement `Error`.
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
