// The body of a hook has an error.
// Remedy: it is reported at its place, as in any method
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, user: &User) {
        println!("{} has registered", user.name);
    }
}

fn main() {}
