// The words of a hook's name are in another order.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_register_after(&self, user: &User) {
        println!("{} has registered", user.email);
    }
}

fn main() {}
