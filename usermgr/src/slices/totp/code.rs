//! The codes: HOTP (RFC 4226) over the time (RFC 6238), with HMAC-SHA1, six digits and steps of 30 seconds, which every
//! authenticator app supports.

use jiff::Timestamp;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::error::Fault;

/// The length of a secret in bytes: 160 bits (RFC 4226, 4).
pub(super) const SECRET: usize = 20;
/// The length of a step, in seconds.
const STEP: i64 = 30;
const DIGITS: usize = 6;
/// 10 to the power of [`DIGITS`].
const MODULUS: u32 = 1_000_000;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The secret that an app and the server share.
pub(super) struct Secret(Zeroizing<[u8; SECRET]>);

impl Secret {
    /// Makes a secret from the randomness of the operating system.
    pub(super) fn generate() -> Result<Self, Fault> {
        let mut bytes = Zeroizing::new([0; SECRET]);
        getrandom::fill(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    pub(super) fn bytes(&self) -> &[u8; SECRET] {
        &self.0
    }

    /// Returns the secret in Base32 (RFC 4648, 6), as people type it into an app.
    pub(super) fn base32(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(SECRET * 8 / 5));
        // 20 bytes are 4 groups of 40 bits, without padding.
        for group in self.0.chunks(5) {
            let bits = group.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            for at in (0..8).rev() {
                text.push(char::from(BASE32[(bits >> (at * 5) & 31) as usize]));
            }
        }
        text
    }

    /// Returns the step of the code that was typed, if it is the code of the current step or of one beside it, and later
    /// than the last accepted step. It computes and compares the same whatever the outcome.
    pub(super) fn accepts(&self, typed: &str, now: Timestamp, last: Option<i64>) -> Option<i64> {
        let code = parse(typed)?;
        let current = step_at(now);
        let (mut found, mut step) = (Choice::from(0), 0);
        for near in [current.saturating_sub(1), current, current.saturating_add(1)] {
            let fits = self.code(near).ct_eq(&code) & Choice::from(u8::from(last.is_none_or(|last| near > last)));
            step = i64::conditional_select(&step, &near, fits);
            found |= fits;
        }
        bool::from(found).then_some(step)
    }

    /// The code of a step (RFC 4226, 5.3).
    pub(super) fn code(&self, step: i64) -> u32 {
        let digest = hmac_sha1(self.bytes(), &step.to_be_bytes());
        let at = usize::from(digest[19] & 15);
        let bytes = [digest[at] & 0x7f, digest[at + 1], digest[at + 2], digest[at + 3]];
        u32::from_be_bytes(bytes) % MODULUS
    }
}

/// The step of a moment. Before 1970 it is negative.
pub(super) fn step_at(now: Timestamp) -> i64 {
    now.as_second().div_euclid(STEP)
}

/// Returns six ASCII digits as a number. Spaces are ignored, because apps show `123 456`.
fn parse(typed: &str) -> Option<u32> {
    let digits = || typed.bytes().filter(|byte| *byte != b' ');
    if digits().count() != DIGITS || !digits().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
}

#[cfg(feature = "aws-lc")]
fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
    let tag = sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, key), message);
    let mut digest = [0; 20];
    digest.copy_from_slice(tag.as_ref());
    digest
}

#[cfg(all(feature = "rust-crypto", not(feature = "aws-lc")))]
fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    rust_crypto(key, message)
}

#[cfg(all(feature = "rust-crypto", any(test, not(feature = "aws-lc"))))]
fn rust_crypto(key: &[u8], message: &[u8]) -> [u8; 20] {
    // Extraction alone is the HMAC of the message under the key (RFC 5869, 2.2).
    hkdf::Hkdf::<sha1::Sha1>::extract(Some(key), message).0.into()
}

#[cfg(test)]
impl Secret {
    /// Reads what an app reads.
    pub(super) fn from_base32(text: &str) -> Self {
        let value = |byte: u8| BASE32.iter().position(|known| *known == byte).unwrap() as u128;
        let groups = text.as_bytes().chunks(8).map(|group| group.iter().fold(0, |bits, byte| bits << 5 | value(*byte)));
        let bytes: Vec<u8> = groups.flat_map(|bits| bits.to_be_bytes()[11..].to_vec()).collect();
        Self::from_bytes(&bytes).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of the tests in RFC 4226, D and RFC 6238, B.
    fn secret() -> Secret {
        Secret::from_bytes(b"12345678901234567890").unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn mf4_the_vectors_of_the_rfcs_hold() {
        let hotp = [755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489];
        for (step, expected) in (0..).zip(hotp) {
            assert_eq!(secret().code(step), expected, "RFC 4226, D: {step}");
        }
        for (second, expected) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
            (20_000_000_000, 353_130),
        ] {
            // The RFC prints eight digits; these are the last six.
            assert_eq!(secret().code(step_at(at(second))), expected, "RFC 6238, B: {second}");
        }
    }

    #[test]
    fn mf4_codes_are_those_of_totp_rs() {
        for _ in 0..20_000 {
            let (secret, mut random) = (Secret::generate().unwrap(), [0; 8]);
            getrandom::fill(&mut random).unwrap();
            // Up to the year 2603.
            let second = u64::from_be_bytes(random) % 20_000_000_000;
            let other = totp_rs::Builder::new().with_secret(*secret.bytes()).build().unwrap();
            let code = secret.code(step_at(at(second.try_into().unwrap())));
            assert_eq!(format!("{code:06}"), other.generate(second).to_string(), "{second}");
        }
    }

    #[cfg(all(feature = "aws-lc", feature = "rust-crypto"))]
    #[test]
    fn mf4_both_libraries_agree() {
        for step in [0_i64, 1, 1_000_000, i64::MAX, -1] {
            assert_eq!(
                hmac_sha1(secret().bytes(), &step.to_be_bytes()),
                rust_crypto(secret().bytes(), &step.to_be_bytes())
            );
        }
    }

    #[test]
    fn mf4_the_code_of_the_step_and_of_those_beside_it_fits_and_no_other() {
        let now = at(3_000_000_015);
        let current = step_at(now);
        for (distance, fits) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let typed = format!("{:06}", secret().code(current + distance));
            assert_eq!(secret().accepts(&typed, now, None).is_some(), fits, "{distance}");
        }
        let typed = format!("{:06}", secret().code(current));
        for wrong in
            ["", "12345", &typed[1..], &format!("{typed}0"), &format!("+{}", &typed[1..]), "１２３４５６", "12345\u{0}"]
        {
            assert_eq!(secret().accepts(wrong, now, None), None, "{wrong:?}");
        }
        let spaced = format!(" {} {}", &typed[..3], &typed[3..]);
        assert_eq!(secret().accepts(&spaced, now, None), Some(current));
    }

    #[test]
    fn mf3_a_step_is_accepted_only_after_the_last_one() {
        let now = at(3_000_000_015);
        let current = step_at(now);
        for (step, last, fits) in
            [(0, 0, false), (0, -1, true), (-1, -1, false), (-1, 0, false), (1, 0, true), (1, 1, false)]
        {
            let typed = format!("{:06}", secret().code(current + step));
            let accepted = secret().accepts(&typed, now, Some(current + last));
            assert_eq!(accepted, fits.then_some(current + step), "{step} after {last}");
        }
    }

    #[test]
    fn mf5_a_secret_has_160_random_bits_and_is_written_in_base32() {
        let (one, other) = (Secret::generate().unwrap(), Secret::generate().unwrap());
        assert_ne!(one.bytes(), other.bytes());
        assert_eq!(secret().base32().as_str(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
}
