// The trait of an operation is not imported.
// Remedy: import `usermgr::prelude::*`
use usermgr::{Context, Engine, Register, user_manager};

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

async fn seed(accounts: &Accounts) {
    let _ = accounts.register(Register::new("ada@example.com", "correct horse battery"), &Context::default()).await;
}

fn main() {}
