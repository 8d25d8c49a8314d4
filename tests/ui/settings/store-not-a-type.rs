// The store is not a type.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", store = 5)]
impl Accounts {}

fn main() {}
