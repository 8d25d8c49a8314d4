//! The codes of logins by mail: eight digits that are computed from the request, the account and a key. Nothing of a code
//! is stored, so that neither a row nor a repeated delivery has to keep it.

use hkdf::Hkdf;
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};

use super::LoginCode;
use crate::secret::{DerivedKey, SecretError, SecretSet};

/// The number of codes: eight decimal digits (ASVS 5.0, 6.5.4 asks for at least 20 bits; these are 26).
const CODES: u64 = 100_000_000;

/// One key for each secret of the set, the current one first.
pub(crate) struct CodeKeys(Vec<DerivedKey>);

impl CodeKeys {
    pub(crate) fn derive(secrets: &SecretSet) -> Result<Self, SecretError> {
        let SecretSet { current, previous } = secrets;
        let keys = std::iter::once(current).chain(previous);
        Ok(Self(keys.map(|secret| DerivedKey::of(secret.bytes()?, "mail_code")).collect::<Result<_, _>>()?))
    }

    /// Returns the code for these parts, by the current key.
    pub(crate) fn code(&self, parts: &[&[u8]]) -> Option<LoginCode> {
        self.0.first().map(|key| code(key, parts))
    }

    /// Returns whether a code is that of these parts, by any key. All keys are tried, and each comparison takes the same
    /// time.
    pub(crate) fn is_code(&self, typed: &str, parts: &[&[u8]]) -> bool {
        let equal = |key: &DerivedKey| code(key, parts).expose().as_bytes().ct_eq(typed.as_bytes());
        self.0.iter().map(equal).fold(Choice::from(0), |found, equal| found | equal).into()
    }
}

fn code(key: &DerivedKey, parts: &[&[u8]]) -> LoginCode {
    // Each part with its length, so that no two lists of parts are the same text.
    let mut text = Vec::new();
    for part in parts {
        text.extend_from_slice(&(part.len() as u64).to_be_bytes());
        text.extend_from_slice(part);
    }
    // Extraction alone is HMAC-SHA256 of the text under the key (RFC 5869, 2.2).
    let (digest, _) = Hkdf::<Sha256>::extract(Some(key.bytes.as_slice()), &text);
    let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    // 64 bits make the bias of the remainder smaller than a code in a hundred thousand million.
    format!("{:08}", number % CODES).into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::secret::Secret;

    fn keys(current: &str, previous: &[&str]) -> CodeKeys {
        let previous = previous.iter().map(Secret::new).collect();
        CodeKeys::derive(&SecretSet { current: Secret::new(current), previous }).unwrap()
    }

    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    const OTHER: &str = "another secret, also long enough now";

    #[test]
    fn ml2_a_code_has_eight_digits_and_depends_on_everything() {
        let (one, other) = (keys(SECRET, &[]), keys(OTHER, &[]));
        let codes = [
            one.code(&[b"ab", b"c"]),
            one.code(&[b"a", b"bc"]),
            one.code(&[b"abc"]),
            one.code(&[b"ab", b"c", b""]),
            other.code(&[b"ab", b"c"]),
        ]
        .map(|code| code.unwrap().expose().to_owned());
        assert!(
            codes.iter().all(|code| code.len() == 8 && code.bytes().all(|byte| byte.is_ascii_digit())),
            "{codes:?}"
        );
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len(), "{codes:?}");
    }

    #[test]
    fn ml2_codes_are_spread_over_all_digits() {
        let keys = keys(SECRET, &[]);
        let mut seen = [[0_u32; 10]; 8];
        for number in 0_u32..5_000 {
            let code = keys.code(&[&number.to_be_bytes()]).unwrap();
            for (counts, digit) in seen.iter_mut().zip(code.expose().bytes()) {
                counts[usize::from(digit - b'0')] += 1;
            }
        }
        // 500 of each are expected; one in 10^12 samples is outside of this.
        assert!(seen.iter().flatten().all(|count| (340..=660).contains(count)), "{seen:?}");
    }

    #[test]
    fn ml2_a_code_of_a_previous_secret_is_still_good_and_one_of_a_removed_secret_is_not() {
        let code = keys(SECRET, &[]).code(&[b"x"]).unwrap();
        assert!(keys(OTHER, &[SECRET]).is_code(code.expose(), &[b"x"]));
        assert!(!keys(OTHER, &[]).is_code(code.expose(), &[b"x"]));
        for wrong in ["", &code.expose()[..7], &format!("{}0", code.expose()), "00000000 "] {
            assert!(!keys(SECRET, &[]).is_code(wrong, &[b"x"]), "{wrong:?}");
        }
    }
}
