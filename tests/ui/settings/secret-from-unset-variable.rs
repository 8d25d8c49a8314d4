// An environment variable is not set at compile time.
// Remedy: set it for the build, or read it at run time: `reset_secret = Secret::env("..")`
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = env!("A_VARIABLE_NOT_DEFINED"))]
impl Accounts {}

fn main() {}
