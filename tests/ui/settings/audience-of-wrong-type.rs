// An audience comes from a field of the wrong type.
// Remedy: use a string
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
    audiences: Vec<String>,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", verify_audience = self.audiences)]
impl Accounts {}

fn main() {}
