//! The canonical key of an address, which look-ups and the unique index compare. It does not depend on the crate
//! features, so that programs with and without `idna` can share a database.

use unicode_normalization::UnicodeNormalization;

/// The domain of service accounts. No one can receive mail there (RFC 6761, 6.4), and no rules allow it.
pub(super) const SERVICE: &str = "service.invalid";

/// The largest number of characters in a label whose ASCII form can fit into 63 bytes. A longer label is not encoded,
/// because it cannot be part of a domain.
const MOST_IN_LABEL: usize = 63;

/// Returns the key of an address. It does not validate: an invalid address has a key too, which belongs to no account.
pub(super) fn canonical(address: &str) -> String {
    // Fast path: ASCII is its own normalization form, and an ASCII domain is its own ASCII form.
    if address.is_ascii() {
        return address.to_ascii_lowercase();
    }
    match address.rsplit_once('@') {
        Some((local, domain)) => folded(local).chain(['@']).chain(ascii(domain).chars()).collect(),
        None => folded(address).collect(),
    }
}

/// Folds a text so that texts that differ only in case or normalization become equal (canonical caseless matching,
/// Unicode standard 3.13). All forms of sigma are equal. The sharp s stays a separate letter, as in domains.
pub(crate) fn folded(text: &str) -> impl Iterator<Item = char> {
    text.nfd().flat_map(|c| fold(c, fixed(c))).nfc()
}

/// Returns a domain in ASCII. Each label is folded. A label with other characters is written as `xn--` and its code
/// (RFC 5890, 2.3.2.1).
fn ascii(domain: &str) -> String {
    // The ideographic full stop separates labels too. Full stops of other widths become one of the two by
    // normalization.
    let stops = domain.nfkc().map(|c| if c == '\u{3002}' { '.' } else { c });
    // The final sigma is a separate letter here (UTS #46, nontransitional processing).
    let letters = stops.flat_map(|c| fold(c, fixed(c).or((c == '\u{3c2}').then_some(c))));
    let folded: String = letters.nfkc().collect();
    let labels = folded.split('.').map(|label| {
        let letters = !label.is_ascii() && label.chars().count() <= MOST_IN_LABEL;
        if letters { format!("xn--{}", punycode(label)) } else { label.to_owned() }
    });
    labels.collect::<Vec<_>>().join(".")
}

/// Maps to lower case, upper case and lower case again. This equals Unicode's full case folding without a table of its
/// own. A fixed character maps to itself.
fn fold(c: char, fixed: Option<char>) -> impl Iterator<Item = char> {
    let cased = fixed.is_none().then(|| c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase));
    fixed.into_iter().chain(cased.into_iter().flatten())
}

/// The characters for which the rule of [`fold`] differs from Unicode case folding.
fn fixed(c: char) -> Option<char> {
    match c {
        // Its upper case would be SS, so two addresses that users consider different would be equal.
        '\u{df}' | '\u{1e9e}' => Some('\u{df}'),
        // The dotless i is a separate letter, although both have the upper case I.
        '\u{131}' => Some(c),
        // Cherokee capital letters are older than the small ones and stand for both.
        '\u{13a0}'..='\u{13f5}' => Some(c),
        '\u{13f8}'..='\u{13fd}' | '\u{ab70}'..='\u{abbf}' => c.to_uppercase().next(),
        _ => None,
    }
}

/// Encodes a label (RFC 3492, 6.3). A label is short enough that no number overflows.
fn punycode(label: &str) -> String {
    const BASE: u32 = 36;
    let digit = |value: u32| char::from_digit(if value < 26 { value + 10 } else { value - 26 }, BASE).unwrap_or('-');
    let codes: Vec<u32> = label.chars().map(u32::from).collect();
    let mut code: String = label.chars().filter(char::is_ascii).collect();
    let basic = code.len() as u32;
    if basic > 0 {
        code.push('-');
    }
    let (mut bound, mut delta, mut bias, mut done) = (0x80_u32, 0_u32, 72_u32, basic);
    while let Some(next) = codes.iter().copied().filter(|code| *code >= bound).min() {
        delta += (next - bound) * (done + 1);
        bound = next;
        for &current in &codes {
            delta += u32::from(current < bound);
            if current != bound {
                continue;
            }
            let (mut rest, mut place) = (delta, BASE);
            loop {
                let threshold = place.saturating_sub(bias).clamp(1, 26);
                if rest < threshold {
                    break;
                }
                code.push(digit(threshold + (rest - threshold) % (BASE - threshold)));
                rest = (rest - threshold) / (BASE - threshold);
                place += BASE;
            }
            code.push(digit(rest));
            bias = adapted(delta, done == basic, done + 1);
            delta = 0;
            done += 1;
        }
        delta += 1;
        bound += 1;
    }
    code
}

