//! A second factor as users, hooks and messages see it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Credential, CredentialId, CredentialKind};

/// The longest label of a factor, in characters.
const LONGEST_LABEL: usize = 64;

/// A second factor of a user, without anything that proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FactorInfo {
    /// The public name, under which it is renamed and removed.
    pub id: CredentialId,
    /// Its kind, such as `totp`, `passkey` or `recovery`.
    pub kind: CredentialKind,
    /// The name that the user gave it.
    pub label: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last used successfully.
    pub used_at: Option<Timestamp>,
    /// How many codes are left, for recovery codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes_left: Option<u32>,
}

impl FactorInfo {
    /// Describes a credential.
    pub fn of<I>(credential: &Credential<I>) -> Self {
        Self {
            id: credential.id.clone(),
            kind: credential.kind.clone(),
            label: credential.label.clone(),
            created_at: credential.created_at,
            used_at: credential.used_at,
            codes_left: None,
        }
    }

    /// Returns a label without surrounding white space, `None` for an empty one, or `Err` for one of more than 64 characters or with a
    /// control character.
    pub(crate) fn read_label(label: Option<&str>) -> Result<Option<String>, ()> {
        let label = label.map(str::trim).filter(|label| !label.is_empty());
        match label {
            Some(label) if label.chars().count() > LONGEST_LABEL || label.contains(char::is_control) => Err(()),
            label => Ok(label.map(str::to_owned)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_short_and_printable() {
        let long = "\u{e9}".repeat(64);
        for (given, expected) in [
            (None, Ok(None)),
            (Some(" "), Ok(None)),
            (Some(" the blue phone\n"), Ok(Some("the blue phone".to_owned()))),
            (Some(long.as_str()), Ok(Some(long.clone()))),
            (Some(&*format!("{long}x")), Err(())),
            (Some("a\0b"), Err(())),
        ] {
            assert_eq!(FactorInfo::read_label(given), expected, "{given:?}");
        }
    }
}
