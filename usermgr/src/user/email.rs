//! E-mail addresses: validation, the displayed form and the canonical key.

#[cfg(feature = "idna")]
mod international;
mod key;
mod rules;

use std::{fmt, hash::Hash, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use key::SERVICE;
pub(crate) use key::folded;
pub use rules::EmailRules;
pub(crate) use rules::service_email;

/// A validated e-mail address.
///
/// The displayed form is the text as it was written, trimmed and with the domain in lower case. Two addresses are
/// equal, and have the same hash, if their canonical keys are equal. The key ignores letter case and Unicode
/// normalization in the local part, and has the domain in ASCII. The unique index of a store uses the key. Mail is sent
/// to the stored address, so an attacker with a similar-looking address never receives it. The key does not depend on
/// the crate features.
///
/// [`parse`](Self::parse), [`FromStr`] and `Deserialize` follow the default [`EmailRules`], whatever features are on
/// and whatever rules an engine has. The text must be one address with a dotted domain in ASCII. Lists, quoted local
/// parts, comments, address literals, control characters, white space, invisible letters and top-level domains that
/// never receive mail (`.localhost`, `.test`, ..) are refused. Other rules parse with [`EmailRules::parse`]. They may
/// allow such domains and, with the feature `idna`, domains in any script. An address that they accepted and that was
/// serialized is read back with [`from_stored`](Self::from_stored).
///
/// ```
/// use usermgr::EmailAddress;
///
/// let email = EmailAddress::parse(" Ada.Lovelace@EXAMPLE.com ")?;
/// assert_eq!(email.as_str(), "Ada.Lovelace@example.com");
/// assert_eq!(email, EmailAddress::parse("ada.lovelace@example.com")?);
/// assert!(EmailAddress::parse("ada@localhost").is_err());
/// # Ok::<(), usermgr::user::InvalidEmail>(())
/// ```
#[derive(Clone)]
pub struct EmailAddress {
    shown: Box<str>,
    key: Box<str>,
}

impl EmailAddress {
    /// Validates and normalizes a new address by the default [`EmailRules`], which do not depend on features.
    ///
    /// # Errors
    /// [`InvalidEmail`] names the broken rule. It never repeats the address.
    pub fn parse(input: &str) -> Result<Self, InvalidEmail> {
        EmailRules::new().parse(input)
    }

    /// Creates an address for a look-up, for example at a login, from the text that a user typed. It is not validated.
    /// So accounts with stored addresses are found even if the rules for new addresses have changed. A text that is not
    /// an address finds no account.
    ///
    /// ```
    /// use usermgr::EmailAddress;
    /// assert_eq!(EmailAddress::for_lookup(" Admin@localhost ").canonical(), "admin@localhost");
    /// ```
    pub fn for_lookup(typed: &str) -> Self {
        Self::from_stored(typed.trim())
    }

    /// Creates an address from the text that a store has read. It is not validated, so that stricter rules do not lock
    /// out existing users.
    pub fn from_stored(shown: impl Into<String>) -> Self {
        let shown = shown.into();
        Self { key: key::canonical(&shown).into(), shown: shown.into() }
    }

    /// Returns the address in the displayed form, to which mail is sent.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// Returns the canonical key, which look-ups and the unique index compare.
    pub fn canonical(&self) -> &str {
        &self.key
    }

    /// Returns the part before the `@`, in the displayed form.
    pub fn local_part(&self) -> &str {
        self.shown.split_once('@').map_or("", |(local, _)| local)
    }

    /// Whether it is the address of a service account.
    pub(crate) fn is_of_service(&self) -> bool {
        self.key.strip_suffix(SERVICE).is_some_and(|local| local.ends_with('@'))
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl PartialEq<&Self> for EmailAddress {
    fn eq(&self, other: &&Self) -> bool {
        self.key == other.key
    }
}

impl Eq for EmailAddress {}

impl Hash for EmailAddress {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.shown, f)
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        Self::parse(text)
    }
}

impl Serialize for EmailAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown)
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// The reason why a text is not a valid e-mail address. It names the broken rule and never repeats the text.
///
/// ```
/// let error = usermgr::EmailAddress::parse("ada").unwrap_err();
/// assert_eq!(error.to_string(), "an address needs an @-sign");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct InvalidEmail {
    code: &'static str,
    reason: &'static str,
}

