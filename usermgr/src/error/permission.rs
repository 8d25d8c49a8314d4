//! The refusal of a request whose user may not do what it needs.

/// The user may not do everything that was needed. Over HTTP it is 403 `PERMISSION_REQUIRED`, with the names of what is
/// missing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not permitted: {}", names.join(", "))]
pub struct PermissionRequired {
    names: Vec<&'static str>,
}

impl PermissionRequired {
    pub(crate) fn new(names: impl Iterator<Item = &'static str>) -> Self {
        Self { names: names.collect() }
    }

    /// Returns the names of the permissions that are missing, in the order of the enum.
    pub fn missing(&self) -> &[&'static str] {
        &self.names
    }
}
