//! What a first run says: that a file was made, and where. Asked for on the first screen, so that nothing appears on a disk unsaid.

use std::path::{Path, absolute};

/// Says on the standard error stream that a file was made.
#[expect(clippy::print_stderr, reason = "a program without a logger must still say what it made")]
pub(crate) fn created(what: &str, path: &Path) {
    let place = absolute(path).unwrap_or_else(|_| path.into());
    eprintln!("usermgr: created the {what} {}", place.display());
}
