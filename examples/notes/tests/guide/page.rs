//! What the pages print is what the files have.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::{blocks, example, read, steps};

/// The files whose code the application is.
fn sources() -> Vec<String> {
    let entries = fs::read_dir(example().join("src")).unwrap();
    entries.map(|entry| format!("src/{}", entry.unwrap().file_name().into_string().unwrap())).collect()
}

#[test]
fn the_page_prints_the_whole_example_in_its_order() {
    let files: Vec<String> = sources().into_iter().chain(["migrations/0001_notes.sql".to_owned()]).collect();
    let mut printed: BTreeMap<&str, Vec<String>> = files.iter().map(|file| (file.as_str(), Vec::new())).collect();
    for (words, block) in steps().into_iter().filter(|(words, _)| words == "rust,ignore" || words == "sql") {
        match files.iter().find(|file| read(file).contains(&block)) {
            Some(file) => printed.entry(file).or_default().push(block),
            None => assert!(read("tests/notes.rs").contains(&block), "{words}: no file has\n{block}"),
        }
    }
    for (file, blocks) in printed {
        assert!(blocks.join("\n") == read(file), "the page prints {file} otherwise");
    }
}

#[test]
fn the_page_on_deploying_prints_the_dockerfile_and_names_settings_that_the_program_reads() {
    let deploying = blocks("deploying.md", "A container");
    assert!(deploying.contains(&("dockerfile".to_owned(), read("Dockerfile"))));
    let text = read("Dockerfile") + &read("../../usermgr/docs/deploying.md");
    let of_name = |c: char| c.is_ascii_uppercase() || c == '_';
    let names: BTreeSet<&str> = text.split(|c| !of_name(c)).filter(|word| word.starts_with("NOTES_")).collect();
    assert!(names.len() > 3, "{names:?}");
    for name in names {
        assert!(read("src/main.rs").contains(&format!("\"{name}\"")), "the program does not read {name}");
    }
}

#[test]
fn the_example_has_180_lines_of_rust_at_most() {
    // Without tests, blank lines and comments. Imports count.
    let counts = |line: &&str| {
        let line = line.trim_start();
        !(line.is_empty() || line.starts_with("//"))
    };
    let lines: usize = sources().iter().map(|file| read(file).lines().filter(counts).count()).sum();
    println!("{lines} lines of Rust");
    assert!((100..=180).contains(&lines), "{lines}");
}
