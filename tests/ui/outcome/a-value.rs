// A hook returns a value.
// Remedy: return nothing or `Result<(), HookError>`
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, user: &User) -> bool {
        user.is_verified
    }
}

fn main() {}
