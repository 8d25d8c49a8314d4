//! The example against the guide, which prints it and deploys it, and against its template. An application that is generated does not get
//! these tests.

#[path = "guide/page.rs"]
mod page;
#[path = "guide/program.rs"]
mod program;
#[path = "guide/template.rs"]
mod template;

use std::{
    fs,
    path::{Path, PathBuf},
};

fn example() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(example().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The blocks behind a heading of a page of the guide, each with the words behind its fence.
fn blocks(page: &str, heading: &str) -> Vec<(String, String)> {
    let page = read(&format!("../../usermgr/docs/{page}"));
    let (_, page) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    let mut fences = page.split("\n```").skip(1);
    let mut blocks = Vec::new();
    while let Some(block) = fences.next() {
        let (words, text) = block.split_once('\n').unwrap();
        blocks.push((words.to_owned(), format!("{text}\n")));
        fences.next();
    }
    blocks
}

/// What first steps show of this application.
fn steps() -> Vec<(String, String)> {
    blocks("first-steps.md", "An application of your own")
}

/// An empty folder for a test of this name.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}
