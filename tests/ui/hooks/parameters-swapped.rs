// Two parameters are swapped.
// Remedy: swap them
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_request_verify(&self, token: &VerifyToken, user: &User) {
        println!("{} {token:?}", user.email);
    }
}

fn main() {}
