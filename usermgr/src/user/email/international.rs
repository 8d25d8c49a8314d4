//! Domains with letters of every script, mapped and checked by UTS #46.

use idna::{
    AsciiDenyList,
    uts46::{DnsLength, Hyphens, Uts46},
};

/// Letters, digits and hyphens only, as in the names of hosts.
const DENIED: AsciiDenyList = AsciiDenyList::STD3;
/// A hyphen at the end of a label is one that its ASCII form may hide.
const HYPHENS: Hyphens = Hyphens::CheckFirstLast;

/// A domain as it is shown, with every character mapped that stands for others.
pub(super) fn mapped(domain: &str) -> Option<String> {
    let (domain, outcome) = Uts46::new().to_unicode(domain.as_bytes(), DENIED, HYPHENS);
    outcome.ok().map(|()| domain.into_owned())
}

/// Whether a domain's form in ASCII is the one that UTS #46 has for it. A domain that begins with `xn--` and encodes nothing has none.
pub(super) fn is_ascii_form(ascii: &str, domain: &str) -> bool {
    Uts46::new().to_ascii(domain.as_bytes(), DENIED, HYPHENS, DnsLength::Ignore).is_ok_and(|theirs| theirs == ascii)
}
