// A hook may exist in two forms, under a condition and its opposite.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    #[cfg(unix)]
    async fn on_after_register(&self, _: &User) {}

    #[cfg(not(unix))]
    async fn on_after_register(&self, _: &User, _: &Context) -> Result<(), HookError> {
        Ok(())
    }

    #[cfg(any())]
    async fn on_after_verify(&self, _: &DoesNotExist) {}
}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
