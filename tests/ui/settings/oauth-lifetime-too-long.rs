// The lifetime of a sign-in is too long.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", oauth_lifetime = 3600)]
impl Accounts {}

fn main() {}
