// The attribute has an equals sign.
// Remedy: write `#[user_manager(reset_secret = ..)]`
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager = "0123456789abcdef0123456789abcdef"]
impl Accounts {}

fn main() {}
