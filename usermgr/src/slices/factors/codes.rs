//! Recovery codes as text: making them, and reading what a user has typed.

use std::fmt;

use zeroize::Zeroizing;

use crate::error::Fault;

/// How many codes a user gets.
const COUNT: usize = 10;
/// How many characters a code has: 50 random bits (ASVS 5.0, 6.5.4 asks for 20).
const LENGTH: usize = 10;
/// The alphabet of Crockford's Base32, in which no two characters look alike.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// New recovery codes, to be shown to their user once. Each replaces a second factor for one login. They are wiped from
/// memory when they are dropped, and `Debug` does not show them.
pub struct RecoveryCodes(Vec<Zeroizing<String>>);

impl RecoveryCodes {
    /// Makes ten codes from the randomness of the operating system.
    pub(super) fn generate() -> Result<Self, Fault> {
        let mut bytes = Zeroizing::new([0; COUNT * LENGTH]);
        getrandom::fill(bytes.as_mut_slice())?;
        // 256 is a multiple of 32, so each character is equally likely.
        let character = |byte: &u8| char::from(ALPHABET[usize::from(byte % 32)]);
        Ok(Self(bytes.chunks(LENGTH).map(|chunk| Zeroizing::new(chunk.iter().map(character).collect())).collect()))
    }

    /// Returns the codes as they are shown, as in `0A1B2-3C4D5`.
    pub fn expose(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|code| format!("{}-{}", &code[..LENGTH / 2], &code[LENGTH / 2..]))
    }

    /// The codes without the hyphen, as they are compared.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|code| code.as_str())
    }
}

impl fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecoveryCodes({} codes)", self.0.len())
    }
}

/// Returns a code as it is compared: without spaces and hyphens, in upper case, with the digits for O, I and L. `None`
/// for what cannot be a code.
pub(super) fn read(typed: &str) -> Option<Zeroizing<String>> {
    let mut code = Zeroizing::new(String::with_capacity(LENGTH));
    for character in typed.chars().filter(|character| !character.is_whitespace() && *character != '-') {
        let character = match character.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        if code.len() == LENGTH || !u8::try_from(character).is_ok_and(|byte| ALPHABET.contains(&byte)) {
            return None;
        }
        code.push(character);
    }
    (code.len() == LENGTH).then_some(code)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn mf7_codes_are_ten_and_each_has_fifty_bits() {
        let mut seen = HashSet::new();
        for _ in 0..100 {
            let codes = RecoveryCodes::generate().unwrap();
            assert_eq!((codes.expose().count(), codes.iter().all(|code| code.len() == 10)), (10, true));
            seen.extend(codes.iter().map(str::to_owned));
        }
        assert_eq!(seen.len(), 1000);
        // Each of the 32 characters occurs: 10,000 draws leave one out with a probability of 10^-136.
        let characters: HashSet<char> = seen.iter().flat_map(|code| code.chars()).collect();
        assert_eq!(characters.len(), 32);
        assert_eq!(format!("{:?}", RecoveryCodes::generate().unwrap()), "RecoveryCodes(10 codes)");
    }

    #[test]
    fn mf7_what_is_typed_is_read_leniently_and_nothing_else_is_a_code() {
        for typed in ["0A1B2-3C4D5", "0a1b23c4d5", " 0a1b2 3c4d5\n", "oaib2-3c4d5", "OALB2-3C4D5"] {
            assert_eq!(read(typed).unwrap().as_str(), "0A1B23C4D5", "{typed}");
        }
        for typed in ["", "0A1B2-3C4D", "0A1B2-3C4D5-6", "0A1B2-3C4DU", "0A1B2-3C4D\u{ff15}", "0A1B23C4D\0"] {
            assert!(read(typed).is_none(), "{typed:?}");
        }
    }
}
