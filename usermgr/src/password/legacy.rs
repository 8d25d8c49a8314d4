//! bcrypt hashes of older systems: parsing within bounds, and verification.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::Extent;

/// The largest accepted cost: 2^14 rounds, about one second.
const MAX_COST: u32 = 14;
const MIN_COST: u32 = 4;
/// The number of bytes that bcrypt uses of a password.
const MAX_KEY: usize = 72;
/// The length of the salt, in characters; the rest is the output.
const SALT_TEXT: usize = 22;
const OUTPUT_TEXT: usize = 31;

/// Some systems wrote salts whose last, unused bits are set.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::BCRYPT,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// A parsed hash: `$2b$<cost>$<salt><output>`. The prefixes `$2a$` and `$2y$` mean the same algorithm. `$2x$` is the
/// output of a broken implementation and is refused.
pub(super) struct Bcrypt {
    cost: u32,
    salt: [u8; 16],
    output: [u8; 23],
}

impl Bcrypt {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|prefix| text.strip_prefix(prefix))?;
        let (cost, rest) = rest.split_once('$')?;
        let (salt, output) = rest.split_at_checked(SALT_TEXT)?;
        let digits = cost.len() == 2 && cost.bytes().all(|byte| byte.is_ascii_digit());
        let cost = cost.parse().ok().filter(|cost| digits && (MIN_COST..=MAX_COST).contains(cost))?;
        if output.len() != OUTPUT_TEXT {
            return None;
        }
        let salt = BASE64.decode(salt).ok()?.try_into().ok()?;
        let output = BASE64.decode(output).ok()?.try_into().ok()?;
        Some(Self { cost, salt, output })
    }

    /// Returns which part of a password a match proves. Of 72 bytes or more, it proves only the first 72: the rest may
    /// be wrong or missing. A password with a NUL may match the hash of a shorter one, because bcrypt repeats the text
    /// with its terminating zero byte.
    pub(super) fn extent(typed: &str) -> Extent {
        if typed.len() < MAX_KEY && !typed.contains('\0') { Extent::Whole } else { Extent::Part }
    }

    /// Returns whether the hash was made from this password, by the rules of the older system: the first 72 bytes as
    /// the user typed them.
    pub(super) fn matches(&self, typed: &str) -> bool {
        let length = typed.len().min(MAX_KEY);
        let mut key = Zeroizing::new([0; MAX_KEY]);
        key[..length].copy_from_slice(&typed.as_bytes()[..length]);
        // The terminating zero byte of C strings is a part of the key if it fits.
        let key = &key[..MAX_KEY.min(length + 1)];
        let output = bcrypt::bcrypt(self.cost, self.salt, key);
        output[..self.output.len()].ct_eq(&self.output).into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HASH: &str = "$2y$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS";

    fn matches(hash: &str, typed: &str) -> bool {
        Bcrypt::parse(hash).unwrap().matches(typed)
    }

    /// `$2a$` and `$2b$` made by the bcrypt package of Python, 5.0; `$2y$` by crypt(3).
    #[test]
    fn p9_known_answers() {
        let (seventy_two, hundred) = ("a".repeat(72), "a".repeat(100));
        for (hash, password) in [
            ("$2b$04$Jty6R9vI0tZoWtsHGo385eVb02VccO6Ij4JE3I6sL32lH4GHGbjFS", "correct horse battery"),
            ("$2a$04$USa2hwwUyzLoCJI0SpKYReCCUp5Qprk2Ca/pUVTrigRDv8jMpaI8G", "correct horse battery"),
            (HASH, "correct horse battery"),
            ("$2b$05$0V6WxTPhR02GUNibgQ0DEu0WeGiUMXmVO8RKtEkOT5Ci/PKlKDwSK", "zo\u{eb} and co"),
            ("$2b$04$BkrJd51KvWGnv3BhCZyMduXsp/.vJHgIac9LhN/SwMHuKjzSIVToa", &seventy_two),
            ("$2y$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe", &hundred),
            ("$2b$04$0tgR5NbHAbOpJZIURrvkAehcSX4D2OpNTToHNYY.UeX7HTDPmP6sq", "nul\0inside"),
            ("$2b$04$6yncozCv5ZseBTES1JgPeeiYeQ49AvQy65SwppzqECUmCo0FndGP6", ""),
        ] {
            assert!(matches(hash, password), "{hash}");
            assert!(!matches(hash, "correct horse batterz"), "{hash}");
            assert!(!matches(hash, &format!("b{password}")), "{hash}");
        }
    }

    #[test]
    fn p9_the_typed_bytes_count_as_in_the_old_system() {
        let decomposed = "$2b$04$4Ile0RFPh2EQ1vUBZ32a6OgiQndsyYLnjuEuS7ObpACGytEyV/6x.";
        assert!(matches(decomposed, "zoe\u{308} and co"));
        assert!(!matches(decomposed, "zo\u{eb} and co"));
        let long = "$2b$04$BkrJd51KvWGnv3BhCZyMduXsp/.vJHgIac9LhN/SwMHuKjzSIVToa";
        assert!(matches(long, &"a".repeat(1024)));
        assert!(!matches(long, &"a".repeat(71)));
    }

    #[test]
    fn p17_what_bcrypt_does_not_see_is_not_proved() {
        // 72 bytes may be a whole password or the beginning of a longer one.
        let longest = "a".repeat(71);
        for (typed, extent) in [
            ("correct horse battery", Extent::Whole),
            ("", Extent::Whole),
            (longest.as_str(), Extent::Whole),
            (&"a".repeat(72), Extent::Part),
            (&"a".repeat(100), Extent::Part),
            (&"\u{eb}".repeat(36), Extent::Part),
            ("nul\0inside", Extent::Part),
        ] {
            assert_eq!(Bcrypt::extent(typed), extent, "{typed}");
        }
        // This is the reason: it matches the text that it repeats.
        assert!(matches(HASH, "correct horse battery\0correct horse battery"));
    }

    #[test]
    fn the_unused_bits_of_a_salt_do_not_matter() {
        assert!(matches(&HASH.replace("stuu", "stuv"), "correct horse battery"));
    }

    #[test]
    fn p10_a_hash_beyond_the_bounds_is_refused() {
        for cost in ["04", "10", "12", "14"] {
            assert!(Bcrypt::parse(&HASH.replace("$04$", &format!("${cost}$"))).is_some(), "{cost}");
        }
        for cost in ["15", "31", "32", "99", "03", "00", "4", "004", "+4", "-4", "", "1e", "\u{661}"] {
            assert!(Bcrypt::parse(&HASH.replace("$04$", &format!("${cost}$"))).is_none(), "{cost}");
        }
        for bad in [
            "",
            "$2b$04$",
            &HASH[..59],
            &format!("{HASH}a"),
            &HASH.replace("2y", "2x"),
            &HASH.replace("2y", "2"),
            &HASH.replace("abc", "ab="),
            &HASH.replace("abc", "ab\u{e9}"),
            &format!(" {HASH}"),
        ] {
            assert!(Bcrypt::parse(bad).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn p10_no_text_makes_the_parser_panic(
            text in prop_oneof![any::<String>(), r"\$2[aby]\$[0-9+]{1,3}\$[./A-Za-z0-9=\u{e9}]{50,54}"],
        ) {
            let _ = Bcrypt::parse(&text);
        }
    }
}
