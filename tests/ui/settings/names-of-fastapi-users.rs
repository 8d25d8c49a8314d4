// The settings are named as in FastAPI Users.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(
    reset_password_token_secret = "0123456789abcdef0123456789abcdef",
    verification_token_secret = "abcdef0123456789abcdef0123456789",
    verification_token_lifetime_seconds = 3600
)]
impl Accounts {}

fn main() {}
