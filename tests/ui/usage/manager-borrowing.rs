// A manager borrows what does not live long enough.
// Remedy: own the data, or borrow it for `'static`
use usermgr::prelude::*;

struct Accounts<'a> {
    engine: Engine<MemoryStore>,
    name: &'a str,
}

#[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef")]
impl<'a> Accounts<'a> {
    async fn on_after_register(&self, _: &User) {
        println!("welcome to {}", self.name);
    }
}

fn start(name: &str) {
    let accounts = Accounts { engine: Engine::new(MemoryStore::new()), name };
    accounts.check().unwrap();
}

fn main() {}
