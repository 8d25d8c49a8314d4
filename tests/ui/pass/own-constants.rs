// Settings may be constants of the manager itself, also of a generic one.
use std::time::Duration;
use usermgr::prelude::*;

trait Configured {
    const AUDIENCE: &'static str = "shop:reset";
}

struct Accounts<'a> {
    engine: Engine<MemoryStore>,
    _name: &'a str,
}

impl Configured for Accounts<'static> {}

#[user_manager(
    store = MemoryStore,
    reset_secret = Self::SECRET,
    verify_secret = (Self::OTHER),
    reset_audience = Self::AUDIENCE,
    reset_lifetime = Self::HOUR,
    verify_lifetime = Duration::from_secs(24 * 60 * 60),
    change_email_lifetime = Duration::from_mins(30),
)]
impl Accounts<'static> {
    const SECRET: &'static str = "0123456789abcdef0123456789abcdef";
    const OTHER: &'static str = "fedcba9876543210fedcba9876543210";
    const HOUR: u64 = 60 * 60;
}

struct Generic<S> {
    engine: Engine<S>,
}

#[user_manager(store = S, reset_secret = Self::SECRET)]
impl<S: UserStore> Generic<S> {
    const SECRET: &'static str = "0123456789abcdef0123456789abcdef";
}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()), _name: "shop" }.check().unwrap();
    Generic { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
