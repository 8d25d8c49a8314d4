// A hook takes too few parameters.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_login(&self, _: &User) {}
}

fn main() {}
