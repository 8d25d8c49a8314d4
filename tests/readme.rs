//! The documents against the code: their tables, their first screen and their links are compared with it, and a difference is a failure.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use usermgr::{Code, Engine, MemoryStore, audit::EventKind, http, metrics::Family};

#[path = "readme/language.rs"]
mod language;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The pages of the guide, as paths from the root.
fn pages() -> Vec<String> {
    const PARTS: [&str; 2] = ["lib.md", "links.md"];
    let names = fs::read_dir(root().join("usermgr/docs")).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    let names = names.filter(|name| name.ends_with(".md") && !PARTS.contains(&name.as_str()));
    names.map(|name| format!("usermgr/docs/{name}")).collect()
}

/// Every document that is read on its own, outside rustdoc.
fn documents() -> Vec<String> {
    let mut all: Vec<String> = ["", "usermgr/", "usermgr-derive/"]
        .iter()
        .flat_map(|folder| {
            let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().file_name());
            let names = entries.map(|name| name.into_string().unwrap()).filter(|name| name.ends_with(".md"));
            names.map(move |name| format!("{folder}{name}"))
        })
        .collect();
    all.extend(pages());
    assert!(all.len() > 15, "{all:?}");
    all
}

/// The rows of the table with this head, on a page or in a comment, without the back-quotes.
fn table(path: &str, head: &str) -> Vec<Vec<String>> {
    let text = read(path);
    let lines = text.lines().map(|line| line.trim_start_matches("/// "));
    let mut lines = lines.skip_while(|line| !line.starts_with(head));
    let rows = lines.by_ref().skip(2).take_while(|line| line.starts_with('|'));
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
    let rows: Vec<Vec<String>> = rows.map(cells).collect();
    assert!(!rows.is_empty(), "{path} has no table that begins with {head}");
    rows
}

fn columns<const N: usize>(path: &str, head: &str) -> Vec<[String; N]> {
    let rows = table(path, head);
    rows.into_iter().map(|row| std::array::from_fn(|at| row[at].clone())).collect()
}

/// The fenced blocks, without the lines that rustdoc hides.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines() {
        open = match (open, line.starts_with("```")) {
            (None, true) => Some(String::new()),
            (None, false) => None,
            (Some(block), true) => {
                blocks.push(block);
                None
            }
            (Some(block), false) if line.starts_with("# ") => Some(block),
            (Some(block), false) => Some(block + line + "\n"),
        };
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// The texts between double quotes.
fn quoted(text: &str) -> impl Iterator<Item = String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned)
}

const SCREENS: [&str; 4] = ["README.md", "usermgr/README.md", "usermgr/docs/first-steps.md", "usermgr/docs/lib.md"];

#[test]
fn the_first_screen_is_the_quickstart_byte_for_byte() {
    let program = read("examples/quickstart/src/main.rs");
    for path in SCREENS {
        assert!(blocks(&read(path)).contains(&program), "{path} does not print the quickstart as it is");
    }
}

#[test]
fn the_first_screen_asks_for_the_dependencies_of_the_quickstart() {
    let manifest = dependencies(&read("examples/quickstart/Cargo.toml"));
    let workspace = dependencies(&read("Cargo.toml"));
    for path in SCREENS {
        let text = read(path);
        let printed = blocks(&text).into_iter().find(|block| block.starts_with("[dependencies]")).unwrap();
        let mut printed = dependencies(&printed);
        assert_eq!(printed.len(), manifest.len(), "{path}: {printed:?}");
        // A dependency without features has the default ones; the workspace turns them off.
        printed.get_mut("usermgr").unwrap().features.push("aws-lc".into());
        for (name, Dependency { version, mut features }) in printed {
            let has = |of: &BTreeMap<String, Dependency>| of.get(&name).unwrap_or_else(|| panic!("no {name}")).clone();
            let version = version.unwrap();
            let wanted = has(&workspace).version.unwrap();
            assert!(wanted.trim_start_matches('=').starts_with(&version), "{path}: {name} {version} is not {wanted}");
            features.sort();
            let mut built = has(&manifest).features;
            built.sort();
            assert_eq!(features, built, "{path}: {name}");
        }
    }
}

