// A generic manager takes the user of another store.
// Remedy: write `&UserOf<S>`
use usermgr::prelude::*;

struct Accounts<S: UserStore> {
    engine: Engine<S>,
}

#[user_manager(store = S, reset_secret = "0123456789abcdef0123456789abcdef")]
impl<S: UserStore> Accounts<S> {
    async fn on_after_register(&self, _: &User) {}
}

fn main() {}
