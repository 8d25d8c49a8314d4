// Other methods, functions and constants stay what they are.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    const GREETING: &'static str = "welcome";

    fn new() -> Self {
        Self { engine: Engine::new(MemoryStore::new()) }
    }

    async fn on_after_register(&self, user: &User) {
        self.greet(user).await;
    }

    async fn greet(&self, user: &User) {
        println!("{}, {}", Self::GREETING, user.email);
    }

    #[helper]
    fn after_register(&self) -> usize {
        Self::GREETING.len()
    }

    #[helper]
    fn get(&self) -> usize {
        self.after_register()
    }
}

pub fn main() {
    let accounts = Accounts::new();
    accounts.check().unwrap();
    assert_eq!(accounts.get(), 7);
}
