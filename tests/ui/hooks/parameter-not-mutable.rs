// A parameter is not mutable, the argument is.
// Remedy: write the type that is expected
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_login(&self, _: &User, login: &Login) {
        println!("{login:?}");
    }
}

fn main() {}
