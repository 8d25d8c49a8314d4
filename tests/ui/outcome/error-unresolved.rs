// The error type of a hook is misspelled.
// Remedy: correct the name, or import the type
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, _: &User) -> Result<(), HookEror> {
        Ok(())
    }
    async fn on_before_delete(&self, _: &User) -> Result<(), Rejecion> {
        Ok(())
    }
}

fn main() {}
