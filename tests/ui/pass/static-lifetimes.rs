// A manager may have lifetimes, as long as they are static.
use usermgr::prelude::*;

struct Accounts<'a> {
    engine: Engine<MemoryStore>,
    name: &'a str,
}

#[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts<'static> {
    async fn on_after_register(&self, user: &User) {
        println!("{} has registered with {}", user.email, self.name);
    }
}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()), name: "the shop" }.check().unwrap();
}
