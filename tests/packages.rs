//! What would be published: the two crates with their licences, nothing else; and how many packages come along.

use std::{
    collections::BTreeSet,
    env, fs,
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::Value;
use usermgr_tests::{cargo, figure, target_dir};

const PUBLISHED: [&str; 2] = ["usermgr", "usermgr-derive"];
/// The most packages that a SQLite application over axum may bring in, usermgr and usermgr-derive themselves counted.
const MOST: usize = 175;

#[track_caller]
fn output(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success(), "{command:?}\n{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

/// What cargo knows of our own packages, or without that flag of all that are in the lock file.
fn metadata(flags: &[&str]) -> Value {
    serde_json::from_str(&output(cargo().args(["metadata", "--format-version=1", "--locked"]).args(flags))).unwrap()
}

/// Each package that comes along with usermgr, itself among them, by name and version.
fn along(flags: &[&str]) -> BTreeSet<(String, String)> {
    let tree = ["tree", "--locked", "--package=usermgr", "--edges=normal,build", "--prefix=none", "--no-dedupe"];
    // What follows says where it comes from.
    let named = |line: &str| {
        let (name, rest) = line.split_once(" v")?;
        Some((name.to_owned(), rest.split(' ').next()?.to_owned()))
    };
    output(cargo().args(tree).args(flags)).lines().filter_map(named).collect()
}

/// Where cargo packages, empty. Cargo keeps by name and version what it unpacked and built, and would otherwise build
/// usermgr against the macros of an earlier run.
fn empty_target() -> PathBuf {
    let target = target_dir().join("tests/packages");
    if target.exists() {
        fs::remove_dir_all(&target).unwrap();
    }
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo"))).unwrap();
    for registry in fs::read_dir(home.join("registry/src")).unwrap().map(|entry| entry.unwrap()) {
        // A registry without a host is a directory.
        if registry.file_name().to_string_lossy().starts_with('-') {
            for name in PUBLISHED {
                let unpacked = registry.path().join(format!("{name}-{}", env!("CARGO_PKG_VERSION")));
                if unpacked.exists() {
                    fs::remove_dir_all(unpacked).unwrap();
                }
            }
        }
    }
    target
}

#[test]
fn both_crates_package_with_their_licences() {
    let target = empty_target();
    let mut package = cargo();
    package.args(["package", "--allow-dirty", "--locked", "--target-dir"]).arg(&target);
    output(package.args(PUBLISHED.iter().flat_map(|name| ["-p", name])));
    for name in PUBLISHED {
        let mut list = cargo();
        let files = output(list.args(["package", "--allow-dirty", "--locked", "--list", "-p", name]));
        for file in ["LICENSE-MIT", "LICENSE-APACHE", "Cargo.toml", "src/lib.rs"] {
            assert!(files.lines().any(|line| line == file), "{name} has no {file}:\n{files}");
        }
        let version = env!("CARGO_PKG_VERSION");
        let packed = target.join(format!("package/{name}-{version}.crate"));
        let size = fs::metadata(&packed).unwrap_or_else(|error| panic!("{}: {error}", packed.display())).len();
        println!("{name}: {size} bytes");
        assert!(size < 10 * 1024 * 1024, "crates.io takes ten megabytes");
    }
}

#[test]
fn every_other_crate_is_never_published() {
    for package in metadata(&["--no-deps"])["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let publish = &package["publish"];
        match PUBLISHED.contains(&name) {
            true => assert!(publish.is_null(), "{name}: {publish}"),
            false => assert_eq!(publish.as_array().map(Vec::len), Some(0), "{name} must say `publish = false`"),
        }
    }
}

#[test]
fn usermgr_takes_exactly_its_own_macros() {
    let metadata = metadata(&["--no-deps"]);
    let packages = metadata["packages"].as_array().unwrap();
    let usermgr = packages.iter().find(|package| package["name"] == "usermgr").unwrap();
    let derive = usermgr["dependencies"].as_array().unwrap().iter().find(|it| it["name"] == "usermgr-derive").unwrap();
    assert_eq!(derive["req"], format!("={}", env!("CARGO_PKG_VERSION")));
    assert!(derive["path"].is_string());
    for published in PUBLISHED {
        let package = packages.iter().find(|package| package["name"] == published).unwrap();
        for field in ["license", "description", "rust_version"] {
            assert!(package[field].as_str().is_some_and(|text| !text.is_empty()), "{published} has no {field}");
        }
    }
}

#[test]
fn a_sqlite_application_over_axum_takes_at_most_175_packages() {
    for features in ["axum,sqlite", "axum", ""] {
        let packages = along(&["--features", features]);
        let what = format!("packages of usermgr with the features [{features}], usermgr and usermgr-derive among them");
        figure(&what, packages.len() as u64);
        assert!(packages.contains(&("usermgr".to_owned(), env!("CARGO_PKG_VERSION").to_owned())));
        assert!(packages.len() <= MOST, "{} packages, at most {MOST} are allowed", packages.len());
    }
}

/// The two numbers of a version that count here.
fn release(text: &str) -> (u64, u64) {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap_or(0))
}

#[test]
fn no_package_that_comes_along_wants_a_newer_compiler_than_we_say() {
    let (along, all) = (along(&["--all-features", "--target=all"]), metadata(&[]));
    let packages = all["packages"].as_array().unwrap();
    let wants = |package: &Value| package["rust_version"].as_str().map(release);
    let ours = wants(packages.iter().find(|package| package["name"] == "usermgr").unwrap()).unwrap();
    let along: Vec<&Value> = packages
        .iter()
        .filter(|package| {
            let text = |field: &str| package[field].as_str().unwrap().to_owned();
            along.contains(&(text("name"), text("version")))
        })
        .collect();
    assert!(along.len() > 200, "{}", along.len());
    for package in &along {
        assert!(
            wants(package).is_none_or(|wanted| wanted <= ours),
            "{} wants {}",
            package["name"],
            package["rust_version"]
        );
    }
    // Nor do we ask for more than they do.
    let most = along.iter().filter(|package| !PUBLISHED.contains(&package["name"].as_str().unwrap()));
    assert_eq!(most.filter_map(|package| wants(package)).max(), Some(ours));
}

/// Licences that ask for no more than to be named.
const PERMITTED: [&str; 12] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-3-Clause",
    "0BSD",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "Unlicense",
    "CC0-1.0",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
];

