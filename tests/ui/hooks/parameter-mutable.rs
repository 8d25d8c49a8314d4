// A parameter is `&mut` instead of `&`.
// Remedy: write the expected type
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, user: &mut User) {
        user.is_verified = true;
    }
}

fn main() {}
