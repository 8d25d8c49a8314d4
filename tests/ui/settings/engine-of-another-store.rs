// Engine and store do not match.
// Remedy: name the store in the attribute: `store = MemoryStore`
use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

fn main() {}
