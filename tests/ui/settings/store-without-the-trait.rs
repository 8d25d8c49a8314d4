// The store does not implement the trait.
// Remedy: name a store, or implement `usermgr::UserStore` for the type
use usermgr::prelude::*;

struct Accounts {
    engine: Engine<Vec<u8>>,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", store = Vec<u8>)]
impl Accounts {}

fn main() {}
