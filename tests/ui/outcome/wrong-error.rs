// A hook returns a type that does not implement `Error`.
// Remedy: implement `std::error::Error` for it
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, _: &User) -> Result<(), NotSent> {
        Err(NotSent)
    }
}

#[derive(Debug)]
struct NotSent;

fn main() {}
