// A hook is misspelled.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_regster(&self, user: &User) {
        println!("{} has registered", user.email);
    }
}

fn main() {}
