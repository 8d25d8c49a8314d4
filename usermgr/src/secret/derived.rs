//! A key for one purpose, derived from a secret.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::SecretError;

/// A key of 32 bytes for one purpose, with its id. Both are outputs of HKDF-SHA256 (RFC 5869) under labels of their own,
/// so that the id reveals nothing about the key or the secret.
pub(crate) struct DerivedKey {
    pub(crate) id: [u8; 6],
    pub(crate) bytes: Zeroizing<[u8; 32]>,
}

impl DerivedKey {
    /// Derives the key of a purpose.
    pub(crate) fn of(secret: &[u8], purpose: &str) -> Result<Self, SecretError> {
        let root = Hkdf::<Sha256>::new(Some(b"usermgr"), secret);
        let mut key = Self { id: [0; 6], bytes: Zeroizing::new([0; 32]) };
        for (what, okm) in [("key", key.bytes.as_mut_slice()), ("kid", key.id.as_mut_slice())] {
            root.expand(format!("{what}:{purpose}").as_bytes(), okm).map_err(|_| SecretError::Derivation)?;
        }
        Ok(key)
    }
}
