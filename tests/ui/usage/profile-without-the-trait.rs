// The profile of a store does not implement the trait.
// Remedy: derive `Profile`
use usermgr::prelude::*;

#[derive(Clone, Debug)]
struct Customer {
    name: String,
}

struct Accounts {
    engine: Engine<MemoryStore<Customer>>,
}

#[user_manager(store = MemoryStore<Customer>, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

fn main() {}