/// The broken rules: a name for each, its code, and its words.
macro_rules! rules {
    ($($rule:ident: $code:literal, $reason:literal;)*) => {
        #[cfg_attr(not(feature = "http"), allow(dead_code, reason = "two of them are for look-ups over HTTP"))]
        impl InvalidEmail {
            $(pub(crate) const $rule: Self = Self { code: $code, reason: $reason };)*

            /// The codes of all rules.
            #[cfg(test)]
            pub(crate) const CODES: &[&str] = &[$($code),*];
        }
    };
}

rules! {
    NO_AT: "no_at", "an address needs an @-sign";
    NOTHING_BEFORE: "nothing_before_at", "there must be something before the @-sign";
    NOTHING_AFTER: "nothing_after_at", "there must be something after the @-sign";
    CONTROL: "control_character", "an address has no control characters";
    LOCAL_CHARACTER: "local_character", "the part before the @-sign has a character that is not allowed";
    LOCAL_PERIOD: "local_period", "the part before the @-sign has a misplaced period";
    LOCAL_LENGTH: "local_length", "the part before the @-sign is longer than 64 bytes";
    NO_PERIOD: "domain_period", "the part after the @-sign needs a period";
    NO_DOMAIN: "domain", "the part after the @-sign is not a valid domain";
    RESERVED: "domain_reserved", "the part after the @-sign is a special-use or reserved name that cannot receive mail";
    LENGTH: "length", "the address is longer than 254 bytes";
    LOOKUP_LENGTH: "length", "the address is longer than 320 bytes";
}

