// Types in signatures are written by macros, with every kind of brackets.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore>,
}

macro_rules! outcome {
    ($error:ty) => {
        Result<(), $error>
    };
}

macro_rules! user {
    () => {
        User
    };
}

#[user_manager(store = MemoryStore, secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, _: &user!()) -> outcome!(HookError) {
        Ok(())
    }

    async fn on_before_delete(&self, _: &user! {}) -> outcome! { Rejection } {
        Ok(())
    }

    async fn on_after_verify(&self, _: &user![]) -> outcome![HookError] {
        Ok(())
    }
}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
