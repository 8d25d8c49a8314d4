//! The rules for new addresses, at a registration or a change. Stored addresses are not checked again.

use unicode_normalization::UnicodeNormalization;

#[cfg(feature = "idna")]
use super::international;
use super::{
    EmailAddress, InvalidEmail,
    key::{SERVICE, canonical},
};

/// The longest local part, in bytes (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// The longest address, in bytes (RFC 5321, 4.5.3.1.3, less the angle brackets).
const MAX_ADDRESS: usize = 254;
/// The longest label of a domain, in bytes (RFC 1035, 2.3.4).
const MAX_LABEL: usize = 63;
/// Top-level domains that never receive mail (RFC 6761, RFC 6762, RFC 7686, RFC 9476 and the reverse zone).
const SPECIAL_USE: [&str; 7] = ["alt", "arpa", "invalid", "local", "localhost", "onion", "test"];

/// Returns the address of a service account. Its name follows the rules for the part before the `@`.
pub(crate) fn service_email(name: &str) -> Result<EmailAddress, InvalidEmail> {
    // The rules are asked about a domain that they accept.
    let email = EmailRules::new().parse(&format!("{name}@service.example"))?;
    Ok(EmailAddress::from_stored(format!("{}@{SERVICE}", email.local_part())))
}

/// The rules for addresses at a registration and for new addresses of an account.
///
/// The default rules are those of [`EmailAddress::parse`], which refuses domains that never receive mail from the
/// internet. A private network may use such domains. The rules do not affect stored accounts: they can still log in, be
/// found and request a reset.
///
/// ```
/// use usermgr::{user::EmailRules, Engine, MemoryStore, Backend, Database};
///
/// let rules = EmailRules::new().allow_domain("localhost").allow_domain("corp.local");
/// assert!(rules.parse("admin@localhost").is_ok() && rules.parse("ada@mail.corp.local").is_ok());
/// assert!(rules.parse("ada@other.local").is_err());
///
/// let bearer = Backend::bearer("bearer", Database::new());
/// let engine = Engine::builder(MemoryStore::new()).backend(bearer).email_rules(rules).build()?;
/// assert!(engine.email_rules().parse("admin@localhost").is_ok());
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct EmailRules {
    domains: Vec<String>,
    #[cfg(feature = "idna")]
    international: bool,
}

impl EmailRules {
    /// Creates the rules of [`EmailAddress::parse`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows addresses in a domain that is reserved or has no period, and in all domains below it, such as `localhost`
    /// or `corp.local`. The domain is in ASCII. [`build`](crate::engine::EngineBuilder::build) refuses invalid host names.
    #[must_use]
    pub fn allow_domain(mut self, domain: impl Into<String>) -> Self {
        self.domains.push(domain.into().to_ascii_lowercase());
        self
    }

    /// Allows domains in any script (feature `idna`). Such a domain is mapped and checked by UTS #46, and displayed as
    /// it was written, in letters or as `xn--`. Default: `false`, and every domain is ASCII.
    ///
    /// ```
    /// use usermgr::{EmailAddress, user::EmailRules};
    ///
    /// let rules = EmailRules::new().international(true);
    /// assert_eq!(rules.parse("ada@b\u{fc}cher.example")?.canonical(), "ada@xn--bcher-kva.example");
    /// assert!(EmailAddress::parse("ada@b\u{fc}cher.example").is_err());
    /// # Ok::<(), usermgr::user::InvalidEmail>(())
    /// ```
    #[cfg(feature = "idna")]
    #[must_use]
    pub fn international(mut self, wanted: bool) -> Self {
        self.international = wanted;
        self
    }