/// Returns the next bias (RFC 3492, 6.1).
fn adapted(delta: u32, first: bool, points: u32) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut bias = 0;
    while delta > 455 {
        delta /= 35;
        bias += 36;
    }
    bias + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every character beyond ASCII, with only some characters of the large scripts that have neither case nor other
    /// forms.
    fn characters() -> impl Iterator<Item = char> {
        let plain = |c: char| ('\u{3400}'..='\u{d7a3}').contains(&c) || c >= '\u{12000}';
        let all = (0x80..=u32::from(char::MAX)).filter_map(char::from_u32);
        all.filter(move |c| !plain(*c) || u32::from(*c) % 61 == 0 || c.to_lowercase().ne([*c]))
    }

    #[test]
    fn u1_case_alone_makes_no_second_address() {
        for [one, other] in [
            ["\u{39f}\u{3a3}.\u{391}@example.com", "\u{3bf}\u{3c2}.\u{3b1}@example.com"],
            [
                "\u{393}\u{399}\u{3a9}\u{3a1}\u{393}\u{39f}\u{3a3}.\u{3a0}@example.com",
                "\u{3b3}\u{3b9}\u{3c9}\u{3c1}\u{3b3}\u{3bf}\u{3c2}.\u{3c0}@example.com",
            ],
            ["\u{3c3}\u{3c2}@example.com", "\u{3c2}\u{3c3}@example.com"],
            ["\u{130}@example.com", "i\u{307}@example.com"],
            ["\u{13a0}@example.com", "\u{ab70}@example.com"],
            ["\u{1e9e}@example.com", "\u{df}@example.com"],
            ["\u{390}@example.com", "\u{399}\u{308}\u{301}@example.com"],
            ["\u{212a}@example.com", "k@example.com"],
            ["\u{1fb3}@example.com", "\u{391}\u{399}@example.com"],
        ] {
            assert_eq!(canonical(one), canonical(other), "{one} {other}");
        }
        for [one, other] in [["\u{131}@x.com", "i@x.com"], ["\u{df}@x.com", "ss@x.com"], ["\u{430}@x.com", "a@x.com"]] {
            assert_ne!(canonical(one), canonical(other), "{one} {other}");
        }
    }

    #[test]
    fn u1_a_key_is_its_own_key() {
        for c in characters() {
            let key = canonical(&format!("{c}@{c}"));
            assert_eq!(canonical(&key), key, "{c:?}");
        }
    }

    #[test]
    fn u9_the_code_of_a_label_is_that_of_rfc_3492() {
        for (label, code) in [
            ("b\u{fc}cher", "bcher-kva"),
            ("\u{4ed6}\u{4eec}\u{4e3a}\u{4ec0}\u{4e48}\u{4e0d}\u{8bf4}\u{4e2d}\u{6587}", "ihqwcrb4cv8a8dqg056pqjye"),
            ("\u{645}\u{635}\u{631}", "wgbh1c"),
            ("3\u{5e74}b\u{7d44}\u{91d1}\u{516b}\u{5148}\u{751f}", "3b-ww4c5e180e575a65lsy2b"),
            ("pro\u{10d}prost\u{11b}nemluv\u{ed}\u{10d}esky", "proprostnemluvesky-uyb24dma41a"),
        ] {
            assert_eq!(punycode(label), code);
        }
    }

    #[test]
    fn u9_a_domain_has_one_form_whatever_it_was_stored_as() {
        for stored in [
            "ada@B\u{dc}CHER.example",
            "Ada@bu\u{308}cher.example",
            "ADA@b\u{fc}cher\u{3002}EXAMPLE",
            "ada@\u{ff42}\u{fc}cher\u{ff0e}example",
        ] {
            assert_eq!(canonical(stored), "ada@xn--bcher-kva.example", "{stored}");
        }
        // A long text costs little, because a text that cannot be a label is not encoded.
        let long = format!("a@{}", "\u{4e00}\u{fc}".repeat(20_000));
        assert_eq!(canonical(&long), long);
    }

    #[test]
    #[cfg(feature = "idna")]
    fn u9_the_form_of_a_domain_is_that_of_uts_46() {
        use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
        let mut compared = 0;
        for c in characters() {
            let domain = format!("a{c}b.com");
            let (shown, Ok(())) =
                Uts46::new().to_unicode(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast)
            else {
                continue;
            };
            let theirs = Uts46::new().to_ascii(
                shown.as_bytes(),
                AsciiDenyList::STD3,
                Hyphens::CheckFirstLast,
                DnsLength::Ignore,
            );
            if let Ok(theirs) = theirs {
                assert_eq!(ascii(&shown), theirs, "{c:?}");
                compared += 1;
            }
        }
        assert!(compared > 10_000, "{compared}");
    }
}