/// Whether an SPDX expression leaves a choice that is permitted. Everything in it that is joined by `AND` holds together.
fn is_permitted(licence: &str) -> bool {
    licence.split(" AND ").all(|part| {
        let part = part.trim_matches(['(', ')']).replace('/', " OR ");
        part.split(" OR ").any(|choice| PERMITTED.contains(&choice.trim()))
    })
}

/// The one exception: its licence asks that changes of its own files stay under it. These packages come with the feature
/// `webauthn-rs` and with no other, as README says.
const EXCEPTION: &str = "MPL-2.0";
const UNDER_THE_EXCEPTION: [&str; EXCEPTED] =
    ["crypto-glue", "webauthn-attestation-ca", "webauthn-rs", "webauthn-rs-core", "webauthn-rs-proto"];
const EXCEPTED: usize = 5;

#[test]
fn x16_the_packages_under_another_licence_come_with_one_feature_alone() {
    let excepted = |flags: &[&str]| -> BTreeSet<String> {
        let named = along(flags).into_iter().map(|(name, _)| name);
        named.filter(|name| UNDER_THE_EXCEPTION.contains(&name.as_str())).collect()
    };
    assert_eq!(excepted(&["--features=webauthn-rs"]).len(), EXCEPTED);
    let metadata = metadata(&["--no-deps"]);
    let ours = metadata["packages"].as_array().unwrap().iter().find(|package| package["name"] == "usermgr").unwrap();
    let others = ours["features"].as_object().unwrap().keys().filter(|feature| *feature != "webauthn-rs");
    let others: Vec<&str> = others.map(String::as_str).collect();
    assert!(others.len() > 20, "{others:?}");
    assert_eq!(excepted(&["--features", &others.join(","), "--target=all"]), BTreeSet::new());
}

#[test]
fn x16_every_package_is_of_the_registry_and_its_licence_permits_use() {
    let all = metadata(&["--all-features"]);
    let lock = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock")).unwrap();
    let locked: Vec<&str> = lock.split("[[package]]").skip(1).collect();
    let packages = all["packages"].as_array().unwrap();
    assert!(packages.len() > 200, "{}", packages.len());
    for package in packages {
        let (name, version) = (package["name"].as_str().unwrap(), package["version"].as_str().unwrap());
        let licence = package["license"].as_str().unwrap_or_default();
        let excepted = licence == EXCEPTION && UNDER_THE_EXCEPTION.contains(&name);
        assert!(is_permitted(licence) || excepted, "{name} {version} is under `{licence}`");
        // Our own have no source; nothing comes from a repository or from another folder.
        let Some(source) = package["source"].as_str() else { continue };
        assert!(source.starts_with("registry+"), "{name} {version} comes from {source}");
        let entry = locked.iter().find(|entry| {
            entry.contains(&format!("name = \"{name}\"\n")) && entry.contains(&format!("version = \"{version}\"\n"))
        });
        assert!(entry.is_some_and(|entry| entry.contains("checksum = \"")), "{name} {version} has no checksum");
    }
    for refused in ["GPL-3.0-only", "MIT AND GPL-3.0-only", "(GPL-2.0 OR AGPL-3.0)", ""] {
        assert!(!is_permitted(refused), "{refused}");
    }
}
