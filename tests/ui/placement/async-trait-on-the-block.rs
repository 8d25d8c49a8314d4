// The block also has `#[async_trait]`.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
#[async_trait::async_trait]
impl Accounts {
    async fn on_after_register(&self, user: &User) {
        println!("{} has registered", user.email);
    }
}

fn main() {}
