// The macro needs no prelude.
#![no_implicit_prelude]

use ::std::println;
use ::usermgr::{Context, Engine, HookError, MemoryStore, Operations as _, Profile, User, user_manager};
use ::std::{clone::Clone, default::Default as _, fmt::Debug, result::Result, string::String};

#[derive(Clone, Debug, ::serde::Serialize, ::serde::Deserialize, Profile)]
struct Customer {
    name: String,
    #[profile(server)]
    credits: u32,
}

struct Accounts {
    engine: Engine<MemoryStore<Customer>>,
}

#[user_manager(store = MemoryStore<Customer>, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, user: &User<Customer>, _: &Context) -> Result<(), HookError> {
        println!("{} has {} credits", user.profile.name, user.profile.credits);
        Result::Ok(())
    }
}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::default()) }.check().unwrap();
}
