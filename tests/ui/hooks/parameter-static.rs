// A parameter must live for `'static`.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, _: &'static User) {}
    async fn on_before_commit(&self, _: &UserChange<'static>, _: &mut Tx) -> Result<(), HookError> {
        Ok(())
    }
}

fn main() {}
