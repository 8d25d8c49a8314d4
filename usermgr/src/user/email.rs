//! An e-mail address: what a person typed goes in, one validated address with its canonical key comes out.

use std::{fmt, hash::Hash, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use unicode_normalization::UnicodeNormalization;

/// The longest local part, in bytes (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// The longest address, in bytes (RFC 5321, 4.5.3.1.3, less the angle brackets).
const MAX_ADDRESS: usize = 254;
/// The longest label of a domain, in bytes (RFC 1035, 2.3.4).
const MAX_LABEL: usize = 63;
/// Top-level domains that never receive mail (RFC 6761, RFC 6762, RFC 7686, RFC 9476 and the reverse zone).
const SPECIAL_USE: [&str; 7] = ["alt", "arpa", "invalid", "local", "localhost", "onion", "test"];

const NO_DOMAIN: InvalidEmail = InvalidEmail("the part after the @-sign is not a valid domain");

/// A validated e-mail address.
///
/// It is shown as it was written, trimmed, with its domain in lower case. Two addresses are equal, and hash alike, when their
/// canonical keys are: the whole address in normalization form C and lower case. The unique index of a store stands on that key, and
/// mail goes to the stored address, so that a look-alike written by somebody else never receives it.
///
/// With the feature `idna` a domain may have letters of every script: it is mapped and checked by UTS #46 and shown as it was
/// written, in letters or as `xn--`. The key holds it in ASCII, so that both are one address.
///
/// Accepted is one address with a dotted domain, which is ASCII without the feature `idna`; refused are lists, quoted local parts, comments, address literals, control
/// characters, white space inside, and top-level domains that never receive mail (`.localhost`, `.test`, ..).
///
/// ```
/// use usermgr::EmailAddress;
///
/// let email = EmailAddress::parse(" Ada.Lovelace@EXAMPLE.com ")?;
/// assert_eq!(email.as_str(), "Ada.Lovelace@example.com");
/// assert_eq!(email, EmailAddress::parse("ada.lovelace@example.com")?);
/// assert!(EmailAddress::parse("ada@localhost").is_err());
/// # Ok::<(), usermgr::InvalidEmail>(())
/// ```
#[derive(Clone)]
pub struct EmailAddress {
    shown: Box<str>,
    key: Box<str>,
}

impl EmailAddress {
    /// Validates and normalises an address.
    ///
    /// # Errors
    /// [`InvalidEmail`] names the rule that is broken, never the address.
    pub fn parse(input: &str) -> Result<Self, InvalidEmail> {
        // Normalised first and checked after, or a character could become a forbidden one behind the check.
        let text: String = input.trim().nfc().collect();
        let (local, domain) = text.split_once('@').ok_or(InvalidEmail("an address needs an @-sign"))?;
        check_local(local)?;
        let domain = mapped(domain)?;
        let email = Self::from_stored(format!("{local}@{domain}"));
        let ascii = email.key.split_once('@').map_or("", |(_, domain)| domain);
        check_domain(ascii)?;
        // Mail servers may be told either form.
        if email.shown.len().max(local.len() + 1 + ascii.len()) > MAX_ADDRESS {
            return Err(InvalidEmail("the address is longer than 254 bytes"));
        }
        Ok(email)
    }

    /// An address read back from a store, which is not judged again: stricter rules must not lock out who is there already.
    pub fn from_stored(shown: impl Into<String>) -> Self {
        let shown = shown.into();
        Self { key: canonical(&shown).into(), shown: shown.into() }
    }

    /// The address as it is shown and as mail is sent to it.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// The canonical key: what look-ups and the unique index compare.
    pub fn canonical(&self) -> &str {
        &self.key
    }

    /// What stands before the @-sign, as it is shown.
    pub fn local_part(&self) -> &str {
        self.shown.split_once('@').map_or("", |(local, _)| local)
    }
}

fn canonical(shown: &str) -> String {
    // As most are; it is its own normalization form, and its domain its own form in ASCII.
    if shown.is_ascii() {
        return shown.to_ascii_lowercase();
    }
    let key: String = shown.to_lowercase().nfc().collect();
    match key.rsplit_once('@') {
        Some((local, domain)) => match ascii(domain) {
            Some(domain) => format!("{local}@{domain}"),
            None => key,
        },
        None => key,
    }
}

/// A domain as it is shown, with every character mapped that stands for others. Whether it is one is seen by its ASCII form.
#[cfg(feature = "idna")]
fn mapped(domain: &str) -> Result<String, InvalidEmail> {
    if domain.is_ascii() {
        // What begins with `xn--` and stands for nothing is no domain.
        return ascii(domain).map(|_| domain.to_ascii_lowercase()).ok_or(NO_DOMAIN);
    }
    match idna::uts46::Uts46::new().to_unicode(domain.as_bytes(), DENIED, HYPHENS) {
        (domain, Ok(())) => Ok(domain.into_owned()),
        (_, Err(_)) => Err(NO_DOMAIN),
    }
}

#[cfg(not(feature = "idna"))]
#[expect(clippy::unnecessary_wraps, reason = "the other one can fail")]
fn mapped(domain: &str) -> Result<String, InvalidEmail> {
    Ok(domain.to_ascii_lowercase())
}

/// A domain's one form in ASCII, where it has another. An address that was stored under other rules keeps what it had.
#[cfg(feature = "idna")]
fn ascii(domain: &str) -> Option<String> {
    let length = idna::uts46::DnsLength::Ignore;
    let ascii = idna::uts46::Uts46::new().to_ascii(domain.as_bytes(), DENIED, HYPHENS, length).ok()?;
    Some(ascii.into_owned())
}

/// Letters, digits and hyphens only, as in the names of hosts.
#[cfg(feature = "idna")]
const DENIED: idna::AsciiDenyList = idna::AsciiDenyList::STD3;
/// A hyphen at the end of a label is one that its ASCII form may hide.
#[cfg(feature = "idna")]
const HYPHENS: idna::uts46::Hyphens = idna::uts46::Hyphens::CheckFirstLast;

#[cfg(not(feature = "idna"))]
fn ascii(_: &str) -> Option<String> {
    None
}

fn check_local(local: &str) -> Result<(), InvalidEmail> {
    if local.is_empty() {
        return Err(InvalidEmail("there must be something before the @-sign"));
    }
    if local.len() > MAX_LOCAL {
        return Err(InvalidEmail("the part before the @-sign is longer than 64 bytes"));
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(InvalidEmail("the part before the @-sign has a misplaced period"));
    }
    let allowed = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c) || is_mark(c);
    if local.chars().all(allowed) {
        Ok(())
    } else {
        Err(InvalidEmail("the part before the @-sign has a character that is not allowed"))
    }
}

