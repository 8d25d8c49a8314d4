// A hook is written in camel case.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    #[allow(non_snake_case)]
    async fn onAfterRegister(&self, user: &User) {
        println!("{} has registered", user.email);
    }
}

fn main() {}
