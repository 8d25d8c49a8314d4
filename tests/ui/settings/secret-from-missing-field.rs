// A secret comes from a field that does not exist.
// Remedy: add the field, or name another
use usermgr::prelude::*;

struct Config {
    secret: String,
}

struct Accounts {
    engine: Engine,
    config: Config,
}

#[user_manager(reset_secret = self.config.reset_secret)]
impl Accounts {}

fn main() {}
