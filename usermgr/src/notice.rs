//! The message of a first run that a file was created, and where, so that no file appears unnoticed.

use std::path::{Path, absolute};

/// Reports on the standard error stream that a file was created.
#[expect(clippy::print_stderr, reason = "a program without a logger must still report the file")]
pub(crate) fn created(what: &str, path: &Path) {
    let place = absolute(path).unwrap_or_else(|_| path.into());
    eprintln!("usermgr: created the {what} {}", place.display());
}
