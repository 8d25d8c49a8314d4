// The prelude is not imported.
// Remedy: import `usermgr::prelude::*`
struct Accounts {
    engine: usermgr::Engine,
}

#[usermgr::user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, _: &User) {}

    async fn on_before_delete(&self, _: &User) -> Result<(), Rejection> {
        Ok(())
    }
}

fn main() {}