    /// Validates and normalizes an address by these rules.
    ///
    /// # Errors
    /// [`InvalidEmail`] names the broken rule. It never repeats the address.
    pub fn parse(&self, input: &str) -> Result<EmailAddress, InvalidEmail> {
        // Normalize before the check: otherwise normalization could produce a forbidden character after it.
        let text: String = input.trim().nfc().collect();
        let (local, domain) = text.split_once('@').ok_or(InvalidEmail::NO_AT)?;
        check_local(local)?;
        let domain = self.mapped(domain)?;
        let email = EmailAddress::from_stored(format!("{local}@{domain}"));
        let (folded, ascii) = email.key.split_once('@').unwrap_or_default();
        self.check_domain(ascii)?;
        // The user must be found by typing the same text again, and a look-up does not map characters.
        if !self.is_ascii_form(ascii, &domain) || canonical(&text) != *email.key {
            return Err(InvalidEmail::NO_DOMAIN);
        }
        if folded.len() > MAX_LOCAL {
            return Err(InvalidEmail::LOCAL_LENGTH);
        }
        // Mail servers may receive either form.
        if email.shown.len().max(local.len().max(folded.len()) + 1 + ascii.len()) > MAX_ADDRESS {
            return Err(InvalidEmail::LENGTH);
        }
        Ok(email)
    }

    /// Returns the allowed domains that are invalid.
    pub(crate) fn faults(&self) -> impl Iterator<Item = &str> {
        let is_number = |domain: &str| is_number(domain.rsplit('.').next().unwrap_or_default());
        self.domains
            .iter()
            .map(String::as_str)
            .filter(move |domain| !domain.split('.').all(is_label) || is_number(domain))
    }

    fn allows(&self, domain: &str) -> bool {
        let above = |allowed: &String| match domain.strip_suffix(allowed.as_str()) {
            Some(below) => below.is_empty() || below.ends_with('.'),
            None => false,
        };
        self.domains.iter().any(above)
    }

    /// A domain as it is shown. Whether it is one is seen by its ASCII form.
    fn mapped(&self, domain: &str) -> Result<String, InvalidEmail> {
        if domain.is_ascii() {
            return Ok(domain.to_ascii_lowercase());
        }
        #[cfg(feature = "idna")]
        if self.international {
            return international::mapped(domain).ok_or(InvalidEmail::NO_DOMAIN);
        }
        Err(InvalidEmail::NO_DOMAIN)
    }

    /// Whether a domain's form in ASCII is one that it may have.
    #[cfg_attr(not(feature = "idna"), expect(unused_variables, reason = "without mapping every form is its own"))]
    fn is_ascii_form(&self, ascii: &str, domain: &str) -> bool {
        #[cfg(feature = "idna")]
        if self.international {
            return international::is_ascii_form(ascii, domain);
        }
        true
    }

    fn check_domain(&self, domain: &str) -> Result<(), InvalidEmail> {
        if domain.is_empty() {
            return Err(InvalidEmail::NOTHING_AFTER);
        }
        let allowed = self.allows(domain);
        let top = domain.rsplit_once('.').map(|(_, top)| top);
        if top.is_none() && !allowed {
            return Err(InvalidEmail::NO_PERIOD);
        }
        if !domain.split('.').all(is_label) {
            return Err(InvalidEmail::NO_DOMAIN);
        }
        if domain == SERVICE || !allowed && top.is_some_and(|top| SPECIAL_USE.contains(&top) || is_number(top)) {
            return Err(InvalidEmail::RESERVED);
        }
        Ok(())
    }
}

fn is_label(label: &str) -> bool {
    (1..=MAX_LABEL).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn is_number(label: &str) -> bool {
    label.bytes().all(|b| b.is_ascii_digit())
}

fn check_local(local: &str) -> Result<(), InvalidEmail> {
    if local.is_empty() {
        return Err(InvalidEmail::NOTHING_BEFORE);
    }
    if local.len() > MAX_LOCAL {
        return Err(InvalidEmail::LOCAL_LENGTH);
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(InvalidEmail::LOCAL_PERIOD);
    }
    let allowed =
        |c: char| (c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c) || is_mark(c)) && !is_default_ignorable(c);
    if local.chars().all(allowed) { Ok(()) } else { Err(InvalidEmail::LOCAL_CHARACTER) }
}

/// Scripts that use combining marks attach them to the letter before.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// Invisible letters and marks (Unicode's `Default_Ignorable_Code_Point`). With one of them, an address looks like
/// another one.
fn is_default_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}