#[derive(Clone, Debug)]
struct Dependency {
    version: Option<String>,
    features: Vec<String>,
}

/// The lines of `[dependencies]` or `[workspace.dependencies]`, each on one line.
fn dependencies(manifest: &str) -> BTreeMap<String, Dependency> {
    let lines = manifest.lines().skip_while(|line| !line.ends_with("dependencies]")).skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    lines
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| {
            let (before, features) = value.split_once("features = [").unwrap_or((value, ""));
            let version = match before.split_once("version =") {
                Some((_, version)) => quoted(version).next(),
                None => quoted(before).next(),
            };
            let name = name.trim().trim_end_matches(".workspace").to_owned();
            (name, Dependency { version, features: quoted(features).collect() })
        })
        .collect()
}

#[test]
fn the_hook_table_is_the_macros() {
    let source = read("usermgr-derive/src/hooks.rs");
    let shown: BTreeMap<&str, String> = source
        .split("\nconst ")
        .filter_map(|item| item.split_once(": Param ="))
        .map(|(name, value)| (name, quoted(value.split(';').next().unwrap()).nth(1).unwrap()))
        .collect();
    let rows = source.lines().filter_map(|line| line.trim().strip_prefix("hook(\"")).map(|row| {
        let (name, rest) = row.split_once("\", &[").unwrap();
        let (params, outcome) = rest.split_once("], Outcome::").unwrap();
        let params: Vec<&str> = params.split(", ").map(|param| shown[param].as_str()).collect();
        let (value, error) = match outcome {
            "Policy)," => ("()", "InvalidPassword"),
            "Profile)," => ("Profile", "Rejection"),
            "Gate)," | "Join)," => ("()", "Rejection"),
            "After)," => ("()", "HookError"),
            other => panic!("an outcome {other}"),
        };
        [name.to_owned(), params.join(", "), format!("Result<{value}, {error}>")]
    });
    let rows: Vec<_> = rows.collect();
    assert!(rows.len() >= 18);
    assert_eq!(columns::<3>("usermgr/docs/hooks.md", "| Hook |"), rows);
}

#[test]
fn the_setting_table_is_the_macros() {
    let source = read("usermgr-derive/src/settings.rs");
    let rows = source.split_once("SETTINGS: &[SettingSpec] = &[").unwrap().1.split_once("];").unwrap().0;
    let rows: Vec<(String, Option<String>)> = rows
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|row| {
            let mut texts = quoted(row);
            let name = texts.next().unwrap();
            (name, texts.next().filter(|_| row.trim().starts_with("audience(")))
        })
        .collect();
    let printed = columns::<3>(SETTINGS, "| Setting |");
    assert_eq!(
        printed.iter().map(|[name, ..]| name).collect::<Vec<_>>(),
        rows.iter().map(|(name, _)| name).collect::<Vec<_>>()
    );
    for ([name, _, default], (_, audience)) in printed.iter().zip(&rows) {
        assert!(audience.as_ref().is_none_or(|audience| audience == default), "the default of {name}");
    }
}

const SETTINGS: &str = "usermgr/docs/settings-and-secrets.md";

/// The documentation of the macro has the table of the guide, without its links.
#[test]
fn the_macro_prints_the_setting_table_of_the_guide() {
    let guide = read(SETTINGS);
    let lines = guide.lines().skip_while(|line| !line.starts_with("| Setting |"));
    let lines = lines.take_while(|line| line.starts_with('|'));
    let table: Vec<String> = lines.map(|line| format!("/// {}", unlinked(line))).collect();
    assert!(table.len() > 10, "{table:?}");
    assert_table("usermgr-derive/src/lib.rs", "/// | Setting |", &table);
}

/// A line without the targets of its links.
fn unlinked(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, label, after)) = rest.split_once('[').and_then(|(before, link)| {
        let (label, after) = link.split_once("](")?;
        Some((before, label, after.split_once(')')?.1))
    }) {
        text += before;
        text += label;
        rest = after;
    }
    text + rest
}

