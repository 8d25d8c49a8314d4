//! The page of the guide that lists all mistakes: the cases and what the compiler says to them go in, Markdown comes out.

use std::{
    fs,
    path::{Path, PathBuf},
};

const HEAD: &str = "\
# What the compiler says

Every mistake that `#[user_manager]` and `#[derive(Profile)]` can see is told while compiling: once, where it was made, with what
to write instead. After an error the rest of the program goes on compiling as if the mistake were not there, so that several
mistakes are several errors, and no more. Of a block that cannot be parsed the compiler makes two or three errors, with the macro or
without; the macro adds none.

This page is made from the cases that test it. The words of the compiler itself are those of Rust 1.95.
";

/// The headings, by theme.
const HEADINGS: [(&str, &str); 6] = [
    ("placement", "Where the attribute stands"),
    ("settings", "Settings"),
    ("hooks", "Hooks"),
    ("outcome", "What hooks return"),
    ("profile", "Profiles"),
    ("usage", "Using a manager"),
];

/// The mistakes that are made most often, by theme and in the order in which people meet them; the others follow by name.
const COMMON: [&str; 46] = [
    "placement/on-a-struct",
    "placement/on-a-trait-implementation",
    "placement/async-trait-on-the-block",
    "placement/macro-in-the-block",
    "placement/store-as-associated-type",
    "placement/two-managers-for-one-type",
    "settings/secret-missing",
    "settings/attribute-bare",
    "settings/secret-short",
    "settings/secret-empty",
    "settings/setting-misspelled",
    "settings/setting-unknown",
    "settings/setting-repeated",
    "settings/engine-field-missing",
    "settings/engine-of-another-store",
    "settings/store-without-the-trait",
    "settings/secrets-equal",
    "settings/audiences-equal",
    "settings/audience-equals-default",
    "settings/lifetime-zero",
    "settings/lifetime-quoted",
    "settings/secret-from-missing-field",
    "hooks/hook-misspelled",
    "hooks/hook-unknown",
    "hooks/hook-not-async",
    "hooks/parameter-of-wrong-type",
    "hooks/parameter-missing",
    "hooks/parameters-too-many",
    "hooks/parameters-swapped",
    "hooks/hook-without-self",
    "hooks/hook-with-mut-self",
    "hooks/hook-not-send",
    "hooks/operation-redefined",
    "outcome/gate-without-outcome",
    "outcome/wrong-error",
    "outcome/policy-without-outcome",
    "profile/word-misspelled",
    "profile/reserved-name",
    "profile/without-serialize",
    "profile/server-field-without-default",
    "profile/on-an-enum",
    "usage/operations-not-imported",
    "usage/not-a-manager",
    "usage/await-forgotten",
    "usage/manager-not-shareable",
    "usage/mistake-in-a-hook",
];

/// Where a case stands in its section.
fn rank(case: &Path) -> usize {
    let name = case.with_extension("");
    COMMON.iter().position(|common| name.ends_with(common)).unwrap_or(COMMON.len())
}

pub fn page(themes: &[(&str, Vec<PathBuf>)]) -> String {
    let named = |common: &&str| {
        themes.iter().flat_map(|(_, cases)| cases).any(|case| case.with_extension("").ends_with(common))
    };
    let gone: Vec<&&str> = COMMON.iter().filter(|common| !named(common)).collect();
    assert!(gone.is_empty(), "no case is called {gone:?}");
    let mut page = HEAD.to_owned();
    for (theme, cases) in themes {
        let mut cases = cases.clone();
        cases.sort_by_key(|case| rank(case));
        let heading = HEADINGS.iter().find(|(name, _)| name == theme).map_or(*theme, |(_, heading)| heading);
        page.push_str(&format!("\n## {heading}\n\n| mistake | message | remedy |\n|---|---|---|\n"));
        for case in &cases {
            page.push_str(&row(case));
        }
    }
    page
}

fn row(case: &Path) -> String {
    let source = fs::read_to_string(case).unwrap();
    let output = fs::read_to_string(case.with_extension("stderr")).unwrap_or_default();
    let mut comments = source.lines().map_while(|line| line.strip_prefix("// "));
    let mistake = comments.next().unwrap_or_else(|| panic!("{} does not open with its mistake", case.display()));
    let written = comments.next().and_then(|line| line.strip_prefix("Remedy: ")).map(str::to_owned);
    let errors: Vec<&str> = output.lines().filter_map(error).collect();
    let others = match errors.len() {
        0 => panic!("{} has no message", case.display()),
        1 => String::new(),
        2 => " (and another one)".to_owned(),
        count => format!(" (and {} more)", count - 1),
    };
    let remedy = written.or_else(|| help(&output)).unwrap_or_else(|| panic!("{} has no remedy", case.display()));
    let cells = [
        mistake.trim_end_matches('.').to_owned(),
        format!("{}{others}", errors[0].replace("$DIR/ui/settings", "src")),
        remedy,
    ];
    format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
}

/// The statement of a line that opens an error.
fn error(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("error")?;
    let statement = rest.split_once(": ").map(|(_, statement)| statement)?;
    Some(statement.strip_prefix("evaluation panicked: ").unwrap_or(statement))
}

/// The first help that we give: it stands before the place, the compiler's own after it.
fn help(output: &str) -> Option<String> {
    let lines = output.lines().take_while(|line| !line.trim_start().starts_with("-->"));
    let lines = lines.map(|line| line.trim_start().trim_start_matches("= "));
    lines.filter_map(|line| line.strip_prefix("help: ")).map(str::to_owned).next()
}
