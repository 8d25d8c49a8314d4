// A hook returns another error.
// Remedy: return `Result<(), HookError>`; `?` converts
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, user: &User) -> Result<(), String> {
        Err(user.email.to_string())
    }
}

fn main() {}