/// Compares the table of a document that begins with this head, or writes it with `UPDATE_EXPECT=1`.
fn assert_table(path: &str, head: &str, table: &[String]) {
    let text = read(path);
    let of_table = |line: &&str| line.trim_start_matches("/// ").starts_with('|');
    let before = text.lines().take_while(|line| !line.starts_with(head));
    let after = text.lines().skip_while(|line| !line.starts_with(head)).skip_while(of_table);
    let wanted: Vec<&str> = before.chain(table.iter().map(String::as_str)).chain(after).collect();
    let wanted = wanted.join("\n") + "\n";
    assert!(text.contains(head), "{path} has no table {head}");
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(root().join(path), &wanted).unwrap();
    }
    assert!(read(path) == wanted, "{path}: write its table with UPDATE_EXPECT=1");
}

#[test]
fn the_feature_tables_are_the_manifests() {
    let manifest = read("usermgr/Cargo.toml");
    let features = manifest.split_once("[features]").unwrap().1.split_once("\n[").unwrap().0;
    let features = features.lines().filter_map(|line| line.split_once(" = [")).map(|(name, _)| name);
    let features: BTreeSet<&str> = features.filter(|name| *name != "default").collect();
    for path in ["README.md", "usermgr/docs/lib.md"] {
        let printed = columns::<1>(path, "| Feature |");
        assert_eq!(
            printed.iter().map(|[name]| name.trim_end_matches(" (default)")).collect::<BTreeSet<_>>(),
            features,
            "{path}"
        );
        let default: Vec<_> = printed.iter().filter_map(|[name]| name.strip_suffix(" (default)")).collect();
        assert!(manifest.contains(&format!("default = {default:?}")), "{path}: {default:?}");
    }
}

#[test]
fn x11_the_code_table_is_the_librarys() {
    let codes: Vec<_> = Code::ALL.iter().map(|code| [code.as_str().to_owned(), code.status().to_string()]).collect();
    assert_eq!(columns::<2>("usermgr/docs/errors.md", "| Code |"), codes);
}

#[test]
fn x4_the_event_table_is_the_librarys() {
    let kinds: Vec<_> = EventKind::ALL.iter().map(|kind| [kind.to_string()]).collect();
    assert_eq!(columns::<1>("usermgr/docs/events.md", "| Kind |"), kinds);
}

/// The table is written from the rows of the routes.
#[test]
fn the_route_table_is_the_librarys() {
    assert_generated("usermgr/docs/http.md", "| Method | Path |", http::Route::all().map(http::Route::table_row));
}

/// Compares a table with the rows of those routes of parts which belong on its page.
#[track_caller]
fn assert_routes_of_a_part(page: &str, belongs: impl Fn(&http::Route) -> bool) {
    let rows = http::Route::of_parts().filter(|route| belongs(route)).map(http::Route::table_row);
    assert_generated(page, "| Method | Path |", rows);
}

/// So is that of the routes which an outbox adds.
#[test]
fn the_route_table_of_the_outbox_is_the_librarys() {
    assert_routes_of_a_part("usermgr/docs/delivery.md", |route| route.path.starts_with("/outbox/"));
}

/// And that of the routes of logins by mail.
#[test]
fn the_route_table_of_logins_by_mail_is_the_librarys() {
    let by_mail = [http::Endpoint::RequestLogin, http::Endpoint::LoginByMail];
    assert_routes_of_a_part("usermgr/docs/mail-login.md", |route| by_mail.contains(&route.endpoint));
}

/// And that of the routes of passkeys.
#[test]
fn the_route_table_of_passkeys_is_the_librarys() {
    assert_routes_of_a_part("usermgr/docs/passkeys.md", |route| {
        route.path.contains("/passkey") && !route.path.contains("{id}")
    });
}

/// And that of the routes of API keys.
#[test]
fn the_route_table_of_api_keys_is_the_librarys() {
    assert_routes_of_a_part("usermgr/docs/api-keys.md", |route| route.path.contains("/api-keys"));
}

/// And that of the routes of login histories.
#[test]
fn the_route_table_of_login_histories_is_the_librarys() {
    assert_routes_of_a_part("usermgr/docs/login-history.md", |route| route.path.ends_with("/logins"));
}

