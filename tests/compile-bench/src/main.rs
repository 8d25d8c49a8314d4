//! Times `cargo check` of many managers: with the attribute, and with the same trait implementations written by hand.
//!
//! The crates are generated under `target/compile-bench` and checked by turns, dependencies warm, incremental compilation off, so that
//! whatever else the machine does falls on all of them alike. An empty crate gives the time that no manager causes.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

mod source;

const MANAGERS: u32 = 200;
const ROUNDS: usize = 7;

type Crate = (&'static str, fn(u32) -> String, u32);

/// Name, how one manager is written, and how many.
const CRATES: [Crate; 4] = [
    ("empty", source::by_hand, 0),
    ("attribute", source::with_attribute, MANAGERS),
    ("by-hand", source::by_hand, MANAGERS),
    ("by-hand-in-two-parts", source::in_two_parts, MANAGERS),
];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    for (name, manager, count) in CRATES {
        write(&root, name, manager, count);
        // Dependencies, and the first reading of everything, are not measured.
        check(&root, name);
    }
    let mut times = CRATES.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for ((name, _, _), times) in CRATES.iter().zip(&mut times) {
            times.push(check(&root, name));
        }
    }
    let [empty, attribute, by_hand, in_two_parts] = times.map(median);
    let net = |time: Duration| time.saturating_sub(empty).as_secs_f64() * 1000.0 / f64::from(MANAGERS);
    println!("{MANAGERS} managers with 10 hooks each, `cargo check`, median of {ROUNDS} runs by turns");
    println!("| crate | wall time | net of the empty crate, per manager | attribute is |");
    println!("|---|---|---|---|");
    println!("| empty | {empty:.2?} | | |");
    for (name, time) in [("attribute", attribute), ("by hand", by_hand), ("by hand, in two parts", in_two_parts)] {
        println!("| {name} | {time:.2?} | {:.2} ms | {:.2} times |", net(time), net(attribute) / net(time));
    }
}

fn folder(root: &Path, name: &str) -> PathBuf {
    root.join("target/compile-bench").join(name)
}

fn write(root: &Path, name: &str, manager: fn(u32) -> String, count: u32) {
    let folder = folder(root, name);
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\nusermgr = {{ path = \"{}/usermgr\" }}\n",
        root.display()
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let mut text = source::HEAD.to_owned();
    for number in 0..count {
        write!(text, "{}", manager(number)).unwrap();
    }
    fs::write(folder.join("src/lib.rs"), text).unwrap();
}

/// One check of the crate alone.
fn check(root: &Path, name: &str) -> Duration {
    let folder = folder(root, name);
    let source = folder.join("src/lib.rs");
    fs::write(&source, fs::read(&source).unwrap()).unwrap();
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["check", "--quiet", "--offline"]).current_dir(&folder).env("CARGO_INCREMENTAL", "0");
    cargo.env("CARGO_TARGET_DIR", root.join("target"));
    let start = Instant::now();
    assert!(cargo.status().unwrap().success(), "{name} does not compile");
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
