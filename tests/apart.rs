//! Applications that must not share features with this workspace: each is a separate workspace under `tests/apart`, and is tested there by a
//! separate cargo. The target folder is that of the running test: most dependencies are the same and are not built again.

use std::{
    path::{Path, PathBuf},
    process::Output,
};

use usermgr_tests::{cargo, target_dir};

fn folder(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("apart").join(case)
}

/// A cargo command in a case.
fn run(case: &str, args: &[&str]) -> Output {
    let mut cargo = cargo();
    // They are not debugged: without debug information they build faster.
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_INCREMENTAL", "0");
    cargo.current_dir(folder(case)).args(args).args(["--locked", "--target-dir"]).arg(target_dir());
    cargo.output().unwrap()
}

/// Runs the tests of a case and requires that this number of them passes.
#[track_caller]
fn assert_passes(case: &str, tests: usize) {
    let Output { status, stdout, stderr } = run(case, &["test", "--quiet"]);
    let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{case}:\n{out}\n{err}");
    let passed =
        out.lines().filter_map(|line| line.strip_prefix("test result: ok. ")?.split(' ').next()?.parse::<usize>().ok());
    assert_eq!(passed.sum::<usize>(), tests, "{case}:\n{out}");
}

#[test]
fn usermgr_works_whether_the_application_touches_jsonwebtoken_before_after_never_or_wrongly() {
    assert_passes("jsonwebtoken", 4);
}

#[test]
fn usermgr_works_under_another_name() {
    assert_passes("renamed", 1);
}

#[test]
fn without_a_default_store_a_named_one_works_and_a_missing_one_is_reported() {
    assert_passes("no_sqlite", 1);
    let Output { status, stderr, .. } = run("no_sqlite", &["build", "--features", "forgotten-store"]);
    let err = String::from_utf8(stderr).unwrap();
    assert!(!status.success());
    for words in ["NoDefaultStore` is not a user store", "name a store in the attribute", "turn on a database feature"]
    {
        assert!(err.contains(words), "{words}:\n{err}");
    }
}

#[test]
fn m3_numbers_stay_numbers_where_serde_json_keeps_every_digit() {
    assert_passes("arbitrary_precision", 5);
}
