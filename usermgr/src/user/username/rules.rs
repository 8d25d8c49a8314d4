//! The rules for new user names, at a registration or a change. Stored names are not checked again.

use std::ops::RangeInclusive;

use super::{InvalidUsername, Username};

/// The shortest and the longest length that rules may allow, in characters. The columns of the databases hold the longest.
const BOUNDS: RangeInclusive<usize> = 1..=64;
/// The default length.
const LENGTH: RangeInclusive<usize> = 3..=32;

/// Names that users do not get by themselves, in lower case and without separators: the mailboxes of RFC 2142, roles of a
/// service, words of its paths, and words that programs read as no value.
const RESERVED: &[&str] = &[
    "abuse",
    "account",
    "accounts",
    "admin",
    "administration",
    "administrator",
    "all",
    "anonymous",
    "api",
    "auth",
    "billing",
    "contact",
    "everybody",
    "everyone",
    "ftp",
    "guest",
    "help",
    "helpdesk",
    "hostmaster",
    "info",
    "login",
    "logout",
    "mail",
    "mailerdaemon",
    "marketing",
    "me",
    "mod",
    "moderator",
    "news",
    "noc",
    "noreply",
    "null",
    "official",
    "operator",
    "owner",
    "postmaster",
    "register",
    "root",
    "sales",
    "security",
    "self",
    "service",
    "settings",
    "signin",
    "signout",
    "signup",
    "staff",
    "superuser",
    "support",
    "sysadmin",
    "system",
    "team",
    "undefined",
    "usenet",
    "user",
    "username",
    "users",
    "uucp",
    "webmaster",
    "www",
];

/// The rules for user names at a registration and for new names of an account.
///
/// A name has 3 to 32 letters from A to Z, digits, periods, hyphens and underscores. A separator is between two letters or
/// digits, and at least one character is a letter, so that a name is neither an id nor a phone number. Letters of other
/// scripts are refused, because many of them look like others (RFC 8265, 6.2). Some names are reserved, such as `admin` and
/// those of RFC 2142. In the comparison with them, neither case nor separators count. The rules do not affect stored names:
/// their users can still log in and be found.
///
/// ```
/// use usermgr::user::UsernameRules;
///
/// let rules = UsernameRules::new().length(2..=20).reserved(["shop"]);
/// assert!(rules.parse("al").is_ok() && rules.parse("Grace_Hopper").is_ok());
/// assert_eq!(rules.parse("S-H-O-P").unwrap_err().code(), "reserved");
/// assert_eq!(rules.parse("1815").unwrap_err().code(), "no_letter");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsernameRules {
    length: RangeInclusive<usize>,
    /// Reserved names beside the default ones, in lower case and without separators.
    reserved: Vec<String>,
}

impl Default for UsernameRules {
    fn default() -> Self {
        Self { length: LENGTH, reserved: Vec::new() }
    }
}

impl UsernameRules {
    /// Creates the rules of [`Username::parse`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many characters a name may have. Default: 3 to 32. [`build`](crate::engine::EngineBuilder::build) refuses
    /// less than 1 and more than 64.
    #[must_use]
    pub fn length(mut self, characters: RangeInclusive<usize>) -> Self {
        self.length = characters;
        self
    }

    /// Reserves more names, such as those of your service. Users cannot take them. The application itself and superusers
    /// can still give them.
    #[must_use]
    pub fn reserved(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.reserved.extend(names.into_iter().map(|name| comparable(name.as_ref())));
        self
    }

    /// Validates a name by these rules.
    ///
    /// # Errors
    /// [`InvalidUsername`] names the broken rule. It never repeats the name.
    pub fn parse(&self, input: &str) -> Result<Username, InvalidUsername> {
        let name = self.parse_reserved(input)?;
        let comparable = comparable(name.canonical());
        let is_reserved = RESERVED.contains(&&*comparable) || self.reserved.contains(&comparable);
        if is_reserved { Err(InvalidUsername::RESERVED) } else { Ok(name) }
    }

    /// Validates a name that may be reserved, for accounts that the application itself or a superuser names.
    ///
    /// # Errors
    /// The same, except `reserved`.
    pub fn parse_reserved(&self, input: &str) -> Result<Username, InvalidUsername> {
        let text = input.trim();
        let allowed = |c: char| c.is_ascii_alphanumeric() || is_separator(c);
        if !text.chars().all(allowed) {
            return Err(InvalidUsername::CHARACTER);
        }
        // All characters have one byte.
        if text.len() < *self.length.start() {
            return Err(InvalidUsername::too_short(*self.length.start()));
        }
        if text.len() > *self.length.end() {
            return Err(InvalidUsername::too_long(*self.length.end()));
        }
        if text.split(is_separator).any(str::is_empty) {
            return Err(InvalidUsername::SEPARATOR);
        }
        if !text.contains(|c: char| c.is_ascii_alphabetic()) {
            return Err(InvalidUsername::NO_LETTER);
        }
        Ok(Username::from_stored(text))
    }

