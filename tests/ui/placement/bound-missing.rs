// The store has no bound.
// Remedy: write `impl<S: UserStore> Accounts<S>`
use usermgr::prelude::*;

struct Accounts<S: UserStore> {
    engine: Engine<S>,
}

#[user_manager(store = S, reset_secret = "0123456789abcdef0123456789abcdef")]
impl<S> Accounts<S> {}

fn main() {}
