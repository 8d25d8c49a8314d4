// A lifetime comes from a field of the wrong type.
// Remedy: use a `u64` of seconds or a `Duration`
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
    lifetime: i64,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", reset_lifetime = self.lifetime)]
impl Accounts {}

fn main() {}
