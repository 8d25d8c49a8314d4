// A hook takes `self: Arc<Self>`.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(self: std::sync::Arc<Self>, _: &User) {}
}

fn main() {}
