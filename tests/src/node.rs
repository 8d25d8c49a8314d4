//! The Node that `tests/setup` makes ready for generators and compilers of other people's.

use std::path::PathBuf;

/// The folder with the packages of `tests/node/package.json`; without one the test says what it leaves out.
pub fn node(without: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("USERMGR_TEST_NODE").map(PathBuf::from);
    if folder.is_none() {
        crate::skip(&format!("{without}: USERMGR_TEST_NODE names no folder with packages; tests/setup makes one"));
    }
    folder
}