impl InvalidEmail {
    /// Returns the broken rule, in words for the user.
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// Returns the stable name of the broken rule, for programs that say it in their own words: `no_at`, `nothing_before_at`,
    /// `nothing_after_at`, `control_character`, `local_character`, `local_period`, `local_length`, `domain_period`, `domain`,
    /// `domain_reserved` or `length`.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reason(text: &str) -> &'static str {
        EmailAddress::parse(text).unwrap_err().reason()
    }

    #[test]
    fn each_rule_has_a_code_of_its_own_for_programs() {
        for (text, code) in [
            ("ada", "no_at"),
            ("@example.com", "nothing_before_at"),
            ("ada@", "nothing_after_at"),
            ("a b@example.com", "local_character"),
            (".ada@example.com", "local_period"),
            (&format!("{}@example.com", "a".repeat(65)), "local_length"),
            ("ada@example", "domain_period"),
            ("ada@-.example.com", "domain"),
            ("ada@example.invalid", "domain_reserved"),
            (&format!("ada@{}com", "example.".repeat(40)), "length"),
        ] {
            let error = EmailAddress::parse(text).unwrap_err();
            assert_eq!(error.code(), code, "{text}");
            assert!(InvalidEmail::CODES.contains(&code));
        }
        // One address may be too long in two ways, with one code.
        let codes: std::collections::BTreeSet<_> = InvalidEmail::CODES.iter().collect();
        assert_eq!(codes.len(), InvalidEmail::CODES.len() - 1);
    }

    #[test]
    fn u1_case_and_normal_form_are_one_address() {
        let composed = EmailAddress::parse("Zo\u{e9}@Example.COM").unwrap();
        let decomposed = EmailAddress::parse("zoe\u{301}@example.com").unwrap();
        assert_eq!(composed, decomposed);
        assert_eq!(composed.as_str(), "Zo\u{e9}@example.com");
        let (shouted, plain) = (EmailAddress::parse("ADA@EXAMPLE.COM"), EmailAddress::parse("ada@example.com"));
        assert_eq!(shouted.as_ref().unwrap().as_str(), "ADA@example.com");
        assert_eq!((shouted.as_ref().unwrap().canonical(), &shouted), ("ada@example.com", &plain));
    }

    #[test]
    fn u10_a_letter_that_shows_nothing_is_refused() {
        let shown_as_ada =
            ['\u{3164}', '\u{34f}', '\u{fe0f}', '\u{200d}', '\u{115f}', '\u{17b4}', '\u{ffa0}', '\u{e0101}', '\u{ad}'];
        for hidden in shown_as_ada {
            for local in [format!("{hidden}ada"), format!("a{hidden}da"), format!("ada{hidden}")] {
                assert!(reason(&format!("{local}@example.com")).contains("not allowed"), "{}", hidden.escape_unicode());
            }
        }
        // Visible marks belong to the scripts that use them.
        for local in ["\u{915}\u{94d}\u{937}", "zoe\u{308}"] {
            assert!(EmailAddress::parse(&format!("{local}@example.com")).is_ok(), "{local}");
        }
    }

    #[test]
    fn u8_what_is_typed_to_be_found_by_is_not_judged() {
        for (stored, typed) in [
            ("Admin@localhost", " ADMIN@LOCALHOST "),
            ("user@corp.local", "user@corp.local"),
            ("x@xn--a.com", "X@XN--A.COM"),
            ("ada@b\u{fc}cher.example", "ADA@B\u{dc}CHER.example"),
            ("ada@b\u{fc}cher.example", "ada@xn--bcher-kva.example"),
            ("\u{3164}ada@example.com", "\u{3164}ada@example.com"),
            ("no address", "no address"),
        ] {
            assert_eq!(EmailAddress::for_lookup(typed), EmailAddress::from_stored(stored), "{typed}");
        }
    }

    #[test]
    fn a_network_of_ones_own_may_have_special_names() {
        let rules = EmailRules::new().allow_domain("localhost").allow_domain("Corp.LOCAL");
        for good in ["admin@localhost", "ada@corp.local", "ada@mail.corp.local", "ada@box.localhost", "ada@example.com"]
        {
            assert_eq!(rules.parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "ada@local",
            "ada@xcorp.local",
            "ada@corp.local.test",
            "ada@-.corp.local",
            "ada@.corp.local",
            "ada@intranet",
            ",@localhost",
        ] {
            assert!(rules.parse(bad).is_err(), "{bad}");
        }
        assert_eq!(rules.faults().count(), 0);
        for bad in ["", ".", "a b", "*.local", "b\u{fc}cher", "127.0.0.1", "[::1]", "-a"] {
            assert_eq!(EmailRules::new().allow_domain(bad).faults().count(), 1, "{bad}");
        }
    }

    #[test]
    fn u1_a_dotless_i_is_another_letter() {
        assert_ne!(
            EmailAddress::parse("m\u{131}ke@example.com").unwrap(),
            EmailAddress::parse("mike@example.com").unwrap()
        );
    }

    #[test]
    fn u3_only_one_plain_address() {
        for bad in [
            "a@example.com,b@example.com",
            "a@example.com b@example.com",
            "\"a b\"@example.com",
            "a@b@example.com",
            "a\r\nBcc: x@example.com",
            "a\0@example.com",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@-b.com",
            "a@b..com",
            "a\u{ff20}b@example.com\u{ff20}",
            "<a@example.com>",
            "a,b@example.com",
            "a;b@example.com",
            "a:b@example.com",
            "a b@example.com",
            "a\u{a0}b@example.com",
            "a\u{7f}b@example.com",
            "a(b)@example.com",
            "a\\b@example.com",
        ] {
            assert!(EmailAddress::parse(bad).is_err(), "{bad:?} was accepted");
        }
        assert_eq!(reason("a@"), "there must be something after the @-sign");
        assert_eq!(reason("@example.com"), "there must be something before the @-sign");
        assert_eq!(reason(".a@example.com"), "the part before the @-sign has a misplaced period");
        assert_eq!(reason("a@localhost"), "the part after the @-sign needs a period");
        assert!(reason("a@b.test").contains("special-use"));
        assert!(reason(&format!("{}@example.com", "a".repeat(65))).contains("64"));
        assert!(reason(&format!("a@{}.com", vec!["b".repeat(60); 5].join("."))).contains("254"));
    }

    /// With every feature on too: another crate of a build may have turned them on.
    #[test]
    fn u3_a_domain_is_ascii_unless_the_rules_say_otherwise() {
        let letters = "a@b\u{fc}cher.example";
        assert_eq!(reason(letters), "the part after the @-sign is not a valid domain");
        assert!(letters.parse::<EmailAddress>().is_err());
        assert!(serde_json::from_value::<EmailAddress>(letters.into()).is_err());
        let engine = crate::Engine::new(crate::MemoryStore::<crate::NoProfile>::new());
        assert!(engine.email_rules().parse(letters).is_err());
        // What UTS #46 would refuse.
        assert!(engine.email_rules().parse("a@xn--a.com").is_ok() && EmailAddress::parse("a@xn--a.com").is_ok());
    }

    #[cfg(feature = "idna")]
    fn international(text: &str) -> Result<EmailAddress, InvalidEmail> {
        EmailRules::new().international(true).parse(text)
    }

    #[test]
    #[cfg(feature = "idna")]
    fn u1_a_domain_in_letters_and_in_ascii_is_one_address() {
        let letters = international("Ada@B\u{dc}CHER.example").unwrap();
        assert_eq!((letters.as_str(), letters.canonical()), ("Ada@b\u{fc}cher.example", "ada@xn--bcher-kva.example"));
        for same in ["ada@bu\u{308}cher.example", "ADA@XN--BCHER-KVA.EXAMPLE", "ada@b\u{fc}cher\u{3002}example"] {
            assert_eq!(international(same).unwrap(), letters, "{same}");
        }
        assert_eq!(international("ada@XN--bcher-kva.example").unwrap().as_str(), "ada@xn--bcher-kva.example");
        assert_eq!(EmailAddress::from_stored("ada@b\u{fc}cher.example"), letters);
        // A letter of another script makes another domain, and so does the sharp s, which earlier rules mapped to two
        // letters.
        for [one, other] in [["a@p\u{430}y.com", "a@pay.com"], ["a@fa\u{df}.de", "a@fass.de"]] {
            assert_ne!(international(one).unwrap(), international(other).unwrap());
        }
    }

    #[test]
    #[cfg(feature = "idna")]
    fn u3_a_domain_is_checked_after_it_is_mapped() {
        for bad in [
            "a@b\u{fc}cher",
            "a@b\u{ff20}c\u{fc}.com",
            "a@\u{ff4c}\u{ff4f}\u{ff43}\u{ff41}\u{ff4c}\u{ff48}\u{ff4f}\u{ff53}\u{ff54}",
            "a@b\u{fc}.\u{ff54}\u{ff45}\u{ff53}\u{ff54}",
            "a@\u{ff11}\u{ff12}\u{ff17}.0.0.1",
            "a@b\u{fc} c.com",
            "a@b\u{fc}_c.com",
            "a@b\u{fc}/c.com",
            "a@-b\u{fc}.com",
            "a@b\u{fc}..com",
            "a@b\u{fc}.com.",
            "a@b\u{202e}c.com",
            "a@\u{5d0}b.com",
            "a@xn--a.com",
            "a@xn--bcher-KV\u{e1}.com",
        ] {
            assert!(international(bad).is_err(), "{bad:?} was accepted");
        }
        // Each letter takes more bytes in ASCII than in UTF-8.
        assert!(international(&format!("a@{}.com", "\u{fc}".repeat(60))).is_err());
        let long = format!("{}@{}.com", "a".repeat(64), vec!["b\u{fc}".repeat(15); 6].join("."));
        assert!(international(&long).unwrap_err().reason().contains("254"));
    }

    proptest! {
        #[test]
        #[cfg(feature = "idna")]
        fn u1_both_forms_of_a_domain_have_one_key(local in "[a-z]{1,8}", label in "\\PC{1,12}") {
            if let Ok(email) = international(&format!("{local}@{label}.com")) {
                let again = international(email.as_str()).unwrap();
                prop_assert_eq!(again.as_str(), email.as_str());
                prop_assert_eq!(again.canonical(), email.canonical());
                let (_, ascii) = email.canonical().split_once('@').unwrap();
                prop_assert!(ascii.is_ascii() && international(&format!("a@{ascii}")).is_ok(), "{}", ascii);
                prop_assert_eq!(&international(email.canonical()).unwrap(), &email);
                prop_assert_eq!(&EmailAddress::from_stored(email.as_str()), &email);
                prop_assert_eq!(email.as_str().matches('@').count(), 1);
                prop_assert!(!email.as_str().chars().any(|c| c.is_control() || c.is_whitespace()));
            }
        }

        #[test]
        fn u1_parsing_is_idempotent(local in "\\PC{1,20}", domain in "[a-zA-Z0-9.-]{1,30}") {
            if let Ok(email) = EmailAddress::parse(&format!("{local}@{domain}")) {
                let again = EmailAddress::parse(email.as_str()).unwrap();
                prop_assert_eq!(again.as_str(), email.as_str());
                prop_assert_eq!(again.canonical(), email.canonical());
                prop_assert_eq!(email.as_str().matches('@').count(), 1);
                prop_assert!(!email.as_str().chars().any(|c| c.is_control() || c.is_whitespace()));
            }
        }
    }
}
