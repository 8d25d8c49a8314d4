// One constant is used for two secrets.
use usermgr::prelude::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = SECRET, verify_secret = SECRET)]
impl Accounts {}

fn main() {}
