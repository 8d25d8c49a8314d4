//! The Redis server that `tests/servers` starts, and a separate corner of it for each test.

use std::{
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// The URL of the server at `USERMGR_TEST_REDIS`; without one the test says what it leaves out.
pub fn redis(without: &str) -> Option<String> {
    let url = std::env::var("USERMGR_TEST_REDIS").ok();
    if url.is_none() {
        crate::skip(&format!("{without}: USERMGR_TEST_REDIS is not set"));
    }
    url
}

/// What the keys of one test begin with.
pub fn redis_corner() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("usermgr-{}-{}:", process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
