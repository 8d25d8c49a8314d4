// Parameters may be patterns, and types may be written in full or by an alias.
#![allow(unused_qualifications)]

use usermgr::prelude::*;

type Outcome<E = HookError> = std::result::Result<(), E>;
type Customer = usermgr::User<usermgr::NoProfile>;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, User { email, .. }: &Customer) -> Outcome {
        println!("{email} has registered");
        Ok(())
    }
    async fn on_before_delete(&self, _: &usermgr::UserOf<MemoryStore>) -> Outcome<Rejection> {
        Ok(())
    }
    async fn on_after_login(&self, _: &User, Login { headers, .. }: &mut Login, mut _cx: &Context) {
        headers.clear();
    }
}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
