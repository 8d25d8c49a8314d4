//! Set-ups of several machines: the scenes of `tests/distributed/run` that take little time, and what the guide says of all of them.
#![cfg(unix)]

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use usermgr_tests::{build, skip};

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("distributed")
}

/// The names of the scenes.
fn scenes() -> BTreeSet<String> {
    let files = fs::read_dir(here().join("scenes")).unwrap().map(|entry| entry.unwrap().path());
    let scenes = files.filter(|path| path.extension().is_some_and(|end| end == "py"));
    scenes.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn quick_scenes_of_poolers_replication_and_clusters_lose_nothing() {
    let mut run = Command::new("python3");
    run.arg(here().join("run")).arg("--quick").env("USERMGR_TEST_SERVER", build("server"));
    let Ok(output) = run.output() else {
        skip("the scenes of tests/distributed: there is no python3");
        return;
    };
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(lines.len() >= 3, "{lines:?}: {said}");
    for line in lines {
        println!("{line}");
        match line["result"].as_str() {
            Some("passed") => {}
            Some("skipped") => skip(&format!("the scene {}: {}", line["scene"], line["why"])),
            _ => panic!("{line:#}\n{said}"),
        }
    }
}

/// One row for each scene that has a load, in the order of their names.
fn measured(record: &str) -> String {
    let row = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let number = |name: &str| line.get(name).map(ToString::to_string);
        let [acknowledged, lost, outage] = ["acknowledged", "lost", "outage"].map(number);
        let codes = line["codes"].as_object().map(|codes| {
            let codes =
                codes.iter().map(|(code, count)| format!("{count} × {}", if code == "0" { "none" } else { code }));
            codes.collect::<Vec<_>>().join(", ")
        });
        let (scene, version) = (line["scene"].as_str().unwrap(), line["version"].as_str().unwrap());
        Some(format!("| `{scene}` | {version} | {} | {} | {} | {} |\n", acknowledged?, lost?, outage?, codes?))
    };
    record.lines().filter_map(row).collect()
}

/// The table is written from the record by `UPDATE_EXPECT=1`, and otherwise compared with it.
#[test]
fn the_guide_prints_what_was_recorded_and_names_every_scene() {
    const HEAD: &str = "| Scene | Of | Acknowledged | Lost | Outage | Other answers |\n|---|---|---|---|---|---|\n";
    let page = here().join("../../usermgr/docs/growing.md");
    let text = fs::read_to_string(&page).unwrap();
    let (before, behind) = text.split_once(HEAD).unwrap();
    let rest: String = behind.split_inclusive('\n').skip_while(|line| line.starts_with('|')).collect();
    let record = fs::read_to_string(here().join("record.jsonl")).unwrap();
    let wanted = format!("{before}{HEAD}{}{rest}", measured(&record));
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&page, &wanted).unwrap();
    }
    assert!(fs::read_to_string(&page).unwrap() == wanted, "growing.md: write its table with UPDATE_EXPECT=1");

    let line = |line: &str| serde_json::from_str::<Value>(line).unwrap()["scene"].as_str().unwrap().to_owned();
    assert_eq!(record.lines().map(line).collect::<BTreeSet<_>>(), scenes(), "a scene without a record, or the reverse");
    let proofs = before.lines().filter(|line| line.starts_with("| ")).filter_map(|line| line.rsplit('|').nth(1));
    let proofs: BTreeSet<&str> = proofs.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    for scene in scenes() {
        assert!(proofs.contains(scene.as_str()), "no set-up of growing.md is proved by {scene}");
    }
}
