// Attributes of others stay on the hook, those that rewrite it among them.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    #[tracing::instrument(skip_all, fields(email = %user.email))]
    async fn on_after_register(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        Ok(self.request_verify(user, cx).await?)
    }

    #[tracing::instrument(skip(self, token))]
    async fn on_after_request_verify(&self, user: &User, token: &VerifyToken) {
        println!("{} has {} characters of token", user.email, token.expose().len());
    }

    #[must_use = "it decides"]
    #[inline]
    async fn on_before_delete(&self, user: &User) -> Result<(), Rejection> {
        if user.is_superuser { Err(Rejection::new("superusers stay")) } else { Ok(()) }
    }
}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
