//! What the suites share: the real server as a child process, a client over a socket, the mails it wrote, and the folders it works in.

mod cargo;
mod client;
#[cfg(unix)]
mod cluster;
mod database;
mod dump;
mod folder;
mod framework;
mod log;
mod node;
mod program;
mod proxy;
mod python;
mod redis;
mod rights;
mod server;
mod skip;
mod target;

use std::time::{Duration, Instant};

pub use cargo::{build, cargo, target_dir};
pub use client::{Client, Reply, raw};
#[cfg(unix)]
pub use cluster::Cluster;
pub use database::{Database, DatabaseServer};
pub use dump::dump;
pub use folder::Folder;
pub use framework::{serve, serve_actix, serve_at, serve_axum, serve_over};
pub use log::Log;
pub use node::node;
#[cfg(unix)]
pub use program::signal;
pub use program::{run, run_with_input};
pub use proxy::Proxy;
pub use python::python;
pub use redis::{OwnRedis, free_port, redis, redis_corner};
pub use rights::Rights;
pub use server::{SECRET, Server, all_mails, command, mails};
pub use skip::skip;
pub use target::{Framework, Target};

/// A password that every policy of the suites accepts.
pub const PASSWORD: &str = "correct horse battery";

/// Waits until a server has to know what another process has written: no time at all, or the second of the cache of principals where the
/// suite runs with it.
pub async fn known_elsewhere() {
    if Target::of_suite().cache {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Adds to a figure of the run, in the file named by `USERMGR_FIGURES`, so that `tests/run` can print the sums at its end.
///
/// # Panics
/// When the file cannot be written.
pub fn figure(what: &str, number: u64) {
    println!("{what}: {number}");
    skip::note("USERMGR_FIGURES", &format!("{number}\t{what}"));
}

/// Asks again and again until there is an answer, for at most ten seconds.
///
/// # Panics
/// If it does not arrive in time.
#[track_caller]
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "{what}: not within ten seconds");
        std::thread::sleep(Duration::from_millis(20));
    }
}
