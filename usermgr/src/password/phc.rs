//! The PHC string of an Argon2id hash: strict parsing within bounds, and formatting.

use std::{
    fmt::{self, Write},
    ops::RangeInclusive,
};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use zeroize::Zeroizing;

use super::params::Argon2Params;
use crate::user::PasswordHash;

/// The longest text that is parsed, in bytes. The longest hash within the bounds has 226.
const MAX_TEXT: usize = 256;
/// The length of salts, in bytes. RFC 9106 (3.1) requires at least 8.
const SALT: RangeInclusive<usize> = 8..=64;
/// The length of outputs, in bytes: at least 128 bits.
const OUTPUT: RangeInclusive<usize> = 16..=64;
/// The length of key ids, in bytes. The reference implementation allows at most 8.
const KEY_ID: RangeInclusive<usize> = 1..=8;

/// The id of the key with which a hash was made.
#[derive(PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(super) struct KeyId(Vec<u8>);

impl KeyId {
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

/// A parsed hash: `$argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<output>`, with `,keyid=<id>` after the lanes if
/// it was made with a key.
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
pub(super) struct Phc {
    pub(super) params: Argon2Params,
    pub(super) key_id: Option<KeyId>,
    pub(super) salt: Vec<u8>,
    pub(super) output: Zeroizing<Vec<u8>>,
}

impl Phc {
    /// Parses exactly the form that [`fmt::Display`] writes, which is that of the reference implementation. Nothing is
    /// allocated before the length of the text and the parameters have been checked.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let mut fields = text.split('$');
        for expected in ["", "argon2id", "v=19"] {
            fields.next().filter(|field| *field == expected)?;
        }
        let (params, key_id) = params(fields.next()?)?;
        let salt = bytes(fields.next()?, SALT)?;
        let output = bytes(fields.next()?, OUTPUT).map(Zeroizing::new)?;
        fields.next().is_none().then_some(Self { params, key_id, salt, output })
    }

    /// Returns the hash as it is stored. The space is reserved at once, because a growing text would leave unwiped
    /// copies.
    pub(super) fn to_hash(&self) -> PasswordHash {
        let mut text = String::with_capacity(MAX_TEXT);
        // Writing to a string does not fail.
        let _ = write!(text, "{self}");
        PasswordHash::new(text)
    }
}

impl fmt::Display for Phc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Argon2Params { m, t, p } = self.params;
        let salt = STANDARD_NO_PAD.encode(&self.salt);
        let output = Zeroizing::new(STANDARD_NO_PAD.encode(&self.output));
        write!(f, "$argon2id$v=19$m={m},t={t},p={p}")?;
        if let Some(KeyId(id)) = &self.key_id {
            write!(f, ",keyid={}", STANDARD_NO_PAD.encode(id))?;
        }
        write!(f, "${salt}${}", output.as_str())
    }
}

fn params(text: &str) -> Option<(Argon2Params, Option<KeyId>)> {
    let (m, rest) = text.strip_prefix("m=")?.split_once(",t=")?;
    let (t, rest) = rest.split_once(",p=")?;
    let (p, key_id) = match rest.split_once(",keyid=") {
        Some((p, id)) => (p, Some(KeyId(bytes(id, KEY_ID)?))),
        None => (rest, None),
    };
    Some((Argon2Params::bounded(number(m)?, number(t)?, number(p)?)?, key_id))
}

/// Parses decimal digits without a sign and without leading zeros.
fn number(text: &str) -> Option<u32> {
    if text.starts_with(['0', '+']) { None } else { text.parse().ok() }
}

