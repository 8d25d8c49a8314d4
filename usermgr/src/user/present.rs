//! A field of a payload that is there, be it `null`, told from one that is not.

use serde::{Deserialize, Deserializer};

/// Reads a field that is there: `null` counts as a value, so that absent and `null` can be told apart.
///
/// # Errors
/// Those of the field's own type.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
