// A reset token is passed instead of a verification token.
// Remedy: pass the token of the operation
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

async fn prove(accounts: &Accounts, token: &ResetToken) {
    let _ = accounts.verify(token, &Context::default()).await;
}

fn main() {}