/// Each route of a part has its row on a page, and no page has another row for it.
#[test]
fn every_route_of_a_part_is_on_a_page_as_it_is() {
    let texts: Vec<(String, String)> = pages().into_iter().map(|page| (read(&page), page)).collect();
    for route in http::Route::of_parts() {
        let head = format!("| {} | `{}` |", route.method, route.path);
        let rows = texts.iter().flat_map(|(text, page)| text.lines().map(move |line| (line, page)));
        let rows: Vec<_> = rows.filter(|(line, _)| line.starts_with(&head)).collect();
        assert!(!rows.is_empty(), "no page has {head}");
        for (row, page) in rows {
            assert_eq!(row, route.table_row(), "{page}");
        }
    }
}

/// The page on hooks names every change that a transaction may have.
#[test]
fn every_change_of_a_user_is_on_the_page_of_hooks() {
    let source = read("usermgr/src/user/user_change.rs");
    let variants = source.split_once("pub enum UserChange").unwrap().1.split_once("\n}").unwrap().0;
    let page = read("usermgr/docs/hooks.md");
    let line = page.lines().find(|line| line.starts_with("- [`UserChange`] is ")).unwrap();
    let variants = variants.lines().filter_map(|line| line.strip_prefix("    "));
    let names = variants.filter(|line| line.starts_with(char::is_uppercase));
    for name in names.map(|line| line.split(['(', ' ']).next().unwrap()) {
        assert!(line.contains(&format!("`{name}`")), "hooks.md does not name `{name}`");
    }
}

/// The table is written from the families of a new engine that was asked whether it is ready, in the same way.
#[test]
fn the_metric_table_is_the_librarys() {
    let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new());
    let mut metrics = engine.metrics();
    metrics.oldest_due = Some(Duration::ZERO);
    let row = |family: Family| {
        let label = family.label.map_or(String::new(), |label| format!(" `{label}`"));
        format!("| `{}` | {} |{label} | {} |", family.name, family.kind.as_str(), family.help)
    };
    assert_generated("usermgr/docs/operations.md", "| Metric | Kind | Label |", metrics.families().map(row));
}

/// The table with this head has these rows.
fn assert_generated(path: &str, head: &str, rows: impl Iterator<Item = String>) {
    let text = read(path);
    let head_lines = text.lines().skip_while(|line| !line.starts_with(head)).take(2).map(str::to_owned);
    assert_table(path, head, &head_lines.chain(rows).collect::<Vec<_>>());
}

#[test]
fn the_store_of_the_guide_is_the_example() {
    let example = read("examples/custom-store/src/notebook.rs");
    let (_, store) = example.split_once("\n\n").unwrap();
    assert!(
        blocks(&read("usermgr/docs/stores.md")).iter().any(|block| block == store),
        "stores.md prints another store"
    );
}

#[test]
fn every_link_to_a_file_resolves() {
    for document in documents() {
        let text = read(&document);
        let folder = root().join(&document).parent().unwrap().to_owned();
        for target in targets(&text).filter(|target| !target.starts_with("http")) {
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let file = if path.is_empty() { root().join(&document) } else { folder.join(path) };
            assert!(file.exists(), "{document} links to {target}");
            if !anchor.is_empty() {
                assert!(
                    anchors(&fs::read_to_string(file).unwrap()).any(|found| found == anchor),
                    "{document}: {target}"
                );
            }
        }
    }
}

/// A change goes where the table says only as long as the files have these names. A `*` is any one folder.
#[test]
fn every_path_for_contributors_is_there() {
    let text = read("CONTRIBUTING.md");
    // A command is followed by its arguments.
    let code = text.split('`').skip(1).step_by(2).filter_map(|code| code.split(' ').next());
    let paths: Vec<&str> = code.filter(|path| path.starts_with("usermgr") || path.starts_with("tests/")).collect();
    assert!(paths.len() > 40, "{paths:?}");
    for path in paths {
        let is_there = match path.split_once("/*/") {
            None => root().join(path).exists(),
            Some((folder, file)) => {
                let mut folders = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
                folders.any(|folder| folder.join(file).exists())
            }
        };
        assert!(is_there, "CONTRIBUTING.md names {path}");
    }
}

#[test]
fn every_link_of_a_page_leads_somewhere_in_rustdoc_too() {
    let links = read("usermgr/docs/links.md");
    for page in pages() {
        for label in read(&page).lines().filter_map(definition).map(|(label, _)| label) {
            assert!(links.lines().filter_map(definition).any(|(known, _)| known == label), "{page}: {label}");
        }
    }
}

