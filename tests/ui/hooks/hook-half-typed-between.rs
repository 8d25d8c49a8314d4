// An unfinished hook is before others.
// Remedy: finish it; other errors do not follow from it
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_reg

    #[helper]
    fn on_sale(&self) {}

    async fn on_after_verify(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        Ok(self.request_verify(user, cx).await?)
    }
}

fn main() {
    let _ = |accounts: &Accounts| accounts.check();
}
