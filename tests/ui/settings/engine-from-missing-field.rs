// The engine comes from a field that does not exist.
// Remedy: name the field that holds the engine
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", engine = self.core)]
impl Accounts {}

fn main() {}
