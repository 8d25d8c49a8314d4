//! The record, and what the guide prints of it. The two are compared, so that each number on the page was measured.
//! `UPDATE_EXPECT=1 tests/desk check` writes the page and the chart again.

use std::{env, fs, path::PathBuf};

use crate::{chart, report, results::Results};

/// Behind this line everything on the page is made of the record.
const HEAD: &str = "## The record\n";

fn path(from_here: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(from_here)
}

fn tables(results: &Results) -> String {
    let medians = results.tables.iter().map(|table| format!("\n{}", report::medians(table)));
    format!("{HEAD}\n{}{}", report::comparisons(results, report::MIDDLE_HALF), medians.collect::<String>())
}

#[test]
fn the_guide_prints_what_was_recorded() {
    let results = Results::read(&path("results.json")).unwrap();
    assert!(results.tables.len() > 10, "a record of some workloads only");
    let (page, chart) = (path("../../usermgr/docs/performance.md"), path("../../usermgr/docs/performance.svg"));
    let text = fs::read_to_string(&page).unwrap();
    let (prose, _) = text.split_once(HEAD).unwrap();
    let expected = [(page, prose.to_owned() + &tables(&results)), (chart, chart::svg(&results).unwrap())];
    for (file, wanted) in expected {
        if env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&file, &wanted).unwrap();
        }
        let known = fs::read_to_string(&file).unwrap_or_default();
        assert!(known == wanted, "{} is stale: update it with UPDATE_EXPECT=1", file.display());
    }
}
