// Every setting, as a literal, a constant, a field or a call.
use std::time::Duration;
use usermgr::prelude::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct Config {
    secret: String,
    audience: String,
}

struct Parts {
    core: Engine<MemoryStore<NoProfile, i64>>,
}

struct Accounts {
    config: Config,
    parts: Parts,
}

#[user_manager(
    secret = self.config.secret,
    reset_secret = Secret::new([7; 32]),
    verify_secret = SecretSet::new(Secret::new([1; 32]), [Secret::new([2; 32])]),
    oauth_secret = Secret::new([4; 32]),
    data_secret = Secret::new([3; 32]),
    reset_audience = concat!("shop", ":reset"),
    verify_audience = &self.config.audience,
    change_email_audience = "shop:email",
    oauth_audience = "shop:oauth",
    reset_lifetime = 15 * 60,
    verify_lifetime = DAY,
    change_email_lifetime = 600,
    oauth_lifetime = 300,
    store = MemoryStore<NoProfile, i64>,
    engine = self.parts.core,
    crate = ::usermgr,
)]
impl Accounts {}

pub fn main() {
    let config = Config { secret: "0123456789abcdef".repeat(2), audience: "shop:verify".to_owned() };
    let parts = Parts { core: Engine::new(MemoryStore::default()) };
    Accounts { config, parts }.check().unwrap();
}
