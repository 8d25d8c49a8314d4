// Every hook may leave the context out.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn validate_password(&self, _: &Password, _: &PasswordSubject<'_>) -> Result<(), InvalidPassword> {
        Ok(())
    }
    async fn on_before_update(&self, _: &User, _: &Changes) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_after_register(&self, _: &User) {}
    async fn on_after_login(&self, _: &User, _: &mut Login) {}
    async fn on_after_request_verify(&self, _: &User, _: &VerifyToken) {}
}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
