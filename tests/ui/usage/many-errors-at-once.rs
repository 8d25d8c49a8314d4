// One block has eight mistakes.
// Remedy: each is reported once, in the order of the source
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "short", colour = 1, verify_lifetime = -5)]
impl Accounts {
    async fn on_after_regster(&self, _: &User) {}
    fn on_after_verify(&mut self, _: &User) {}
    async fn on_before_delete(&self, _: &User) {}
    async fn login(&self) {}
}

fn main() {}
