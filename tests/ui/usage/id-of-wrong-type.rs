// The ids of a store have the wrong type.
// Remedy: use `uuid::Uuid`, `i64` or `String`
use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore<NoProfile, f32>>,
}

#[user_manager(store = MemoryStore<NoProfile, f32>, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

fn main() {}
