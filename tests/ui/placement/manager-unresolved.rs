// The name of the manager is misspelled.
// Remedy: write the name of your type
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", verify_audience = Self::AUDIENCE)]
impl Acounts {
    const AUDIENCE: &'static str = "shop";

    async fn on_after_register(&self, _: &User) {}
}

fn main() {}
