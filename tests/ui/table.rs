//! The page of the guide that lists all mistakes: the cases and what the compiler says to them go in, Markdown comes out.

use std::{
    fs,
    path::{Path, PathBuf},
};

const HEAD: &str = "\
# Compiler errors

`#[user_manager]` and the derives `Profile`, `Permission` and `Roles` report each mistake once, at the place to change, with what to write instead. The rest of
the program is compiled as if the mistake were not there, so no other errors follow from it. Only a block that cannot be parsed gets
two or three errors, all of them from the compiler.

Search this page for the message; `..` replaces what was found. Each section begins with the most common mistakes. The tables are
generated from the tests in `tests/ui`. Messages of the compiler itself are those of Rust 1.95.

[hooks]: hooks.md
[settings]: settings-and-secrets.md
";

/// The headings, by theme.
const HEADINGS: [(&str, &str); 7] = [
    ("placement", "The attribute and its block"),
    ("settings", "Settings"),
    ("hooks", "Hooks"),
    ("outcome", "What hooks return"),
    ("profile", "Profiles"),
    ("permissions", "Permissions and roles"),
    ("usage", "Using a manager"),
];

/// The mistakes that are made most often, by theme and in the order in which people meet them; the others follow by name.
const COMMON: [&str; 51] = [
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
    "permissions/requires-unknown",
    "permissions/role-with-an-unknown-permission",
    "permissions/role-without-grants",
    "permissions/roles-without-permissions",
    "permissions/permission-names-equal",
    "usage/operations-not-imported",
    "usage/not-a-manager",
    "usage/await-forgotten",
    "usage/manager-not-shareable",
    "usage/mistake-in-a-hook",
];

/// The place of a case in its section.
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
        page.push_str(&format!("\n## {heading}\n\n| Mistake | Message | Remedy |\n|---|---|---|\n"));
        let mut rows: Vec<Row> = Vec::new();
        for row in cases.iter().map(|case| row(case)) {
            match rows.iter_mut().find(|known| known.is_like(&row)) {
                Some(known) => known.add(row),
                None => rows.push(row),
            }
        }
        rows.iter().for_each(|row| page.push_str(&row.line()));
    }
    page
}

/// The words between what was expected and what was found.
const FOUND: &str = ", found ";

/// A message with its remedy, and the mistakes that lead to it.
struct Row {
    mistakes: Vec<String>,
    message: String,
    remedy: String,
}

impl Row {
    /// The message without what was found.
    fn expectation(&self) -> &str {
        self.message.split_once(FOUND).map_or(&self.message, |(expected, _)| expected)
    }

    fn is_like(&self, other: &Self) -> bool {
        self.expectation() == other.expectation() && self.remedy == other.remedy
    }

    fn add(&mut self, other: Self) {
        if self.message != other.message {
            self.message = format!("{}{FOUND}..", self.expectation());
        }
        self.mistakes.extend(other.mistakes);
    }

    fn line(&self) -> String {
        let mistakes = joined(&self.mistakes);
        let cells = [&mistakes, &self.message, &self.remedy].map(|cell| cell.replace('|', "\\|"));
        format!("| {} |\n", cells.join(" | "))
    }
}

/// Several mistakes as one sentence. What all begin with is written once, if it is more than an article and a noun.
fn joined(mistakes: &[String]) -> String {
    let words: Vec<Vec<&str>> = mistakes.iter().map(|mistake| mistake.split(' ').collect()).collect();
    let [first, others @ ..] = &*words else { return String::new() };
    let shared = |other: &Vec<&str>| first.iter().zip(other).take_while(|(one, other)| one == other).count();
    let mut shared = others.iter().map(shared).min().unwrap_or_default();
    while shared > 0 && ["a", "an", "the"].contains(&first[shared - 1]) {
        shared -= 1;
    }
    if shared > 2 {
        let rests: Vec<String> = words.iter().map(|words| words[shared..].join(" ")).collect();
        return format!("{} {}", first[..shared].join(" "), rests.join(", "));
    }
    let later = mistakes.iter().skip(1).map(|mistake| {
        let (letter, rest) = mistake.split_at(1);
        format!("; {}{rest}", letter.to_lowercase())
    });
    mistakes.iter().take(1).cloned().chain(later).collect()
}

fn row(case: &Path) -> Row {
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
    Row {
        mistakes: vec![mistake.trim_end_matches('.').to_owned()],
        message: format!("{}{others}", errors[0].replace("$DIR/settings", "src")),
        remedy,
    }
}

/// The statement of a line that opens an error.
fn error(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("error")?;
    let statement = rest.split_once(": ").map(|(_, statement)| statement)?;
    Some(statement.strip_prefix("evaluation panicked: ").unwrap_or(statement))
}

/// The first help of the macro. It is before the place; the compiler's own help is after it.
fn help(output: &str) -> Option<String> {
    let lines = output.lines().take_while(|line| !line.trim_start().starts_with("-->"));
    let lines = lines.map(|line| line.trim_start().trim_start_matches("= "));
    lines.filter_map(|line| line.strip_prefix("help: ")).map(str::to_owned).next()
}
