//! Cargo, called from a test: it builds the binaries under test where the test itself was built.

use std::{
    collections::HashMap,
    env,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use serde_json::Value;

/// Cargo in the workspace, as the one that runs the tests.
pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    cargo
}

/// The executable of a package of the workspace, built once in the life of the test process, with the profile and in the target folder of
/// the test.
///
/// # Panics
/// When it does not build.
pub fn build(package: &str) -> PathBuf {
    static BUILT: Mutex<Option<HashMap<String, PathBuf>>> = Mutex::new(None);
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let built = built.get_or_insert_default();
    if let Some(path) = built.get(package) {
        return path.clone();
    }
    let output = cargo()
        .args(["build", "--locked", "--quiet", "--message-format=json-render-diagnostics"])
        .args(["--package", package, "--profile", &profile()])
        .arg("--target-dir")
        .arg(target_dir())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{package} does not build:\n{}", String::from_utf8_lossy(&output.stderr));
    let messages = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let path = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == package)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("cargo names the executable");
    built.insert(package.to_owned(), path.clone());
    path
}

/// The target folder of the running test.
pub fn target_dir() -> PathBuf {
    let (_, target) = place();
    target
}

fn profile() -> String {
    let (profile, _) = place();
    // The one profile whose folder has another name.
    if profile == "debug" { "dev".to_owned() } else { profile }
}

/// The profile's folder name and the target folder: a test is `TARGET/PROFILE/deps/NAME`.
fn place() -> (String, PathBuf) {
    let test = env::current_exe().expect("a test knows where it is");
    let profile = test.ancestors().nth(2).expect("a test is in the folder of a profile");
    let name = profile.file_name().and_then(|name| name.to_str()).expect("a profile has a name").to_owned();
    (name, profile.parent().expect("a profile is in a target folder").to_owned())
}
