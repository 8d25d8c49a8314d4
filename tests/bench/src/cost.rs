//! What a program costs to build: packages, a clean release build and the size of the binary, for quickstart beside the floor.

use std::{collections::HashSet, fs, time::Instant};

use crate::{
    Failure,
    programs::{cargo, target},
    results::{Measure, Measured, Table},
};

const PROGRAMS: [(&str, &str, &str); 2] =
    [("floor", "usermgr-bench-floor", "floor"), ("quickstart", "quickstart", "quickstart")];

/// One build each, in a folder that is empty before.
pub(crate) fn cost() -> Result<Table, Failure> {
    let mut contenders = Vec::new();
    for (name, package, binary) in PROGRAMS {
        let mut measured = Measured::new(name);
        let tree = cargo(&["tree", "-p", package, "-e", "normal,build", "--prefix", "none", "--format", "{p}"])?;
        let packages: HashSet<_> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
        measured.note(Measure::Packages, packages.len() as f64);
        let folder = target().join("bench-build");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let shown = folder.to_string_lossy().into_owned();
        let begun = Instant::now();
        cargo(&["build", "--release", "-p", package, "--target-dir", &shown])?;
        measured.note(Measure::Build, begun.elapsed().as_secs_f64());
        let size = fs::metadata(folder.join("release").join(binary))?.len();
        measured.note(Measure::Binary, size as f64 / f64::from(1 << 20));
        fs::remove_dir_all(&folder)?;
        contenders.push(measured);
    }
    Ok(Table { workload: "build".into(), contenders })
}
