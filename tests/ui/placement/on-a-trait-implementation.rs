// The attribute is on an implementation of `UserManager`.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl UserManager for Accounts {
    async fn on_after_register(&self, user: &User) {
        println!("{} has registered", user.email);
    }
}

fn main() {}
