// A secret may be a text, a `Secret` or a `SecretSet`, owned or borrowed.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore>,
    text: &'static str,
    secret: Secret,
    set: SecretSet,
}

#[user_manager(store = MemoryStore, secret = self.text, reset_secret = &self.secret, verify_secret = self.set)]
impl Accounts {}

pub fn main() {
    Accounts {
        engine: Engine::new(MemoryStore::new()),
        text: "0123456789abcdef0123456789abcdef",
        secret: Secret::new([1; 32]),
        set: Secret::new([2; 32]).into(),
    }
    .check()
    .unwrap();
}
