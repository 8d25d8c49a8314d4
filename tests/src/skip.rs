//! What cannot be tested on this machine. The suite of the compiler's answers, which does without this library, has this file too.

use std::{
    fs::OpenOptions,
    io::{self, Write},
};

/// Says that something cannot be tested here, and notes it in the file named by `USERMGR_SKIPS`, so that `tests/run` can say it at the
/// end.
///
/// What passes says nothing: the test harness keeps what `println!` prints of it. So this goes past the harness.
///
/// # Panics
/// When the file cannot be written.
pub fn skip(reason: &str) {
    let mut terminal = io::stderr();
    terminal.write_all(format!("skipped: {reason}\n").as_bytes()).expect("standard error takes a line");
    note("USERMGR_SKIPS", reason);
}

/// Adds a line to the file that a variable names, if it is set.
pub(crate) fn note(variable: &str, line: &str) {
    if let Some(path) = std::env::var_os(variable) {
        let mut file = OpenOptions::new().create(true).append(true).open(path).expect("the list opens");
        // In one piece: several suites write at once.
        file.write_all(format!("{line}\n").as_bytes()).expect("the list can be written");
    }
}
