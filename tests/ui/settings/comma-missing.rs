// The comma between two settings is missing.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef" verify_lifetime = 60)]
impl Accounts {}

fn main() {}
