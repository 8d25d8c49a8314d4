// A hook calls an operation without `.await`.
// Remedy: write `.await` before `?`
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        self.request_verify(user, cx)?;
        Ok(())
    }
}

fn main() {}
