// A secret comes from a field of the wrong type.
// Remedy: use a string, a `Secret` or a `SecretSet`
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
    secret: Option<String>,
}

#[user_manager(reset_secret = self.secret)]
impl Accounts {}

fn main() {}
