// A hook may call an operation that calls the hook.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        if user.email.as_str() == "ada@example.com" {
            self.register(Register::new("bob@example.com", "correct horse battery"), cx).await?;
        }
        self.request_verify(user, cx).await?;
        Ok(())
    }
}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
