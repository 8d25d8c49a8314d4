// A hook does not take `&self`.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(user: &User) {
        println!("{} has registered", user.email);
    }
}

fn main() {}
