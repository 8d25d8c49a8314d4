//! Sealing of what a row must hold and nobody else may read, such as the secret of an authenticator app: bytes and the place that they
//! belong to go in, a text comes out that opens at this place only.
//!
//! The text is `v1.<key id>.<base64url>`: 12 random bytes of nonce, the data under ChaCha20-Poly1305 (RFC 8439) and 16 bytes of tag. The
//! key is derived from a secret by HKDF-SHA256 for this purpose alone. At 2^32 texts under one key two nonces are the same with a
//! probability of less than 2^-32 (NIST SP 800-38D, 8.3, has the same bound for 96 bits).

mod cipher;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::secret::{SecretError, SecretSet};

/// What sealed texts of this form begin with. No JSON does.
const PREFIX: &str = "v1.";
const NONCE: usize = 12;

/// The keys of the data secret: the current one seals, previous ones open what they have sealed.
pub(crate) struct SealKeys {
    current: SealKey,
    previous: Vec<SealKey>,
}

struct SealKey {
    /// Tells the keys apart. It is derived too, so that it says nothing of the secret.
    id: String,
    bytes: Zeroizing<[u8; 32]>,
}

/// Where a sealed text belongs. At another place it does not open.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// What kind of row it is.
    pub(crate) kind: &'a str,
    /// The id of the user whose row it is.
    pub(crate) user: &'a str,
    /// The name of the row.
    pub(crate) row: &'a str,
}

/// Why nothing was sealed or opened. It repeats nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealError {
    #[error("the data is sealed with a key that is not in the set")]
    UnknownKey,
    #[error("the sealed data has been changed, or belongs to another row")]
    Forged,
    #[error("the data could not be sealed")]
    Failed,
}

/// Whether the data of a row is sealed: its kind says so by what it begins with, and no list of kinds is needed.
pub(crate) fn is_sealed(data: &str) -> bool {
    data.starts_with(PREFIX)
}

impl SealKeys {
    /// One key for each secret of the set.
    pub(crate) fn derive(secrets: &SecretSet) -> Result<Self, SecretError> {
        let SecretSet { current, previous } = secrets;
        let previous = previous.iter().map(|secret| SealKey::derive(secret.bytes()?)).collect::<Result<_, _>>()?;
        Ok(Self { current: SealKey::derive(current.bytes()?)?, previous })
    }

    /// The text that opens at this place.
    pub(crate) fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<String, SealError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| SealError::Failed)?;
        let SealKey { id, bytes } = &self.current;
        let sealed = cipher::seal(bytes, nonce, &place.encode(), plain).ok_or(SealError::Failed)?;
        let mut text = format!("{PREFIX}{id}.");
        URL_SAFE_NO_PAD.encode_string([nonce.as_slice(), &sealed].concat(), &mut text);
        Ok(text)
    }

    /// What was sealed for this place. The key is the one that the text names, and no other is tried.
    pub(crate) fn open(&self, place: Place<'_>, text: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (id, body) = split(text).ok_or(SealError::Forged)?;
        let mut keys = std::iter::once(&self.current).chain(&self.previous);
        let key = keys.find(|key| key.id == id).ok_or(SealError::UnknownKey)?;
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| SealError::Forged)?;
        let (nonce, sealed) = body.split_first_chunk::<NONCE>().ok_or(SealError::Forged)?;
        cipher::open(&key.bytes, *nonce, &place.encode(), sealed).ok_or(SealError::Forged)
    }

    /// Whether a text is sealed with the current key.
    pub(crate) fn is_current(&self, text: &str) -> bool {
        split(text).is_some_and(|(id, _)| id == self.current.id)
    }
}

/// The key id of a sealed text, and the rest.
fn split(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix(PREFIX)?.split_once('.')
}

impl SealKey {
    fn derive(secret: &[u8]) -> Result<Self, SecretError> {
        let root = Hkdf::<Sha256>::new(Some(b"usermgr"), secret);
        let (mut bytes, mut id) = (Zeroizing::new([0; 32]), [0; 6]);
        for (label, okm) in [("key:seal", bytes.as_mut_slice()), ("kid:seal", id.as_mut_slice())] {
            root.expand(label.as_bytes(), okm).map_err(|_| SecretError::Derivation)?;
        }
        Ok(Self { id: URL_SAFE_NO_PAD.encode(id), bytes })
    }
}

impl Place<'_> {
    /// The associated data: each part behind its length, so that no two places have the same.
    fn encode(&self) -> Vec<u8> {
        let mut encoded = Vec::new();
        for part in [self.kind, self.user, self.row] {
            encoded.extend((part.len() as u64).to_be_bytes());
            encoded.extend(part.as_bytes());
        }
        encoded
    }
}

#[cfg(test)]
mod tests;