    /// Returns whether some text can follow the rules, and all that do fit into the columns of the databases.
    pub(crate) fn are_sound(&self) -> bool {
        !self.length.is_empty() && BOUNDS.contains(self.length.start()) && BOUNDS.contains(self.length.end())
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, '.' | '-' | '_')
}

/// Returns the form in which a name is compared with reserved ones.
fn comparable(name: &str) -> String {
    name.chars().filter(|c| !is_separator(*c)).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(text: &str) -> &'static str {
        UsernameRules::new().parse(text).unwrap_err().code()
    }

    #[test]
    fn un1_a_name_has_letters_of_ascii_digits_and_single_separators() {
        for good in ["ada", "ADA", "a1b", "ada.lovelace", "ada_lovelace", "ada-1815", "1st", " ada ", &"a".repeat(32)] {
            assert_eq!(UsernameRules::new().parse(good).unwrap().as_str(), good.trim(), "{good}");
        }
        for (bad, broken) in [
            ("", "too_short"),
            ("al", "too_short"),
            (&"a".repeat(33), "too_long"),
            ("ada@example", "character"),
            ("ada lovelace", "character"),
            ("ad\u{e4}", "character"),
            ("\u{430}da", "character"),
            ("ada\0", "character"),
            ("a/b", "character"),
            ("ada+1", "character"),
            (".ada", "separator"),
            ("ada-", "separator"),
            ("ada._x", "separator"),
            ("1815", "no_letter"),
            ("18-15", "no_letter"),
        ] {
            assert_eq!(code(bad), broken, "{bad:?}");
        }
        let error = UsernameRules::new().length(5..=6).parse("ada").unwrap_err();
        assert_eq!((error.limit(), error.reason()), (Some(5), "the user name is shorter than 5 characters"));
        let error = UsernameRules::new().length(5..=6).parse("adalove").unwrap_err();
        assert_eq!((error.limit(), error.code()), (Some(6), "too_long"));
    }

    #[test]
    fn un1_neither_case_nor_separators_hide_a_reserved_name() {
        for name in ["admin", "Root", "ad-min", "p.o.s.t.m.a.s.t.e.r", "no-reply", "ABUSE", "web_master"] {
            assert_eq!(code(name), "reserved", "{name}");
        }
        let own = UsernameRules::new().reserved(["Our-Shop"]);
        for name in ["ourshop", "OUR.SHOP", "admin"] {
            assert_eq!(own.parse(name).unwrap_err().code(), "reserved", "{name}");
            assert!(own.parse_reserved(name).is_ok(), "{name}");
        }
        assert!(UsernameRules::new().parse("ourshop").is_ok() && UsernameRules::new().parse("administratrix").is_ok());
        // A list that is not as it is compared would let its names through.
        assert!(RESERVED.is_sorted() && RESERVED.iter().all(|name| comparable(name) == *name));
    }

    #[test]
    fn un1_rules_that_no_name_can_follow_or_no_column_holds_are_not_sound() {
        let sound = |length| UsernameRules::new().length(length).are_sound();
        assert!(UsernameRules::new().are_sound() && sound(1..=64));
        #[expect(clippy::reversed_empty_ranges, reason = "that is what is refused")]
        let empty = 5..=4;
        assert!(!sound(0..=4) && !sound(3..=65) && !sound(empty));
    }

    #[test]
    fn un1_each_rule_has_a_code_of_its_own() {
        let codes: std::collections::BTreeSet<_> = InvalidUsername::CODES.iter().collect();
        assert_eq!(codes.len(), InvalidUsername::CODES.len());
    }

    proptest! {
        #[test]
        fn un1_a_name_is_its_own_text_and_case_alone_makes_no_second_one(text in "[a-zA-Z0-9._-]{0,40}") {
            if let Ok(name) = UsernameRules::new().parse(&text) {
                let (upper, again) = (Username::for_lookup(&text.to_uppercase()), Username::from_stored(name.as_str()));
                prop_assert_eq!(&upper, &name);
                prop_assert_eq!(again.canonical(), name.canonical());
                prop_assert!(name.canonical().is_ascii() && !name.canonical().contains('@'));
            }
        }
    }
}
