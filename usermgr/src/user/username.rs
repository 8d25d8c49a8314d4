//! User names: the displayed form, the canonical key, and the reason why a text is not allowed as one.

mod rules;

use std::{borrow::Cow, fmt, hash::Hash};

use serde::{Serialize, Serializer};

use super::folded;

pub use rules::UsernameRules;

/// A user name: a second, public identifier beside the e-mail address, with the part [`Usernames`](crate::engine::Usernames).
///
/// The displayed form is the text as it was written. Two names are equal, and have the same hash, if their canonical keys
/// are equal. The key is the text in lower case, and the unique index of a store uses it.
///
/// New names follow the engine's [`UsernameRules`]. A name has no `@`, so that it is never taken for an address.
///
/// ```
/// use usermgr::user::Username;
///
/// let name = Username::parse(" Ada.Lovelace ")?;
/// assert_eq!((name.as_str(), name.canonical()), ("Ada.Lovelace", "ada.lovelace"));
/// assert_eq!(name, Username::parse("ada.lovelace")?);
/// assert!(Username::parse("ada@example.com").is_err());
/// # Ok::<(), usermgr::user::InvalidUsername>(())
/// ```
#[derive(Clone)]
pub struct Username {
    shown: Box<str>,
    key: Box<str>,
}

impl Username {
    /// Validates a new name by the default [`UsernameRules`].
    ///
    /// # Errors
    /// [`InvalidUsername`] names the broken rule. It never repeats the name.
    pub fn parse(input: &str) -> Result<Self, InvalidUsername> {
        UsernameRules::new().parse(input)
    }

    /// Creates a name for a look-up, for example at a login, from the text that a user typed. It is not validated, so that
    /// names of earlier rules are found.
    ///
    /// ```
    /// use usermgr::user::Username;
    /// assert_eq!(Username::for_lookup(" ADA ").canonical(), "ada");
    /// ```
    pub fn for_lookup(typed: &str) -> Self {
        Self::from_stored(typed.trim())
    }

    /// Creates a name from the text that a store has read. It is not validated, so that stricter rules do not lock out
    /// existing users.
    pub fn from_stored(shown: impl Into<String>) -> Self {
        let shown = shown.into();
        let key = if shown.is_ascii() { shown.to_ascii_lowercase() } else { folded(&shown).collect() };
        Self { shown: shown.into(), key: key.into() }
    }

    /// Returns the name in the displayed form.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// Returns the canonical key, which look-ups and the unique index compare.
    pub fn canonical(&self) -> &str {
        &self.key
    }
}

impl PartialEq for Username {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Username {}

impl Hash for Username {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.shown, f)
    }
}

impl Serialize for Username {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown)
    }
}

/// The reason why a text cannot be a user's name. It names the broken rule and never repeats the text.
///
/// ```
/// let error = usermgr::user::Username::parse("admin").unwrap_err();
/// assert_eq!((error.code(), error.reason()), ("reserved", "the user name is reserved"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct InvalidUsername {
    code: &'static str,
    reason: Cow<'static, str>,
    limit: Option<usize>,
}

/// The broken rules that need no number: a name for each, its code, and its words.
macro_rules! rules {
    ($($rule:ident: $code:literal, $reason:literal;)*) => {
        impl InvalidUsername {
            $(pub(crate) const $rule: Self = Self { code: $code, reason: Cow::Borrowed($reason), limit: None };)*

            /// The codes of all rules.
            #[cfg(test)]
            pub(crate) const CODES: &[&str] = &["too_short", "too_long", $($code),*];
        }
    };
}

rules! {
    CHARACTER: "character", "a user name has only letters from A to Z, digits, periods, hyphens and underscores";
    SEPARATOR: "separator", "a period, a hyphen or an underscore must be between two letters or digits";
    NO_LETTER: "no_letter", "a user name needs a letter";
    RESERVED: "reserved", "the user name is reserved";
    REQUIRED: "required", "a user name is required";
    AFTER_LOGIN: "after_login", "a user name is chosen after the first login";
}

impl InvalidUsername {
    pub(crate) fn too_short(least: usize) -> Self {
        let reason = format!("the user name is shorter than {least} characters");
        Self { code: "too_short", reason: reason.into(), limit: Some(least) }
    }

    pub(crate) fn too_long(most: usize) -> Self {
        let reason = format!("the user name is longer than {most} characters");
        Self { code: "too_long", reason: reason.into(), limit: Some(most) }
    }

    /// Returns the broken rule, in words for the user.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns the stable name of the broken rule, for programs that say it in their own words: `too_short`, `too_long`,
    /// `character`, `separator`, `no_letter`, `reserved`, `required` or `after_login`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Returns the number of characters that `too_short` and `too_long` are about.
    pub fn limit(&self) -> Option<usize> {
        self.limit
    }
}
