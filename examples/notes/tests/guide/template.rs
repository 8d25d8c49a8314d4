//! The package that `cargo generate` makes, as far as that can be seen without its program and without a network.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::{example, folder, read, steps};

/// The manifest of a generated application: what Liquid makes of the template, as far as the template uses it.
fn generated(usermgr: &str) -> String {
    let template = read("Cargo.toml.liquid");
    let mut text = String::new();
    let mut rest = template.as_str();
    while let Some((before, after)) = rest.split_once("{% if usermgr != \"\" %}") {
        let (inside, after) = after.split_once("{% endif %}").unwrap();
        text += before;
        text += if usermgr.is_empty() { "" } else { inside };
        rest = after;
    }
    text += rest;
    let text = text.replace("{{project-name}}", "my-notes").replace("{{usermgr}}", usermgr);
    assert!(!text.contains("{{") && !text.contains("{%"), "{text}");
    text
}

#[test]
fn the_page_prints_the_dependencies_of_a_generated_application() {
    let manifest = generated("");
    let (_, dependencies) = manifest.split_once("[dependencies]\n").unwrap();
    let dependencies = dependencies.split("\n\n").next().unwrap();
    let printed = steps().into_iter().find(|(words, _)| words == "toml").unwrap().1;
    assert_eq!(printed, format!("[dependencies]\n{dependencies}\n"));
}

/// What `cargo metadata` says of a manifest's own package.
fn package(manifest: &Path) -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--format-version=1", "--manifest-path"])
        .arg(manifest)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let root = manifest.parent().unwrap().canonicalize().unwrap();
    let packages = metadata["packages"].as_array_mut().unwrap();
    let own = |package: &&mut Value| {
        Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().canonicalize().unwrap() == root
    };
    packages.iter_mut().find(own).unwrap().take()
}

/// The names of the dependencies of a kind, with the versions that they ask for.
fn dependencies(package: &Value, kind: &Value) -> BTreeMap<String, String> {
    let all = package["dependencies"].as_array().unwrap().iter().filter(|one| one["kind"] == *kind);
    let text = |one: &Value, field: &str| one[field].as_str().unwrap().trim_start_matches(['^', '=']).to_owned();
    all.map(|one| (text(one, "name"), text(one, "req"))).collect()
}

/// Copies a folder, less what the template leaves out.
fn copy(from: &Path, to: &Path, ignored: &[PathBuf]) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type().unwrap().is_dir() {
            _ if ignored.contains(&from) => {}
            true => copy(&from, &to, ignored),
            false => drop(fs::copy(&from, &to).unwrap()),
        }
    }
}

#[test]
fn a_generated_application_has_the_dependencies_of_the_example_and_resolves() {
    let config = read("cargo-generate.toml");
    let list = config.split_once("ignore = [").unwrap().1.split(']').next().unwrap();
    let ignored: Vec<PathBuf> = list.split('"').skip(1).step_by(2).map(|path| example().join(path)).collect();
    assert!(ignored.contains(&example().join("tests/guide.rs")), "{ignored:?}");

    let folder = folder("generated");
    copy(example(), &folder, &ignored);
    let clone = example().join("../..").canonicalize().unwrap();
    // A workspace of its own, since the folder is inside of one.
    let manifest = generated(clone.to_str().unwrap()) + "\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(clone.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    let (ours, theirs) = (package(&example().join("Cargo.toml")), package(&folder.join("Cargo.toml")));
    assert_eq!(theirs["name"], "my-notes");
    for kind in [Value::Null, "dev".into()] {
        let (ours, theirs) = (dependencies(&ours, &kind), dependencies(&theirs, &kind));
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
        for (name, version) in &theirs {
            assert!(ours[name].starts_with(version), "{name}: {version} is not {}", ours[name]);
        }
    }
    let targets: Vec<&str> =
        theirs["targets"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(targets, ["notes"; 3], "the library, the program and the test");
}
