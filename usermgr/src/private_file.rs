//! Files that only their owner may read: a secret, a database, a mail with a token.

use std::fs::OpenOptions;

/// How such a file is opened to be written. The mode counts when the file is made.
pub(crate) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