fn bytes(text: &str, length: RangeInclusive<usize>) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text).ok().filter(|bytes| length.contains(&bytes.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SALT_TEXT: &str = "c29tZXNhbHRzb21lc2FsdA";
    const OUTPUT_TEXT: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

    fn with_params(params: &str) -> Option<Phc> {
        Phc::parse(&format!("$argon2id$v=19${params}${SALT_TEXT}${OUTPUT_TEXT}"))
    }

    #[test]
    fn p10_parameters_beyond_the_bounds_are_refused_before_anything_is_allocated() {
        for good in ["m=8,t=1,p=1", "m=19456,t=2,p=1", "m=65536,t=3,p=4", "m=262144,t=4,p=16", "m=65536,t=16,p=1"] {
            assert!(with_params(good).is_some(), "{good}");
        }
        for bad in [
            "m=4194304,t=1,p=1",
            "m=262145,t=1,p=1",
            "m=4294967295,t=1,p=1",
            "m=4294967296,t=1,p=1",
            "m=19456,t=1000000,p=1",
            "m=19456,t=17,p=1",
            "m=262144,t=5,p=1",
            "m=19456,t=2,p=17",
            "m=7,t=1,p=1",
            "m=31,t=1,p=4",
            "m=0,t=2,p=1",
            "m=19456,t=0,p=1",
            "m=19456,t=2,p=0",
        ] {
            assert_eq!(with_params(bad), None, "{bad}");
        }
    }

    #[test]
    fn p10_only_the_exact_form_is_read() {
        for bad in [
            "",
            "m=19456,t=2",
            "t=2,m=19456,p=1",
            "m=19456,t=2,p=1,data=AAAA",
            "m=+19456,t=2,p=1",
            "m=019456,t=2,p=1",
            "m=-1,t=2,p=1",
            "m= 19456,t=2,p=1",
            "m=19456,t=2,p=1 ",
            "m=19456,t=2,p=\u{661}",
        ] {
            assert_eq!(with_params(bad), None, "{bad}");
        }
        let good = format!("$argon2id$v=19$m=19456,t=2,p=1${SALT_TEXT}${OUTPUT_TEXT}");
        assert!(Phc::parse(&good).is_some());
        for (part, other) in [
            ("argon2id", "argon2i"),
            ("argon2id", "argon2d"),
            ("argon2id", "ARGON2ID"),
            ("v=19", "v=16"),
            ("$v=19", ""),
            (SALT_TEXT, "c29tZXNhbA"),
            (SALT_TEXT, "c29tZXNhbHRzb21lc2FsdA=="),
            (SALT_TEXT, "c29tZXNhbHRzb21lc2FsdB"),
            (OUTPUT_TEXT, "MDEyMzQ1Njc4OWFiY2Rl"),
            (OUTPUT_TEXT, ""),
            ("$MDEy", "MDEy"),
            ("$argon2id", "argon2id"),
        ] {
            assert_eq!(Phc::parse(&good.replacen(part, other, 1)), None, "{part} -> {other}");
        }
        assert_eq!(Phc::parse(&format!("{good}$")), None);
        assert_eq!(Phc::parse(&format!("{good}\n")), None);
        assert_eq!(Phc::parse(&good.replace(SALT_TEXT, &"A".repeat(88))), None);
        assert_eq!(Phc::parse(&good.replace(OUTPUT_TEXT, &"A".repeat(88))), None);
        assert_eq!(Phc::parse(&good.replace(OUTPUT_TEXT, &"A".repeat(1 << 20))), None);
    }

    #[test]
    fn p11_a_key_id_is_read_in_its_exact_form() {
        for (id, length) in [("AA", 1), ("AAAA", 3), ("c2l4Lmlk", 6), ("ZWlnaHQuaWQ", 8), ("/+8", 2)] {
            let hash = with_params(&format!("m=19456,t=2,p=1,keyid={id}")).unwrap();
            assert_eq!(hash.key_id.unwrap().0.len(), length, "{id}");
        }
        for bad in [
            ",keyid=",
            ",keyid",
            ",keyid=A",
            ",keyid=AB",
            ",keyid=AA==",
            ",keyid=_-8",
            ",keyid=AA AA",
            ",keyid=AAAAAAAAAAAA",
            ",keyid=AAAA,keyid=AAAA",
            ",keyid=AAAA,data=AAAA",
            ",data=AAAA,keyid=AAAA",
            ",Keyid=AAAA",
            ", keyid=AAAA",
            ",keyid=AAAA,",
        ] {
            assert_eq!(with_params(&format!("m=19456,t=2,p=1{bad}")), None, "{bad}");
        }
        assert_eq!(with_params("keyid=AAAA,m=19456,t=2,p=1"), None);
        assert_eq!(with_params(&format!("m=19456,t=2,p=1,keyid={}", "A".repeat(1 << 20))), None);
    }

    #[test]
    fn p10_the_longest_hash_is_read() {
        let params = Argon2Params::bounded(65_536, 16, 16).unwrap();
        let key_id = Some(KeyId::new(&[1; 8]));
        let hash = Phc { params, key_id, salt: vec![2; 64], output: vec![3; 64].into() };
        assert!(Phc::parse(&hash.to_string()).is_some_and(|read| read == hash));
    }

    proptest! {
        #[test]
        fn p10_no_text_makes_the_parser_panic(text in any::<String>()) {
            let _ = Phc::parse(&text);
        }

        #[test]
        fn p10_no_text_like_a_hash_makes_the_parser_panic(
            params in "m=[0-9+ -]{0,12},t=[0-9]{0,12},p=[0-9]{0,12}(,keyid=[A-Za-z0-9+/=\u{e9}]{0,14}){0,2}",
            rest in "(\\$[A-Za-z0-9+/=\u{e9}]{0,100}){0,3}",
        ) {
            let text = format!("$argon2id$v=19${params}{rest}");
            if let Some(hash) = Phc::parse(&text) {
                prop_assert_eq!(hash.to_string(), text);
            }
        }

        #[test]
        fn what_is_written_is_read_back(
            m in 8u32..=65_536,
            t in 1u32..=16,
            key_id in prop::option::of(prop::collection::vec(any::<u8>(), KEY_ID)),
            salt in prop::collection::vec(any::<u8>(), SALT),
            output in prop::collection::vec(any::<u8>(), OUTPUT),
        ) {
            let hash = Phc { params: Argon2Params { m, t, p: 1 }, key_id: key_id.map(KeyId), salt, output: output.into() };
            prop_assert_eq!(Phc::parse(&hash.to_string()), Some(hash));
        }
    }
}
