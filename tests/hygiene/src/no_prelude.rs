//! Without any prelude.
#![no_implicit_prelude]

use ::std::{clone::Clone, fmt::Debug, println, result::Result, string::String};
use ::um::{Context, Engine, HookError, MemoryStore, Profile, User, user_manager};

/// A customer.
#[derive(Clone, Debug, ::serde::Serialize, ::serde::Deserialize, Profile)]
#[profile(crate = ::um)]
pub struct Customer {
    /// A name.
    pub name: String,
    /// How much is left.
    #[profile(server)]
    pub credits: u32,
}

/// The accounts of a shop.
#[derive(Debug)]
pub struct Accounts {
    engine: Engine<MemoryStore<Customer>>,
}

#[user_manager(crate = ::um, store = MemoryStore<Customer>, reset_secret = crate::SECRET)]
impl Accounts {
    async fn on_after_register(&self, user: &User<Customer>, _: &Context) -> Result<(), HookError> {
        println!("welcome, {}", user.profile.name);
        Result::Ok(())
    }
}
