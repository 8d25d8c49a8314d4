// The manager is an array.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl [Accounts; 2] {
    async fn on_after_register(&self, user: &User) {
        println!("{} has registered", user.email);
    }
}

fn main() {}
