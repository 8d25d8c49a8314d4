// Names that the macro could have meant may be taken.
#![allow(dead_code)]

use usermgr::prelude::{Context, Engine, MemoryStore, Operations, User, user_manager};

mod core {}
mod std {}
mod usermgr_private {}
struct Box;
struct Result;
struct Option;
struct String;
struct Settings;
struct HookError;
struct Send;
trait UserManager {}
trait AsSecret {}
trait HookArg {}
#[allow(non_snake_case)]
fn Some() {}
#[allow(non_snake_case)]
fn Ok() {}

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef", verify_lifetime = 60 * 60)]
impl Accounts {
    async fn on_after_register(&self, user: &User, cx: &Context) {
        println!("{} has registered from {:?}", user.email, cx.ip);
    }
}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
