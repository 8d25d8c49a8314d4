// The block is generic over the store, but the attribute does not name it.
use usermgr::prelude::*;

struct Accounts<S: UserStore> {
    engine: Engine<S>,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl<S: UserStore> Accounts<S> {
    async fn on_after_register(&self, _: &UserOf<S>) {}
}

fn main() {}
