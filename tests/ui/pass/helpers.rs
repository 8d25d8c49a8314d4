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

    // Named like what the macro writes or calls: the manager's own method wins, and nothing else changes.
    fn settings(&self) -> &str {
        "of the shop"
    }

    fn engine_ref(&self) -> usize {
        1
    }

    fn engine(&self) -> usize {
        2
    }

    fn reset_secret(&self) -> usize {
        3
    }
}

pub fn main() {
    let accounts = Accounts::new();
    accounts.check().unwrap();
    assert_eq!(accounts.get(), 7);
    assert_eq!((accounts.settings(), accounts.engine_ref(), accounts.engine()), ("of the shop", 1, 2));
    assert_eq!(accounts.reset_secret(), 3);
    // The trait's own are still there under its name.
    let _: &Engine<MemoryStore> = UserManager::engine_ref(&accounts);
    UserManager::settings(&accounts);
}
