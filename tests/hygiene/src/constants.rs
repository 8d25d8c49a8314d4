//! Settings that are constants, and deprecated ones at that.

use std::time::Duration;

use um::prelude::*;

/// The secret of the tokens that verify an address.
#[deprecated = "rotate it"]
pub const VERIFY: &str = "another-for-tests-0123456789abcd";

/// The accounts of a shop.
#[derive(Debug)]
pub struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(
    crate = ::um,
    store = MemoryStore,
    reset_secret = crate::SECRET,
    verify_secret = self::VERIFY,
    reset_audience = concat!(env!("CARGO_PKG_NAME"), ":reset"),
    verify_audience = "shop:verify",
    reset_lifetime = Duration::from_mins(15),
    verify_lifetime = 24 * 60 * 60,
)]
impl Accounts {}
