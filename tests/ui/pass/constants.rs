// Settings may be constants, also of another module and of the language.
use std::time::Duration;
use usermgr::prelude::*;

mod config {
    pub(super) const RESET: &str = "0123456789abcdef0123456789abcdef";
    pub(super) static VERIFY: &str = "fedcba9876543210fedcba9876543210";
    pub(super) const AUDIENCE: &str = "shop:reset";
}

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(
    store = MemoryStore,
    reset_secret = config::RESET,
    verify_secret = config::VERIFY,
    reset_audience = config::AUDIENCE,
    verify_audience = env!("CARGO_PKG_NAME"),
    reset_lifetime = Duration::from_secs(60),
    verify_lifetime = 60u64,
)]
impl Accounts {}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
