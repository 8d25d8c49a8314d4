// A manager may be generic over its store and its parts.
use usermgr::prelude::*;

struct Accounts<S, M> {
    engine: Engine<S>,
    mail: M,
}

#[user_manager(store = S, reset_secret = "0123456789abcdef0123456789abcdef")]
impl<S: UserStore<Profile = NoProfile>, M: Mailer> Accounts<S, M> {
    async fn on_after_register(&self, user: &User<NoProfile, S::Id>, cx: &Context) -> Result<(), HookError> {
        Ok(self.request_verify(user, cx).await?)
    }
    async fn on_after_request_verify(&self, user: &UserOf<S>, token: &VerifyToken) -> Result<(), HookError> {
        Ok(self.mail.send(Mail::to(&user.email).subject("Welcome").text(token.expose())).await?)
    }
}

pub fn main() {
    let mail = usermgr::testing::Mailbox::default();
    Accounts { engine: Engine::new(MemoryStore::new()), mail }.check().unwrap();
}
