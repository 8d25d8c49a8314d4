// A hook does not exist.
// Remedy: use one of the [hooks]
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_teleport(&self, user: &User) {
        println!("{} is elsewhere", user.email);
    }
}

fn main() {}
