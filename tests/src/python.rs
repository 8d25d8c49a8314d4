//! The Python that `tests/setup` makes for clients and validators of other people's.

use std::path::PathBuf;

/// The interpreter with the packages of `tests/python/requirements.txt`; without one the test says what it leaves out.
pub fn python(without: &str) -> Option<PathBuf> {
    let python = std::env::var_os("USERMGR_TEST_PYTHON").map(PathBuf::from);
    if python.is_none() {
        crate::skip(&format!("{without}: USERMGR_TEST_PYTHON names no interpreter; tests/setup makes one"));
    }
    python
}
