// A gate returns a boolean.
// Remedy: return `Result<(), Rejection>`
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_before_login(&self, user: &User) -> bool {
        user.is_verified
    }
}

fn main() {}
