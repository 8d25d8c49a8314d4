// Two hooks of one name are active at once.
// Remedy: make their `cfg`s exclude each other
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    #[cfg(all())]
    async fn on_after_register(&self, _: &User) {}
    #[cfg(not(any()))]
    async fn on_after_register(&self, _: &User) {}
}

fn main() {}
