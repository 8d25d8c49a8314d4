// The attribute is on an implementation of another trait.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Default for Accounts {
    fn default() -> Self {
        unimplemented!()
    }
}

fn main() {}