#[test]
fn every_page_is_in_the_guide_in_its_overviews_and_in_the_readme() {
    let (guide, overview, readme) = (read("usermgr/src/guide.rs"), read("usermgr/docs/lib.md"), read("README.md"));
    let (themes, _) = guide.split_once("macro_rules!").unwrap();
    for page in pages() {
        let name = page.rsplit('/').next().unwrap();
        let module = name.trim_end_matches(".md").replace('-', "_");
        assert!(guide.contains(&format!("{module} = \"{name}\"")), "guide.rs has no {name}");
        assert!(readme.contains(&format!("({page})")), "README.md has no {page}");
        assert!(overview.contains(&format!("guide::{module}")), "lib.md leads to no {name}");
        let links = [format!("[{module}]"), format!("({module})"), format!("(self::{module})")];
        assert!(links.iter().any(|link| themes.contains(link)), "the head of guide.rs leads to no {name}");
    }
}

#[test]
fn both_published_crates_carry_the_licences() {
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        for package in ["usermgr", "usermgr-derive"] {
            assert_eq!(read(&format!("{package}/{licence}")), read(licence), "{package}");
        }
    }
}

/// The targets of `[..](target)` and `[..]: target`, outside code.
fn targets(text: &str) -> impl Iterator<Item = String> {
    let prose = prose(text);
    let inline = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target.to_owned());
    let defined = prose.lines().filter_map(definition).map(|(_, target)| target.to_owned());
    inline.chain(defined).collect::<Vec<_>>().into_iter()
}

fn definition(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix('[')?.split_once("]: ")
}

/// The headings as GitHub makes anchors of them.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    let prose = prose(text);
    let headings =
        prose.lines().filter_map(|line| line.strip_prefix('#')).map(|line| line.trim_start_matches('#').trim());
    let anchor = |heading: &str| {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    headings.map(anchor).collect::<Vec<_>>().into_iter()
}

/// The text without its fenced blocks.
fn prose(text: &str) -> String {
    let mut inside = false;
    let outside = text.lines().filter(|line| {
        let fence = line.starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    outside.collect::<Vec<_>>().join("\n")
}

/// The ids at the beginning of the name of a test, or of a rule that a macro names.
fn ids(line: &str) -> Vec<String> {
    let line = line.trim_start().trim_start_matches("pub ").trim_start_matches("async ").trim_start_matches("fn ");
    let is_id = |part: &&str| {
        let number = part.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
        let is_numbered = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
        is_numbered && (1..=2).contains(&(part.len() - number.len()))
    };
    line.split('_').take_while(is_id).map(str::to_uppercase).collect()
}

/// Every requirement that must have a row, by its letter. A number that is missing in a series belongs to a part that does not exist.
const REQUIRED: [(&str, &[u8]); 25] = [
    ("AZ", &[1, 2, 3]),
    ("IM", &[1, 2, 3, 4, 5, 6, 7, 8]),
    ("IN", &[1, 2, 3, 4, 5, 6]),
    ("CP", &[1, 2, 3, 4, 5, 6, 7, 8]),
    ("LH", &[1, 2, 3, 4, 5, 6, 7]),
    ("D", &[1, 2, 3]),
    ("E", &[1, 2, 3, 4, 5, 6, 7]),
    ("K", &[1, 2, 3, 4, 5, 6]),
    ("KU", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    ("PG", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]),
    ("PK", &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ("P", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]),
    ("M", &[1, 2, 3, 4, 5, 6, 7, 8]),
    ("O", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]),
    ("U", &[1, 2, 3, 4, 5, 8, 9, 10, 11]),
    ("UN", &[1, 2, 3, 4, 5, 6]),
    ("R", &[1]),
    ("T", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]),
    ("J", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
    ("S", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]),
    ("ML", &[1, 2, 3]),
    ("MF", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]),
    ("L", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17]),
    ("W", &[1, 2, 3, 4, 5, 6, 7]),
    ("X", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 20, 21, 25, 26, 27, 28, 29]),
];

