// The block has another associated type.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    /// What the shop calls a user.
    pub type Customer = User;

    fn greet(&self, user: &User) -> String {
        format!("Welcome, {}", user.email)
    }
}

fn main() {}
