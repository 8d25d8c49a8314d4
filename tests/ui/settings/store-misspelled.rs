// The setting `store` is misspelled.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore<NoProfile, i64>>,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef", stor = MemoryStore<NoProfile, i64>)]
impl Accounts {}

fn main() {}