/// The lines of Rust in a file or a folder.
fn lines_of(path: &Path, found: &mut Vec<String>) {
    if path.is_dir() {
        let inside = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        inside.for_each(|inside| lines_of(&inside, found));
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        found.extend(fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned));
    }
}

/// The sources of a suite, or the unit tests of a crate.
fn sources(suite: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |path: String| lines_of(&root().join(path), &mut lines);
    match suite {
        "usermgr" | "usermgr-derive" => add(format!("{suite}/src")),
        // The reference server's own tests.
        "server" => add("examples/server/src".to_owned()),
        _ => {
            add(format!("tests/{suite}"));
            add(format!("tests/{suite}.rs"));
        }
    }
    if suite == "stores" {
        // The rules that are run on every store.
        add("usermgr/src/testing/conformance".to_owned());
    }
    assert!(!lines.is_empty(), "there is no suite {suite}");
    lines
}

#[test]
fn every_requirement_has_one_row_and_no_other_has() {
    let rows = columns::<1>("usermgr/docs/security.md", "| Id | What we do |");
    let listed: Vec<&str> = rows.iter().flat_map(|[ids]| ids.split(", ")).collect();
    let required =
        REQUIRED.iter().flat_map(|(letter, numbers)| numbers.iter().map(move |number| format!("{letter}{number}")));
    let required: BTreeSet<String> = required.collect();
    assert_eq!(listed.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>(), required);
    assert_eq!(listed.len(), required.len(), "none is there twice");
}

#[test]
fn every_requirement_of_the_guide_is_proved_where_it_says() {
    let rows = columns::<6>("usermgr/docs/security.md", "| Id | What we do |");
    let mut proved = 0_u64;
    for [ids, _, _, _, places, limit] in &rows {
        let mut missing: BTreeSet<&str> = ids.split(", ").collect();
        let first = places.split(", ").next().unwrap();
        assert!(first.contains("::"), "{ids} names no test: {places}");
        assert!(limit.len() < 120, "{ids}: {limit}");
        for place in places.split(", ") {
            let (suite, name) = place.split_once("::").unwrap_or((place, ""));
            let lines = sources(suite);
            let found: BTreeSet<String> = lines.iter().flat_map(|line| self::ids(line)).collect();
            assert!(ids.split(", ").any(|id| found.contains(id)), "no test in {suite} begins with {ids}");
            missing.retain(|id| !found.contains(*id));
            if !name.is_empty() {
                let function = format!("fn {name}");
                let is_there =
                    |line: &String| line.split_once(&function).is_some_and(|(_, rest)| rest.starts_with(['(', '<']));
                assert!(lines.iter().any(is_there), "{suite} has no test {name}");
                assert!(
                    self::ids(name).iter().any(|id| ids.split(", ").any(|of| of == id)),
                    "{name} is not a test of {ids}"
                );
            }
        }
        assert!(missing.is_empty(), "nothing proves {missing:?}");
        proved += 1;
    }
    usermgr_tests::figure("requirements listed", rows.len() as u64);
    usermgr_tests::figure("requirements proved by a test", proved);
}

/// The written names of FastAPI Users: those that its users see, and those that are internal.
fn names_of_fastapi_users() -> (BTreeSet<String>, BTreeSet<String>) {
    let text = read("tests/readme/fastapi_users_names.txt");
    let names = text.lines().filter(|line| !line.starts_with('#'));
    let (inner, known): (Vec<&str>, Vec<&str>) = names.partition(|name| name.starts_with('-'));
    let owned = |names: Vec<&str>| names.into_iter().map(|name| name.trim_start_matches('-').to_owned()).collect();
    (owned(known), owned(inner))
}

#[test]
fn every_name_of_fastapi_users_has_its_place() {
    let rows = table("usermgr/docs/coming-from-fastapi-users.md", "| FastAPI Users | Here |");
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
    };
    let placed: BTreeSet<String> = rows.iter().flat_map(|row| words(&row[0])).collect();
    let missing: Vec<String> = names_of_fastapi_users().0.difference(&placed).cloned().collect();
    assert!(missing.is_empty(), "the guide does not list {missing:?}");
}

