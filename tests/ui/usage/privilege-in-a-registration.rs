// A registration sets a privilege.
// Remedy: create the user with `Administration` or `NewUser`
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

fn ada() -> Register {
    let mut ada = Register::new("ada@example.com", "correct horse battery");
    ada.is_superuser = true;
    ada
}

fn main() {}
