//! Files to which lines are appended, and which only their owner may read.

use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
};

/// # Errors
/// The file cannot be opened; the error names it.
pub(crate) fn append_to(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}