#[test]
fn the_written_names_are_all_that_fastapi_users_has() {
    let Some(python) = usermgr_tests::python("the names of FastAPI Users") else { return };
    let output = Command::new(python).arg(root().join("tests/python/fastapi_users_names.py")).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let defined: BTreeSet<String> = text.lines().map(str::to_owned).collect();
    assert!(defined.len() > 40, "{defined:?}");
    let (known, inner) = names_of_fastapi_users();
    let unwritten: Vec<_> = defined.iter().filter(|name| !known.contains(*name) && !inner.contains(*name)).collect();
    assert!(unwritten.is_empty(), "not in the list: {unwritten:?}");
    let gone: Vec<_> = inner.difference(&defined).collect();
    assert!(gone.is_empty(), "in the list, but not in FastAPI Users: {gone:?}");
}

/// A mutant that does not apply, or whose test does not exist, proves nothing. The table says why cargo-mutants cannot make it.
#[test]
fn every_mutant_kept_by_hand_applies_and_names_a_test_that_is_there() {
    let mutants = fs::read_dir(root().join("tests/mutants")).unwrap().map(|entry| entry.unwrap().path());
    let mutants: BTreeSet<PathBuf> =
        mutants.filter(|path| path.extension().is_some_and(|end| end == "patch")).collect();
    assert!((30..=45).contains(&mutants.len()), "{}", mutants.len());
    let mut rows = Vec::new();
    for mutant in mutants {
        let text = fs::read_to_string(&mutant).unwrap();
        let name = mutant.file_stem().unwrap().to_string_lossy().into_owned();
        let said = |what: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(what));
            line.unwrap_or_else(|| panic!("{name} has no line `{what}`")).to_owned()
        };
        let fails = said("Fails: ");
        let (place, test) = fails.split_once(' ').unwrap();
        let suite = if place == "lib" { "usermgr" } else { place };
        assert!(sources(suite).iter().any(|line| line.contains(test)), "{name}: {suite} has no test {test}");
        // The id of the requirement is in both names.
        let id = name.split('-').next().unwrap();
        assert!(
            test.split('_').any(|part| part == id) || test.contains(&format!("{id}_")),
            "{name} is caught by {test}"
        );
        let check = Command::new("git").args(["apply", "--check"]).arg(&mutant).current_dir(root()).status();
        assert!(check.unwrap().success(), "{name} does not apply");
        let (lost, why) = (said("Without it: "), said("By hand: "));
        rows.push([name, lost.replace('`', ""), why.replace('`', "")]);
    }
    assert_eq!(columns::<3>("tests/mutants/README.md", "| Mutant |"), rows);
}

/// A suite without a budget grows unseen. `tests/run` compares the two at its end.
#[test]
fn every_suite_of_the_ordinary_run_has_a_budget() {
    let budgets = read("tests/budgets");
    let rows = budgets.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let seconds: BTreeMap<&str, u32> = rows
        .map(|row| row.split_once(char::is_whitespace).unwrap())
        .map(|(suite, seconds)| (suite, seconds.trim().parse().unwrap()))
        .collect();
    let manifests = ["tests/Cargo.toml", "tests/ui/Cargo.toml"].map(read);
    let entries = manifests.iter().flat_map(|manifest| manifest.split("[[test]]").skip(1));
    let suites = entries.filter(|entry| !entry.contains("test = false"));
    for suite in suites.map(|entry| quoted(entry).next().unwrap()) {
        assert!(seconds.contains_key(suite.as_str()), "tests/budgets has no line for {suite}");
    }
    assert!(seconds["all"] <= 25 * 60, "the whole run takes at most 25 minutes");
}

/// The tools that do not run every day: what `tests/desk` knows, and what the table says of it.
#[test]
fn the_table_of_the_desk_is_that_of_its_script() {
    let script = read("tests/desk");
    let known = script.lines().filter_map(|line| line.strip_prefix("#   tests/desk ")).map(|line| {
        let tool = line.split(' ').next().unwrap();
        assert!(script.contains(&format!("\n    {tool})")), "tests/desk does not know {tool}");
        [format!("tests/desk {tool}")]
    });
    assert_eq!(columns::<1>("CONTRIBUTING.md", "| Run | Shows |"), known.collect::<Vec<_>>());
}
