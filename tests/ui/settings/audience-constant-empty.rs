// A constant audience is empty.
// Remedy: name the application and the purpose, such as `"shop:verify"`
use usermgr::prelude::*;

const AUDIENCE: &str = "";

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", verify_audience = AUDIENCE)]
impl Accounts {}

fn main() {}
