// The sign between a setting and its value is an arrow.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret => "0123456789abcdef0123456789abcdef")]
impl Accounts {}

fn main() {}
