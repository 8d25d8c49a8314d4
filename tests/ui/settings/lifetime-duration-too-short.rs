// A lifetime is a `Duration` of less than a second.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(
    reset_secret = "0123456789abcdef0123456789abcdef",
    change_email_lifetime = std::time::Duration::from_millis(500),
)]
impl Accounts {}

fn main() {}
