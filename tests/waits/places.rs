//! Every place where the library asks something outside, found in its sources: each is one whose wait is limited, and which the other files
//! make silent.

use std::{fs, path::Path};

/// What asks a database or Redis, and takes a connection.
const ASKS: [&str; 11] = [
    ".acquire()",
    ".begin(",
    ".begin_with(",
    ".execute(",
    ".fetch_one(",
    ".fetch_optional(",
    ".fetch_all(",
    "D::run(",
    ".query_async(",
    ".invoke_async",
    "::connect_with(",
];

/// How a place is limited, by the file and a part of the line.
const LIMITED: [(&str, &str, &str); 13] = [
    ("sql/", "link().", "`Link` limits each statement: `statements` makes each of its methods silent"),
    ("sql/", "Link::of(", "as before"),
    ("sql/link.rs", "", "as before"),
    ("sql/", ".execute(connection)", "a part of what `Link` runs, or of opening"),
    ("sql/dialect.rs", "(connection)", "as before"),
    ("sql/postgres.rs", "insertion.fetch_one", "as before"),
    ("sql/transaction.rs", "link.begin()", "as before"),
    ("sql/store.rs", "SqlTransaction::begin", "as before"),
    ("sql/store.rs", "link.fetch_", "as before: a connection of `Readers` is a `Link`"),
    ("sql/", "self.begin()", "as before"),
    ("store/redis/", "", "the client limits each answer, and `in_time` each connection: `process` makes Redis silent"),
    ("limits/", "", "`answered` limits each call: `shutdown` makes counters hang"),
    ("sql/sqlite.rs", "", "a file"),
];

/// Opening and migrating, before anything is served.
const OPENING: [&str; 5] = ["sql/migrate.rs", "sql/pooler.rs", "sql/server.rs", "sql/mysql.rs", "sql/postgres.rs"];

fn sources(folder: &Path, all: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.to_str().unwrap().split("/usermgr/src/").nth(1).unwrap().to_owned();
            all.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn x26_every_place_that_asks_something_outside_is_limited() {
    let mut all = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("usermgr/src"), &mut all);
    let mut found = 0;
    for (name, text) in all.iter().filter(|(name, _)| !name.ends_with("tests.rs")) {
        let code = text.split("#[cfg(test)]").next().unwrap();
        for line in code.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
            if !["sql/", "store/redis", "limits/"].iter().any(|folder| name.starts_with(folder))
                || !ASKS.iter().any(|ask| line.contains(ask))
            {
                continue;
            }
            found += 1;
            let is_limited = LIMITED.iter().any(|(file, part, _)| name.starts_with(file) && line.contains(part));
            assert!(is_limited || OPENING.contains(&name.as_str()), "{name}: nothing limits `{line}`");
        }
    }
    assert!(found > 40, "{found}");
}
