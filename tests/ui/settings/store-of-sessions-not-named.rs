// A store of sessions, over which the block is generic, is not named by the attribute.
use usermgr::prelude::*;
use usermgr::store::SessionStore;

struct Accounts<S: SessionStore> {
    engine: Engine<S>,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl<S: SessionStore> Accounts<S> {
    async fn on_after_register(&self, _: &UserOf<S>) {}
}

fn main() {}
