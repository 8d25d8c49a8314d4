//! Keyed digests of recovery codes. Without the key, a code of few characters could be guessed from its digest.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::secret::{DerivedKey, SecretError, SecretSet};

/// The keys of the data secret for digests of codes. The current key makes digests. Previous keys still prove codes,
/// because the digest of an unknown code cannot be made again.
pub(crate) struct RecoveryKeys(Vec<DerivedKey>);

impl RecoveryKeys {
    /// Derives one key from each secret of the set by HKDF-SHA256 (RFC 5869). The first one is the current key.
    pub(crate) fn derive(secrets: &SecretSet) -> Result<Self, SecretError> {
        let keys = std::iter::once(&secrets.current).chain(&secrets.previous);
        Ok(Self(keys.map(|secret| DerivedKey::of(secret.bytes()?, "recovery")).collect::<Result<_, _>>()?))
    }

    /// Returns the digest of a user's code under the current key.
    pub(crate) fn digest(&self, user: &str, code: &str) -> String {
        self.0.first().map(|key| digest(&key.bytes, user, code)).unwrap_or_default()
    }

    /// Returns the position of the digest of this code, whatever key made it. It compares all of them, in constant time.
    pub(crate) fn position(&self, user: &str, code: &str, digests: &[String]) -> Option<usize> {
        let own: Vec<_> = self.0.iter().map(|key| digest(&key.bytes, user, code)).collect();
        let mut found = None;
        for (at, known) in digests.iter().enumerate() {
            for own in &own {
                if bool::from(known.as_bytes().ct_eq(own.as_bytes())) {
                    found = Some(at);
                }
            }
        }
        found
    }
}

fn digest(key: &[u8; 32], user: &str, code: &str) -> String {
    // Extraction alone is HMAC-SHA256 of the text under the key (RFC 5869, 2.2).
    let (digest, _) = Hkdf::<Sha256>::extract(Some(key), format!("{user}\0{code}").as_bytes());
    URL_SAFE_NO_PAD.encode(digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    const ONE: &str = "0123456789abcdef0123456789abcdef";
    const TWO: &str = "fedcba9876543210fedcba9876543210";

    fn keys(current: &str, previous: &[&str]) -> RecoveryKeys {
        let previous = previous.iter().map(Secret::new).collect();
        RecoveryKeys::derive(&SecretSet { current: Secret::new(current), previous }).unwrap()
    }

    #[test]
    fn mf7_a_digest_is_of_its_code_its_user_and_its_key() {
        let digests = vec![keys(ONE, &[]).digest("ada", "one"), keys(ONE, &[]).digest("ada", "two")];
        assert_eq!(keys(ONE, &[]).position("ada", "two", &digests), Some(1));
        assert_eq!(keys(TWO, &[ONE]).position("ada", "one", &digests), Some(0), "a previous key proves it");
        for (keys, user, code) in
            [(keys(ONE, &[]), "ada", "three"), (keys(ONE, &[]), "bob", "one"), (keys(TWO, &[]), "ada", "one")]
        {
            assert_eq!(keys.position(user, code, &digests), None);
        }
    }
}
