//! The form of a key: `prefix_`, 43 random characters, and six characters of a check figure. The figure tells a mistyped
//! or invented key without the store, and lets scanners of leaked secrets find keys without false alarms.

use zeroize::Zeroizing;

use super::ApiKey;

/// The characters of a key, in the order of their values as digits.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The number of random characters. 62 to the power of 43 is more than 2 to the power of 256.
const RANDOM: usize = 43;
/// The number of characters of the check figure. 62 to the power of 6 is more than 2 to the power of 32.
const CHECK: usize = 6;
/// The number of last characters that a list shows.
const HINT: usize = 4;

impl ApiKey {
    /// Generates a key with 256 random bits.
    pub(crate) fn generate(prefix: &str) -> Result<Self, getrandom::Error> {
        // It never grows, which would leave a copy behind.
        let mut text = Zeroizing::new(String::with_capacity(prefix.len() + 1 + RANDOM + CHECK));
        text.push_str(prefix);
        text.push('_');
        let mut bytes = Zeroizing::new([0; 64]);
        let whole = prefix.len() + 1 + RANDOM;
        while text.len() < whole {
            getrandom::fill(bytes.as_mut_slice())?;
            // The highest multiple of 62: a larger byte would make the first characters more likely.
            let fair = bytes.iter().filter(|byte| **byte < 248).take(whole - text.len());
            let characters: Zeroizing<Vec<u8>> = Zeroizing::new(fair.copied().collect());
            text.extend(characters.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 62)])));
        }
        let figure = check_figure(&text);
        text.extend(figure.map(char::from));
        Ok(Self(text))
    }

    /// Returns the last characters, by which its owner recognizes it.
    pub(crate) fn hint(&self) -> &str {
        &self.0[self.0.len() - HINT..]
    }
}

/// Whether a text has the form of a key, whatever its check figure is.
pub(super) fn has_form(prefix: &str, text: &str) -> bool {
    let rest = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_'));
    rest.is_some_and(|rest| rest.len() == RANDOM + CHECK && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether the check figure of a text of this form is right.
pub(super) fn is_checked(text: &str) -> bool {
    let figure = text.len().checked_sub(CHECK).and_then(|at| text.split_at_checked(at));
    figure.is_some_and(|(checked, figure)| figure.as_bytes() == check_figure(checked))
}

/// The CRC-32 of a text as digits to the base of 62, the highest first.
fn check_figure(text: &str) -> [u8; CHECK] {
    let (mut figure, mut rest) = ([0; CHECK], crc_32(text.as_bytes()) as usize);
    for digit in figure.iter_mut().rev() {
        *digit = ALPHABET[rest % 62];
        rest /= 62;
    }
    figure
}

/// CRC-32 as in Ethernet, gzip and PNG (ISO/IEC 8802-3; RFC 1952, 8).
fn crc_32(bytes: &[u8]) -> u32 {
    let bit = |crc: u32, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), bit))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_check_figure_is_the_crc_that_others_compute() {
        assert_eq!(crc_32(b"123456789"), 0xCBF4_3926, "the check value of the catalog of CRC algorithms");
        assert_eq!(&check_figure(""), b"000000");
        assert_eq!(crc_32(&[0xFF; 4]), u32::MAX);
    }

    #[test]
    fn k1_a_key_has_256_random_bits_and_no_two_are_equal() {
        // 43 characters that are all equally likely.
        assert!(43.0 * 62_f64.log2() > 256.0);
        let mut seen = HashSet::new();
        let mut counts = [0_u32; 62];
        for _ in 0..4_000 {
            let key = ApiKey::generate("shop").unwrap();
            let text = key.expose();
            assert!(has_form("shop", text) && is_checked(text), "{text}");
            for byte in text.as_bytes()[5..48].iter() {
                counts[ALPHABET.iter().position(|letter| letter == byte).unwrap()] += 1;
            }
            assert!(text.ends_with(key.hint()) && key.hint().len() == 4);
            assert!(seen.insert(text.to_owned()));
        }
        // 172,000 characters: 2,774 of each are expected, with a standard deviation of 52.
        assert!(counts.iter().all(|count| (2_400..3_150).contains(count)), "{counts:?}");
    }

    #[test]
    fn k5_every_change_of_one_character_is_refused() {
        let key = ApiKey::generate("shop").unwrap();
        for at in 5..key.expose().len() {
            for letter in ALPHABET {
                let mut text = key.expose().as_bytes().to_vec();
                if text[at] == *letter {
                    continue;
                }
                text[at] = *letter;
                let text = String::from_utf8(text).unwrap();
                assert!(has_form("shop", &text) && !is_checked(&text), "{at}");
            }
        }
    }

    #[test]
    fn the_guide_has_a_key_and_the_pattern_that_finds_it() {
        let guide = include_str!("../../docs/api-keys.md");
        let pattern = format!("\n\\bshop_[0-9A-Za-z]{{{}}}\\b\n", RANDOM + CHECK);
        assert!(guide.contains(&pattern), "{pattern}");
        // What the pattern says of the characters.
        assert!(ALPHABET.iter().all(u8::is_ascii_alphanumeric));
        let keys = guide.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| has_form("shop", word));
        assert_eq!(keys.inspect(|key| assert!(is_checked(key), "{key}")).count(), 2);
    }

    #[test]
    fn only_the_whole_form_is_a_key() {
        let key = ApiKey::generate("shop").unwrap();
        let text = key.expose();
        let others = [
            &text[1..],
            &text[..text.len() - 1],
            &format!("{text}0"),
            &text.replace('_', "-"),
            &format!("{}\u{e9}", &text[..text.len() - 2]),
            &text.replacen("shop", "Shop", 1),
            "shop_",
            "",
        ];
        for other in others {
            assert!(!has_form("shop", other), "{other}");
        }
        assert!(!is_checked("") && !is_checked("\u{e9}\u{e9}\u{e9}\u{e9}"));
        assert!(!format!("{key:?}").contains(&text[5..]));
    }
}
