// Secrets, audiences and lifetimes are held in every way, as constants too.
use std::{borrow::Cow, sync::Arc, time::Duration};

use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore>,
    shared: Arc<str>,
    boxed: Box<str>,
    copied: Cow<'static, str>,
    secret: Arc<Secret>,
}

#[user_manager(
    store = MemoryStore,
    secret = self.shared,
    reset_secret = self.boxed,
    verify_secret = self.secret,
    reset_audience = self.copied,
    verify_audience = self.boxed
)]
impl Accounts {}

const AUDIENCE: Cow<'static, str> = Cow::Borrowed("shop:verify");
const SECRET: &&str = &"0123456789abcdef0123456789abcdef";
const DAY: Duration = Duration::from_secs(86_400);
static RESET: &str = "shop:reset";
static HOUR: u64 = 3_600;

struct Constants {
    engine: Engine<MemoryStore>,
}

#[user_manager(
    store = MemoryStore,
    secret = concat!("0123456789abcdef", "0123456789abcdef0"),
    reset_secret = SECRET,
    reset_audience = RESET,
    verify_audience = AUDIENCE,
    reset_lifetime = DAY,
    verify_lifetime = HOUR
)]
impl Constants {}

pub fn main() {
    let text = "0123456789abcdef0123456789abcdef";
    Accounts {
        engine: Engine::new(MemoryStore::new()),
        shared: "abcdef0123456789abcdef0123456789".into(),
        boxed: text.into(),
        copied: "shop:reset".into(),
        secret: Arc::new(Secret::new("456789abcdef0123456789abcdef0123")),
    }
    .check()
    .unwrap();
    Constants { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
