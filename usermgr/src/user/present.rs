//! Distinguishes a payload field that is `null` from a field that is absent.

use serde::{Deserialize, Deserializer};

/// Reads a field that is present. `null` counts as a value, so that it differs from an absent field.
///
/// # Errors
/// The errors of the field's type.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
