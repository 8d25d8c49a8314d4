//! The managers of this crate work, and clippy has nothing to say about them, with and without the feature.

use std::process::Command;

use um::prelude::*;
use usermgr_hygiene::{generic, lifetimes, plain};

fn clippy(features: &[&str]) {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let mut clippy = Command::new(cargo);
    clippy
        .args(["clippy", "--locked", "--quiet", "--package", env!("CARGO_PKG_NAME"), "--all-targets", "--no-deps"])
        .args(features);
    let output = clippy.args(["--", "-D", "warnings"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn clippy_is_content() {
    clippy(&[]);
    clippy(&["--all-features"]);
}

#[test]
fn managers_in_hostile_surroundings_are_set_up() {
    plain::Accounts::new("welcome").check().unwrap();
    lifetimes::Accounts::new("the shop").check().unwrap();
    generic::Limited::<_, 80>::new("too long").check().unwrap();
}
