// A factor of a lifetime has a suffix of another type.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", reset_lifetime = 24u32 * 3600)]
impl Accounts {}

fn main() {}
