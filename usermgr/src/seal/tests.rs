//! A sealed text opens at its place, with its key, and nowhere else. Either library opens what the other has sealed.

use super::*;
use crate::secret::Secret;

const ONE: &str = "0123456789abcdef0123456789abcdef";
const TWO: &str = "fedcba9876543210fedcba9876543210";
const PLACE: Place<'static> = Place { kind: "totp", user: "7", row: "0196" };

fn keys(current: &str, previous: &[&str]) -> SealKeys {
    let set = SecretSet { current: Secret::new(current), previous: previous.iter().map(Secret::new).collect() };
    SealKeys::derive(&set).unwrap()
}

#[test]
fn d1_what_is_sealed_is_not_seen_and_opens_at_its_place() {
    let keys = keys(ONE, &[]);
    for plain in [&b""[..], b"secret", &[0; 4096]] {
        let (text, again) = (keys.seal(PLACE, plain).unwrap(), keys.seal(PLACE, plain).unwrap());
        assert_ne!(text, again, "each has a nonce of its own");
        assert!(is_sealed(&text) && !text.contains("secret"));
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{text}");
        assert_eq!(keys.open(PLACE, &text).unwrap().as_slice(), plain);
    }
    assert!(!is_sealed("{}") && !is_sealed("\"v1.\"") && !is_sealed(""));
}

#[test]
fn d1_a_text_that_is_moved_does_not_open() {
    let keys = keys(ONE, &[]);
    let text = keys.seal(PLACE, b"secret").unwrap();
    for place in [
        Place { user: "8", ..PLACE },
        Place { row: "0197", ..PLACE },
        Place { kind: "device", ..PLACE },
        // The same letters, split differently.
        Place { kind: "totp7", user: "", ..PLACE },
        Place { kind: "tot", user: "p7", ..PLACE },
        Place { user: "70", row: "196", ..PLACE },
    ] {
        assert_eq!(keys.open(place, &text).unwrap_err(), SealError::Forged);
    }
}

#[test]
fn d1_one_flipped_bit_opens_nothing() {
    let keys = keys(ONE, &[]);
    let text = keys.seal(PLACE, b"secret").unwrap();
    let (id, body) = split(&text).unwrap();
    let body = URL_SAFE_NO_PAD.decode(body).unwrap();
    for bit in 0..body.len() * 8 {
        let mut flipped = body.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let text = format!("v1.{id}.{}", URL_SAFE_NO_PAD.encode(flipped));
        assert_eq!(keys.open(PLACE, &text).unwrap_err(), SealError::Forged, "bit {bit}");
    }
    for broken in ["", "v1.", "v1.x", &format!("v1.{id}."), &format!("v1.{id}.AAAA"), &format!("v1.{id}.%"), &text[3..]]
    {
        assert!(keys.open(PLACE, broken).is_err(), "{broken}");
    }
}

#[test]
fn d2_a_missing_key_is_distinguished_from_a_text_that_was_changed() {
    let text = keys(ONE, &[]).seal(PLACE, b"secret").unwrap();
    assert_eq!(keys(TWO, &[]).open(PLACE, &text).unwrap_err(), SealError::UnknownKey);
}

#[test]
fn d3_previous_secrets_open_and_the_current_one_seals() {
    let (before, after) = (keys(ONE, &[]), keys(TWO, &[ONE]));
    let text = before.seal(PLACE, b"secret").unwrap();
    assert!(before.is_current(&text) && !after.is_current(&text));
    assert_eq!(after.open(PLACE, &text).unwrap().as_slice(), b"secret");
    let text = after.seal(PLACE, b"secret").unwrap();
    assert!(after.is_current(&text));
    assert_eq!(keys(TWO, &[]).open(PLACE, &text).unwrap().as_slice(), b"secret");
    assert_eq!(before.open(PLACE, &text).unwrap_err(), SealError::UnknownKey);
}

#[test]
fn d1_the_key_is_of_no_other_purpose() {
    use crate::token::{Keys, Reset};
    let set = SecretSet::from(Secret::new(ONE));
    let signing = format!("{:?}", Keys::derive::<Reset>(&set, "x").unwrap());
    assert!(!signing.contains(&keys(ONE, &[]).current.id), "{signing}");
}

/// Made by aws-lc and by RustCrypto, from `ONE` and for `PLACE`.
const MADE: [&str; 2] = [
    "v1.y85-Xjpg.paWlpaWlpaWlpaWlz6Zy3cq98xh4jm-CVYUGgnDMACfgSs-WZ-DBDZRjZ6OevKtEMFaPlDviOMdN0U0",
    "v1.y85-Xjpg.WlpaWlpaWlpaWlpaa5Cu6KKwgH9BSllMwUlhEH0IfVKuzI3LqVHyedkUqr5QfpEY_o03J20T501O3Dc",
];

type Open = fn(&[u8; 32], [u8; 12], &[u8], &[u8]) -> Option<Zeroizing<Vec<u8>>>;

#[test]
fn d1_each_library_opens_what_the_other_has_sealed() {
    let libraries: [Option<Open>; 2] = [
        #[cfg(feature = "aws-lc")]
        Some(cipher::aws_lc::open),
        #[cfg(not(feature = "aws-lc"))]
        None,
        #[cfg(feature = "rust-crypto")]
        Some(cipher::rust_crypto::open),
        #[cfg(not(feature = "rust-crypto"))]
        None,
    ];
    let keys = keys(ONE, &[]);
    for text in MADE {
        assert!(keys.is_current(text), "{text}");
        assert_eq!(keys.open(PLACE, text).unwrap().as_slice(), b"a secret that must be read back");
        let body = URL_SAFE_NO_PAD.decode(split(text).unwrap().1).unwrap();
        let (nonce, sealed) = body.split_first_chunk().unwrap();
        for open in libraries.iter().flatten() {
            let plain = open(&keys.current.bytes, *nonce, &PLACE.encode(), sealed).unwrap();
            assert_eq!(plain.as_slice(), b"a secret that must be read back");
            assert!(open(&keys.current.bytes, *nonce, b"elsewhere", sealed).is_none());
        }
    }
}

#[cfg(all(feature = "aws-lc", feature = "rust-crypto"))]
#[test]
fn d1_both_libraries_seal_alike() {
    for length in [0, 1, 63, 64, 65, 1000] {
        let plain = vec![length as u8; length];
        let (key, nonce) = ([length as u8; 32], [7; 12]);
        let sealed = cipher::aws_lc::seal(&key, nonce, b"place", &plain).unwrap();
        assert_eq!(cipher::rust_crypto::seal(&key, nonce, b"place", &plain).unwrap(), sealed);
        assert_eq!(sealed.len(), length + 16);
    }
}