/// A combining mark belongs to the letter before it in the scripts that write with them.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

fn check_domain(domain: &str) -> Result<(), InvalidEmail> {
    if domain.is_empty() {
        return Err(InvalidEmail("there must be something after the @-sign"));
    }
    let Some((_, top)) = domain.rsplit_once('.') else {
        return Err(InvalidEmail("the part after the @-sign needs a period"));
    };
    let label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if !domain.split('.').all(label) {
        return Err(NO_DOMAIN);
    }
    if SPECIAL_USE.contains(&top) || top.bytes().all(|b| b.is_ascii_digit()) {
        return Err(InvalidEmail(
            "the part after the @-sign is a special-use or reserved name that cannot receive mail",
        ));
    }
    Ok(())
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

/// Why a text is not an e-mail address. It names the broken rule and never repeats the text.
///
/// ```
/// let error = usermgr::EmailAddress::parse("ada").unwrap_err();
/// assert_eq!(error.to_string(), "an address needs an @-sign");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidEmail(&'static str);

impl InvalidEmail {
    /// The broken rule, in plain words.
    pub fn reason(&self) -> &'static str {
        self.0
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

    #[test]
    #[cfg(not(feature = "idna"))]
    fn u3_a_domain_is_ascii() {
        assert_eq!(reason("a@b\u{fc}cher.example"), NO_DOMAIN.reason());
    }

    #[test]
    #[cfg(feature = "idna")]
    fn u1_a_domain_in_letters_and_in_ascii_is_one_address() {
        let letters = EmailAddress::parse("Ada@B\u{dc}CHER.example").unwrap();
        assert_eq!((letters.as_str(), letters.canonical()), ("Ada@b\u{fc}cher.example", "ada@xn--bcher-kva.example"));
        for same in ["ada@bu\u{308}cher.example", "ADA@XN--BCHER-KVA.EXAMPLE", "ada@b\u{fc}cher\u{3002}example"] {
            assert_eq!(EmailAddress::parse(same).unwrap(), letters, "{same}");
        }
        assert_eq!(EmailAddress::parse("ada@XN--bcher-kva.example").unwrap().as_str(), "ada@xn--bcher-kva.example");
        assert_eq!(EmailAddress::from_stored("ada@b\u{fc}cher.example"), letters);
        // A letter of another script is another domain, and so is the sharp s, which once stood for two letters.
        for [one, other] in [["a@p\u{430}y.com", "a@pay.com"], ["a@fa\u{df}.de", "a@fass.de"]] {
            assert_ne!(EmailAddress::parse(one).unwrap(), EmailAddress::parse(other).unwrap());
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
            assert!(EmailAddress::parse(bad).is_err(), "{bad:?} was accepted");
        }
        // Each letter takes more bytes in ASCII than here.
        assert!(EmailAddress::parse(&format!("a@{}.com", "\u{fc}".repeat(60))).is_err());
        assert!(reason(&format!("{}@{}.com", "a".repeat(64), vec!["b\u{fc}".repeat(15); 6].join("."))).contains("254"));
    }

    proptest! {
        #[test]
        #[cfg(feature = "idna")]
        fn u1_both_forms_of_a_domain_have_one_key(local in "[a-z]{1,8}", label in "\\PC{1,12}") {
            if let Ok(email) = EmailAddress::parse(&format!("{local}@{label}.com")) {
                let again = EmailAddress::parse(email.as_str()).unwrap();
                prop_assert_eq!(again.as_str(), email.as_str());
                prop_assert_eq!(again.canonical(), email.canonical());
                let (_, ascii) = email.canonical().split_once('@').unwrap();
                prop_assert!(ascii.is_ascii() && check_domain(ascii).is_ok(), "{}", ascii);
                prop_assert_eq!(&EmailAddress::parse(email.canonical()).unwrap(), &email);
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
